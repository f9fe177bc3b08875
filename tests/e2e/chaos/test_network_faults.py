"""A network between the program and PostgreSQL that refuses, resets, stalls, delays, cuts and drips; and the recovery."""

import http.client
import json
import signal
import time

import pytest
from fault_proxy import FaultProxy
from harness import wait_until
from postgres import SOCKET_PORT, Postgres
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
"""
QUERIES = {
    "lookup": {"statement": "SELECT id, text FROM t WHERE id = {{ inputs.id }}", "inputs": {"id": {"type": "int"}},
               "timeout": "2s"},
    "add": {"statement": "INSERT INTO added VALUES (1)", "timeout": "2s"},
    "slow": {"statement": "SELECT pg_sleep(600) /* slow-read */", "timeout": "10m"},
    "rows": {"statement": "SELECT n, repeat('x', 100) AS x FROM generate_series(1, {{ inputs.count }}::int) AS n",
             "inputs": {"count": {"type": "int"}}, "timeout": "1m", "max_rows": 1_000_000},
}


@pytest.fixture(scope="module")
def postgres():
    with Postgres() as running:
        running.psql(SCHEMA)
        yield running


@pytest.fixture
def proxy(postgres):
    with FaultProxy(postgres.directory / f".s.PGSQL.{SOCKET_PORT}") as running:
        yield running


def serving(directory, proxy, *, limits=None, **options):
    connection = f"host=127.0.0.1 port={proxy.port} user=postgres dbname=postgres"
    return serve_postgres(directory, connection, QUERIES, options={"max_connections": 6, "connect_timeout": "1s"} | options,
                          server={"limits": {"request_timeout": "10m"} | (limits or {})})


@pytest.fixture
def server(directory, proxy):
    with serving(directory, proxy) as running:
        yield running
        proxy.passing()


def lookups(server, count=8):
    return Clients(server, "lookup", count, lambda number: {"id": number % 1000})


def assert_answered(clients, statuses):
    """Every request has an answer of one of these statuses."""
    for call in clients.calls:
        assert call.answer is not None and call.answer.status in statuses, call


def assert_right(clients, statuses):
    """Every request has an answer of one of these statuses, and the good ones are right."""
    assert_answered(clients, statuses)
    for call in clients.calls:
        if call.answer.status == 200:
            (row,) = call.answer.results
            assert row["text"] == f"row {row['id']}"


def serves(server):
    return server.query("lookup", {"id": 7}).status == 200


def end_fault(server, proxy, what):
    """Makes the network well again and notes how long the program takes to serve."""
    proxy.passing()
    measure_recovery(what, lambda: serves(server))


def assert_whole(server):
    """The proof that every test ends with: it serves a load, and nothing is held for ever."""
    with lookups(server) as clients:
        clients.wait_for_answers(100)
    assert clients.statuses == {200}
    wait_until(lambda: is_ready(server), "ready")
    wait_until(lambda: adapter_status(server)["waiting"] == 0, "nobody waits")


def test_connections_are_refused_at_the_start(directory, proxy):
    proxy.refuse()
    with serving(directory, proxy) as server:
        server.query("lookup", {"id": 1}).failed_as(503, "unavailable")
        assert not is_ready(server)
        assert "refused" in adapter_status(server)["reason"]
        end_fault(server, proxy, "refused at the start")
        assert_whole(server)


def test_connections_are_refused_while_serving(server, proxy):
    with lookups(server) as clients:
        clients.wait_for_answers(100)
        proxy.refuse()
        proxy.reset_open()
        clients.wait_for_answers(20, 503)
        wait_until(lambda: not is_ready(server), "not ready")
        end_fault(server, proxy, "refused while serving")
        clients.wait_for_answers(100)
    assert_right(clients, {200, 503})
    assert_whole(server)


def test_connections_are_reset_under_load(server, proxy):
    with lookups(server) as clients, Clients(server, "add", 2) as writes:
        for _ in range(5):
            clients.wait_for_answers(50)
            proxy.reset_open()
        clients.wait_for_answers(50)
        writes.wait_for_answers(10)
        proxy.reset()
        clients.wait_for_answers(20, 503)
        end_fault(server, proxy, "reset under load")
        clients.wait_for_answers(50)
        writes.wait_for_answers(10)
    assert_right(clients, {200, 503})
    assert_answered(writes, {200, 503})
    assert_whole(server)


def test_the_network_stalls_at_the_start(directory, proxy):
    proxy.stall()
    with serving(directory, proxy) as server:
        server.query("lookup", {"id": 1}).failed_as(503, "unavailable")
        wait_until(lambda: adapter_status(server)["reason"], "the reason is known")
        assert server.request("GET", "/heartbeat").status == 200
        end_fault(server, proxy, "stalled at the start")
        assert_whole(server)


def test_the_network_stalls_while_connecting(server, proxy):
    """Those who need a new connection wait no longer than they may."""
    proxy.stall()
    proxy.reset_open()
    with Clients(server, "add", 4) as writes:
        wait_until(lambda: len(writes.calls) >= 8, "they are answered")
    assert_answered(writes, {503, 504})
    end_fault(server, proxy, "stalled while connecting")
    assert_whole(server)


def test_the_network_stalls_in_the_middle_of_queries(server, proxy):
    with lookups(server) as clients, Clients(server, "add", 2) as writes:
        clients.wait_for_answers(100)
        proxy.stall()
        clients.wait_for_answers(8, 504)
        wait_until(lambda: 504 in writes.statuses, "a write has run into its time-out")
        end_fault(server, proxy, "stalled in the middle of queries")
        clients.wait_for_answers(100)
        writes.wait_for_answers(10)
    assert_right(clients, {200, 503, 504})
    assert_answered(writes, {200, 503, 504})
    assert_whole(server)


def test_clients_leave_while_the_network_stalls(server, proxy, postgres):
    raws = [server.connect() for _ in range(4)]
    for raw in raws:
        raw.post("/query/slow")
    wait_for_statements(postgres, "slow-read", 4)
    proxy.stall()
    for raw in raws:
        raw.close()
    assert server.request("GET", "/heartbeat").status == 200
    time.sleep(0.2)
    end_fault(server, proxy, "clients left while it stalled")
    wait_for_statements(postgres, "slow-read", 0)
    assert_whole(server)


@pytest.mark.parametrize("when", ["before", "during"])
def test_the_network_stalls_while_draining(directory, proxy, postgres, when):
    """The process ends at its drain time-out; a request to cancel that cannot get through does not keep it."""
    with serving(directory, proxy, limits={"drain_timeout": "500ms"}) as server:
        with server.connect() as raw:
            raw.post("/query/slow")
            wait_for_statements(postgres, "slow-read", 1)
            if when == "before":
                proxy.stall()
            server.signal(signal.SIGTERM)
            server.wait_for_log(message="draining")
            proxy.stall()
            raw.rest()
        assert server.wait_exit() == 0
    proxy.passing()
    wait_for_statements(postgres, "slow-read", 0)


def test_a_long_way_to_the_server(server, proxy):
    assert serves(server)
    proxy.delay(0.05)
    with lookups(server, 16) as clients, Clients(server, "add", 2) as writes:
        clients.wait_for_answers(100)
        writes.wait_for_answers(5)
    assert_right(clients, {200})
    assert_answered(writes, {200})
    end_fault(server, proxy, "delay")
    assert_whole(server)


@pytest.mark.parametrize("length", [0, 1, 100, 500, 5_000])
def test_connections_that_end_after_so_many_bytes(server, proxy, length):
    """In the middle of connecting, of a head, of a row; whatever got through is right or an error."""
    proxy.cut_after(length)
    with lookups(server) as clients, Clients(server, "add", 2) as writes:
        wait_until(lambda: len(clients.calls) >= 50 and len(writes.calls) >= 4, "they are answered")
    assert_right(clients, {200, 503})
    assert_answered(writes, {200, 503})
    end_fault(server, proxy, f"cut after {length} bytes")
    assert_whole(server)


def rows_of(server, count):
    """The rows of a stream, or None when it was not complete: its connection ended, or the answer is an error."""
    try:
        answer = server.query("rows", {"count": count}, {"Accept": "application/x-ndjson"})
    except (http.client.HTTPException, OSError):
        return None
    if answer.status != 200:
        assert answer.status == 503
        return None
    lines = [json.loads(line) for line in answer.text.splitlines()]
    if any("error" in line for line in lines):
        return None
    return lines


@pytest.mark.parametrize("length", [10_000, 200_000, 3_000_000])
def test_a_stream_that_is_cut_is_never_taken_for_complete(server, proxy, length):
    proxy.cut_after(length)
    for _ in range(3):
        assert rows_of(server, 50_000) is None
    end_fault(server, proxy, f"stream cut after {length} bytes")
    assert_whole(server)
    assert len(rows_of(server, 50_000)) == 50_000


def test_a_slow_drip_of_a_result(server, proxy):
    assert serves(server)
    proxy.drip(200, 0.001)
    assert [row["n"] for row in rows_of(server, 500)] == list(range(1, 501))
    end_fault(server, proxy, "slow drip")
    assert_whole(server)


def test_a_server_that_drips_while_connecting(server, proxy):
    """More slowly than the time-out of connecting allows."""
    proxy.drip(1, 0.1)
    proxy.reset_open()
    with Clients(server, "add", 2) as writes:
        wait_until(lambda: len(writes.calls) >= 4, "they are answered")
    assert_answered(writes, {503, 504})
    end_fault(server, proxy, "slow drip while connecting")
    assert_whole(server)


def test_a_name_that_does_not_resolve(directory, postgres):
    connection = f"host=no-such-host.invalid port={SOCKET_PORT} user=postgres dbname=postgres"
    with serve_postgres(directory, connection, QUERIES) as server:
        server.query("lookup", {"id": 1}).failed_as(503, "unavailable")
        wait_until(lambda: "no-such-host.invalid" in adapter_status(server)["reason"], "the reason is known")
        assert server.request("GET", "/heartbeat").status == 200


def test_a_name_that_does_not_resolve_beside_one_that_does(directory, proxy):
    connection = f"host=no-such-host.invalid,127.0.0.1 port=5432,{proxy.port} user=postgres dbname=postgres sslmode=disable"
    with serve_postgres(directory, connection, QUERIES) as server:
        measure_recovery("a name of two does not resolve", lambda: serves(server))
        assert_whole(server)
        proxy.reset_open()
        measure_recovery("a name of two does not resolve, after a reset", lambda: serves(server))
        assert_whole(server)


def test_all_faults_one_after_the_other(server, proxy):
    """Under load, without a rest between them."""
    faults = [
        proxy.reset_open, lambda: proxy.cut_after(300), lambda: proxy.delay(0.01), proxy.stall, proxy.passing, proxy.close_open,
        proxy.reset, proxy.passing, lambda: proxy.drip(50, 0.001), proxy.stall, proxy.reset_open,
    ]
    with lookups(server) as clients, Clients(server, "add", 2) as writes:
        for fault in faults:
            fault()
            seen = len(clients.calls)
            wait_until(lambda: len(clients.calls) >= seen + 4, "answers, of whatever kind")
        end_fault(server, proxy, "all faults")
        clients.wait_for_answers(50)
        writes.wait_for_answers(5)
    assert_right(clients, {200, 503, 504})
    assert_answered(writes, {200, 503, 504})
    assert_whole(server)
