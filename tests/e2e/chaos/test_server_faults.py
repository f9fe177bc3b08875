"""A PostgreSQL server that is killed, restarted, full, out of memory, or changed, under load; and the recovery."""

import os
import signal

import pytest
from harness import wait_until
from postgres import Postgres
from postgres_support import (
    Clients,
    adapter_status,
    is_ready,
    measure_recovery,
    serve_postgres,
    wait_for_statements,
)

SCHEMA = """
CREATE TABLE t (id int PRIMARY KEY, text text);
INSERT INTO t SELECT n, 'row ' || n FROM generate_series(0, 999) AS n;
CREATE TABLE added (n int);
CREATE TABLE changing (id int PRIMARY KEY, a int);
INSERT INTO changing VALUES (1, 10);
"""
QUERIES = {
    "lookup": {"statement": "SELECT id, text FROM t WHERE id = {{ inputs.id }}", "inputs": {"id": {"type": "int"}}},
    "add": "INSERT INTO added VALUES (1)",
    "slow": {"statement": "SELECT pg_sleep(600) /* slow-read */", "timeout": "10m"},
    "slow-write": {"statement": "INSERT INTO added SELECT 2 FROM pg_sleep(600) /* slow-write */", "timeout": "10m"},
    "changing": {"statement": "SELECT * FROM changing WHERE id = {{ inputs.id }}", "inputs": {"id": {"type": "int"}}},
    "spill": "SELECT n FROM generate_series(1, 300000) AS n ORDER BY n DESC",
    "hungry": "SELECT length(repeat('x', 200 * 1000 * 1000)) AS n",
    "backend": "SELECT pg_backend_pid() AS pid",
}
OURS = "application_name = 'hyperterse'"


@pytest.fixture(scope="module")
def postgres():
    """With the durability that counting acknowledged writes needs; a crash of the machine is not in the game."""
    with Postgres(settings={"synchronous_commit": "on", "temp_file_limit": "1MB", "work_mem": "64kB"}) as running:
        running.psql(SCHEMA)
        yield running


@pytest.fixture
def server(directory, postgres):
    postgres.psql("TRUNCATE added")
    with serve_postgres(directory, postgres, QUERIES, options={"max_connections": 8},
                        server={"limits": {"request_timeout": "10m"}}) as running:
        yield running


def lookups(server, count=8):
    return Clients(server, "lookup", count, lambda number: {"id": number % 1000})


def assert_answered(clients, statuses):
    """Every request has an answer of one of these statuses."""
    for call in clients.calls:
        assert call.answer is not None and call.answer.status in statuses, call


def assert_right(clients, statuses=frozenset({200})):
    """Every request has an answer of one of these statuses, and the good ones are right."""
    assert_answered(clients, statuses)
    for call in clients.calls:
        if call.answer.status == 200:
            (row,) = call.answer.results
            assert row["text"] == f"row {row['id']}"
        else:
            assert call.answer.json["code"] in ("unavailable", "overloaded")


def serves(server):
    return server.query("lookup", {"id": 7}).status == 200


def written(writes):
    return sum(1 for call in writes.calls if call.answer.status == 200)


@pytest.mark.parametrize("how", ["kill", "immediate", "fast"])
def test_a_server_that_is_killed_and_restarted_under_load(server, postgres, how):
    with lookups(server) as clients, Clients(server, "add", 4) as writes:
        clients.wait_for_answers(200)
        writes.wait_for_answers(20)
        if how == "kill":
            postgres.kill()
        else:
            postgres.stop(how)
        clients.wait_for_answers(20, 503)
        writes.wait_for_answers(20, 503)
        wait_until(lambda: not is_ready(server), "not ready")
        postgres.start()
        measure_recovery(f"server {how} and restart", lambda: serves(server))
        clients.wait_for_answers(200)
        writes.wait_for_answers(20)
    assert_right(clients, {200, 503})
    wait_until(lambda: is_ready(server), "ready")
    # No write is lost that was acknowledged; none ran twice.
    failed = len(writes.calls) - written(writes)
    count = int(postgres.psql("SELECT count(*) FROM added"))
    assert written(writes) <= count <= written(writes) + failed


def test_a_write_in_flight_fails_and_is_not_repeated(server, postgres):
    with server.connect() as raw:
        raw.post("/query/slow-write")
        wait_for_statements(postgres, "slow-write", 1)
        postgres.psql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {OURS} AND query LIKE '%slow-write%'")
        raw.answer().failed_as(503, "unavailable")
    wait_for_statements(postgres, "slow-write", 0)
    measure_recovery("a write whose backend was terminated", lambda: serves(server))


def test_a_read_in_flight_is_tried_again_once(server, postgres):
    terminate = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {OURS} AND query LIKE '%slow-read%' AND state = 'active'"
    pid_of = f"SELECT pid FROM pg_stat_activity WHERE {OURS} AND query LIKE '%slow-read%' AND state = 'active'"
    with server.connect() as raw:
        raw.post("/query/slow")
        wait_for_statements(postgres, "slow-read", 1)
        first = postgres.psql(pid_of)
        postgres.psql(terminate)
        wait_until(lambda: postgres.psql(pid_of) not in ("", first), "the read runs again elsewhere")
        postgres.psql(terminate)
        raw.answer().failed_as(503, "unavailable")
    measure_recovery("a read whose backend was terminated twice", lambda: serves(server))


def test_idle_connections_that_the_server_ended_cost_nobody_anything(server, postgres):
    for _ in range(5):
        with lookups(server) as clients:
            clients.wait_for_answers(50)
        postgres.psql(f"SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE {OURS}")  # waits for their end
        assert serves(server)
        assert server.query("add").json["rows_affected"] == 1


def test_backends_that_are_terminated_under_load(server, postgres):
    with lookups(server) as clients:
        for _ in range(10):
            clients.wait_for_answers(50)
            postgres.psql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {OURS}")
        clients.wait_for_answers(200)
    assert_right(clients, {200, 503})
    good = sum(1 for call in clients.calls if call.answer.status == 200)
    assert good > 0.9 * len(clients.calls)
    measure_recovery("all backends terminated under load", lambda: serves(server))


def test_the_server_s_connection_limit_is_reached(directory):
    """Others hold them; those that the pool has go on serving, and the rest come when they are free."""
    with Postgres(settings={"max_connections": "8", "superuser_reserved_connections": "2"}) as postgres:
        postgres.psql(SCHEMA + "CREATE ROLE plain LOGIN; GRANT ALL ON ALL TABLES IN SCHEMA public TO plain")
        with serve_postgres(directory, postgres.connection("plain"), QUERIES, options={"max_connections": 6}) as server:
            assert serves(server)
            others = [postgres.session() for _ in range(5)]
            for each in others:
                each.run("SELECT 1")
            with lookups(server) as clients, Clients(server, "add", 6) as writes:
                clients.wait_for_answers(100)
                writes.wait_for_answers(20)  # neither kind keeps the few connections from the other
            assert_right(clients, {200, 503})
            assert_answered(writes, {200, 503})
            for each in others:
                each.close()
            measure_recovery("connections are free again", lambda: serves(server))

            def all_good():
                with Clients(server, "add", 6) as writes:
                    wait_until(lambda: len(writes.calls) >= 30, "writes are answered")
                return writes.statuses == {200}

            wait_until(all_good, "nothing fails any more")


def test_the_server_s_connection_limit_at_the_start(directory):
    with Postgres(settings={"max_connections": "4", "superuser_reserved_connections": "3"}) as postgres:
        postgres.psql(SCHEMA + "CREATE ROLE plain LOGIN; GRANT ALL ON ALL TABLES IN SCHEMA public TO plain")
        with postgres.session() as other:
            other.run("SELECT 1")
            with serve_postgres(directory, postgres.connection("plain"), QUERIES, options={"max_connections": 1}) as server:
                server.query("lookup", {"id": 1}).failed_as(503, "unavailable")
                assert not is_ready(server)
                other.close()
                measure_recovery("a connection is free after the start", lambda: serves(server))


def test_a_schema_that_changes_under_prepared_statements(server, postgres):
    """The next execution has the new columns; nothing fails."""
    changes = [
        ("ALTER TABLE changing ADD COLUMN b text DEFAULT 'new'", {"id": 1, "a": 10, "b": "new"}),
        ("ALTER TABLE changing ALTER COLUMN a TYPE text", {"id": 1, "a": "10", "b": "new"}),
        ("ALTER TABLE changing DROP COLUMN b", {"id": 1, "a": "10"}),
        ("ALTER TABLE changing RENAME COLUMN a TO c", {"id": 1, "c": "10"}),
    ]
    with Clients(server, "changing", 6, lambda number: {"id": 1}) as clients, lookups(server, 4) as others:
        for change, expected in changes:
            clients.wait_for_answers(50)
            postgres.psql(change)
            (row,) = server.query("changing", {"id": 1}).results
            assert row == expected
            clients.wait_for_answers(50)
    assert_right(others)
    assert clients.statuses == {200}
    shapes = [expected for _, expected in changes] + [{"id": 1, "a": 10}]
    assert all(call.answer.results[0] in shapes for call in clients.calls)


def test_prepared_statements_that_are_gone(server, postgres):
    """As after DISCARD ALL by somebody who shares the server's session."""
    for _ in range(5):
        assert serves(server)
    queries = {"discard": {"statement": "DEALLOCATE ALL", "effect": "write"}} | QUERIES
    with serve_postgres(server.directory, postgres, queries, options={"max_connections": 1}) as other:
        for _ in range(5):
            assert serves(other)
            assert other.query("discard").status == 200
            assert serves(other)


def test_a_disk_that_is_full_for_temporary_files(server):
    for _ in range(5):
        server.query("spill").failed_as(503, "overloaded")
        assert serves(server)
    measure_recovery("temporary files over their limit", lambda: serves(server))


def test_a_server_that_is_out_of_memory(directory):
    """Its processes get no more; the statement fails, the connection stays, and others are served."""
    with Postgres(memory=250_000_000) as postgres:
        postgres.psql(SCHEMA)
        with serve_postgres(directory, postgres, QUERIES) as server, lookups(server, 4) as clients:
            for _ in range(5):
                server.query("hungry").failed_as(503, "unavailable")
                clients.wait_for_answers(20)
            assert clients.statuses == {200}
            postgres.memory = None
            postgres.restart()
            measure_recovery("the server has memory again", lambda: serves(server))
            wait_until(lambda: server.query("hungry").status == 200, "there is memory for it")
        assert_right(clients, {200, 503})


def test_a_server_in_recovery_is_waited_for(server, postgres):
    """A backend that crashes makes the server end all others and recover by itself."""
    assert serves(server)
    pid = int(postgres.psql(f"SELECT max(pid) FROM pg_stat_activity WHERE {OURS}"))
    with lookups(server, 4) as clients:
        clients.wait_for_answers(20)
        os.kill(pid, signal.SIGKILL)
        measure_recovery("a backend crashed", lambda: serves(server))
        clients.wait_for_answers(50)
    assert_right(clients, {200, 503})


def test_nothing_is_left_in_the_pool(server, postgres):
    with lookups(server) as clients:
        clients.wait_for_answers(100)
        postgres.restart()
        measure_recovery("restart", lambda: serves(server))
    wait_until(lambda: adapter_status(server)["connections_in_use"] <= 4, "only shared connections are in use")
    count = int(postgres.psql(f"SELECT count(*) FROM pg_stat_activity WHERE {OURS}"))
    shown = adapter_status(server)
    assert count <= 8 and shown["waiting"] == 0
