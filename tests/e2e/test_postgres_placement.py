"""Short reads go on beside long ones, whichever connection they share.

Proof is the order in which things end and what the adapter counts: lookups begin and end while a long statement
runs.
"""

import time

import pytest
from harness import wait_until
from postgres import Postgres
from postgres_support import Clients, adapter_status, counters, in_background, serve_postgres

SLEEP = 1.0  # seconds of a long statement
SCHEMA = """
CREATE TABLE t (id int PRIMARY KEY, text text);
INSERT INTO t SELECT n, 'row ' || n FROM generate_series(0, 9999) AS n;
CREATE TABLE switch (slow bool);
INSERT INTO switch VALUES (false);
"""
PATIENT = {"limits": {"request_timeout": "10m"}}


def query(statement, **types):
    return {"statement": statement, "inputs": {name: {"type": type} for name, type in types.items()}, "timeout": "10m"}


QUERIES = {
    "lookup": query("SELECT id, text FROM t WHERE id = {{ inputs.id }}", id="int"),
    "sleep": query("SELECT pg_sleep({{ inputs.seconds }})", seconds="float"),
    "by-value": query("SELECT id, pg_sleep(CASE WHEN id = 13 THEN {{ inputs.seconds }}::float8 ELSE 0 END)"
                      " FROM t WHERE id = {{ inputs.id }}", id="int", seconds="float"),
    "by-data": query(f"SELECT pg_sleep(CASE WHEN slow THEN {SLEEP} ELSE 0 END) FROM switch"),
    "fails": query("SELECT 1 / ({{ inputs.id }}::int % 5) AS n", id="int"),
    "large": query("SELECT repeat('x', 1000) AS text FROM generate_series(1, {{ inputs.rows }}::int)", rows="int"),
    "write": query("UPDATE t SET text = text WHERE id = {{ inputs.id }}", id="int"),
}


@pytest.fixture(scope="module")
def postgres():
    with Postgres() as running:
        running.psql(SCHEMA)
        yield running


def serving(directory, postgres, **options):
    options = {"max_connections": 8, "acquire_timeout": "10m"} | options
    return serve_postgres(directory, postgres, QUERIES, options=options, server=PATIENT)


@pytest.fixture
def server(postgres, directory):
    with serving(directory, postgres) as running:
        yield running


def lookups(server, count=32):
    return Clients(server, "lookup", count, lambda number: {"id": number % 10_000})


def assert_right(clients):
    """Every request was answered, with the row that it asked for."""
    numbers = []
    for call in clients.calls:
        (row,) = call.answer.results
        assert row["text"] == f"row {row['id']}"
        numbers.append(row["id"])
    assert len(numbers) > 0


def prove_short(server, name, inputs):
    """Runs a read until it is placed on shared connections."""
    before = counters(server)["shared"]

    def shared():
        assert server.query(name, inputs).status == 200
        return counters(server)["shared"] >= before + 3

    wait_until(shared, f"{name} is shared")


def answered_while(clients, calls):
    """How many requests of the clients began and ended while each of `calls` was running: the fewest."""
    return min(len(clients.during(call.began, call.ended)) for call in calls)


def test_short_reads_share_connections(server):
    prove_short(server, "lookup", {"id": 1})
    before = counters(server)
    with lookups(server) as clients:
        clients.wait_for_answers(2000)
    after = counters(server)
    assert_right(clients)
    assert after["batches"] - before["batches"] < after["shared"] - before["shared"]  # some went together
    assert adapter_status(server)["connections_in_use"] + adapter_status(server)["connections_idle"] <= 8


def test_pipeline_off_shares_nothing(directory, postgres):
    with serving(directory, postgres, pipeline="off") as server:
        with lookups(server) as clients:
            clients.wait_for_answers(500)
        assert_right(clients)
        assert counters(server)["shared"] == counters(server)["batches"] == 0
        assert counters(server)["apart"] >= 500


def test_lookups_go_on_beside_a_burst_of_long_reads(server):
    """More long reads than the pool has connections: those wait for each other, the lookups for nobody."""
    prove_short(server, "lookup", {"id": 1})
    with lookups(server) as clients, Clients(server, "sleep", 12, lambda number: {"seconds": SLEEP}) as sleepers:
        wait_until(lambda: len(sleepers.calls) >= 12, "the long reads end")
    assert_right(clients)
    assert sleepers.statuses == {200}
    assert answered_while(clients, sleepers.calls) > 0


def test_long_reads_that_were_there_first_do_not_keep_lookups_waiting(directory, postgres):
    """Nothing has been proved short yet."""
    with serving(directory, postgres) as server:
        with Clients(server, "sleep", 4, lambda number: {"seconds": SLEEP}) as sleepers:
            wait_until(lambda: counters(server)["apart"] >= 4, "the long reads run")
            with lookups(server) as clients:
                wait_until(lambda: len(sleepers.calls) >= 4, "the long reads end")
        assert_right(clients)
        assert answered_while(clients, sleepers.calls) > 0


def test_a_read_that_is_long_for_one_value_is_moved_away(server):
    prove_short(server, "lookup", {"id": 1})
    prove_short(server, "by-value", {"id": 1, "seconds": SLEEP})
    before = counters(server)
    with lookups(server) as clients:
        clients.wait_for_answers(200)
        began = time.monotonic()
        answer = server.query("by-value", {"id": 13, "seconds": SLEEP})
        ended = time.monotonic()
    assert [row["id"] for row in answer.results] == [13]
    assert_right(clients)
    assert counters(server)["moved"] > before["moved"]
    assert len(clients.during(began, ended)) > 0


def test_a_read_that_is_long_for_one_value_in_a_hundred(server):
    prove_short(server, "lookup", {"id": 1})
    prove_short(server, "by-value", {"id": 1, "seconds": SLEEP})

    def inputs(number):
        return {"id": 13 if number % 100 == 99 else 1, "seconds": 0.2}

    with lookups(server, 16) as clients, Clients(server, "by-value", 16, inputs) as mixed:
        wait_until(lambda: sum(1 for call in list(mixed.calls) if call.seconds >= 0.2) >= 20, "twenty long ones")
    assert_right(clients)
    assert mixed.statuses == {200}


def test_a_read_that_turns_long_with_the_data(server, postgres):
    prove_short(server, "lookup", {"id": 1})
    prove_short(server, "by-data", {})
    postgres.psql("UPDATE switch SET slow = true")
    try:
        with lookups(server) as clients:
            clients.wait_for_answers(200)
            with Clients(server, "by-data", 3) as long:
                wait_until(lambda: len(long.calls) >= 3, "the long ones end")
    finally:
        postgres.psql("UPDATE switch SET slow = false")
    assert_right(clients)
    assert long.statuses == {200}
    assert answered_while(clients, long.calls) > 0


def test_a_read_that_is_short_again_shares_again(server):
    prove_short(server, "by-value", {"id": 1, "seconds": 0.1})
    assert server.query("by-value", {"id": 13, "seconds": 0.1}).status == 200
    apart = counters(server)["apart"]
    assert server.query("by-value", {"id": 1, "seconds": 0.1}).status == 200
    assert counters(server)["apart"] == apart + 1  # it has to prove itself anew
    prove_short(server, "by-value", {"id": 1, "seconds": 0.1})


def test_a_large_result_leaves_the_shared_connections(server):
    prove_short(server, "lookup", {"id": 1})
    prove_short(server, "large", {"rows": 1})
    with lookups(server) as clients, Clients(server, "large", 2, lambda number: {"rows": 500}) as large:
        wait_until(lambda: len(large.calls) >= 20, "large results")
    assert_right(clients)
    assert all(len(call.answer.results) == 500 for call in large.calls)
    apart = counters(server)["apart"]
    server.query("large", {"rows": 500})
    assert counters(server)["apart"] == apart + 1


def test_what_fails_costs_its_neighbours_nothing(server):
    """Those that the server skipped after it are sent again: they never ran."""
    prove_short(server, "lookup", {"id": 1})
    prove_short(server, "fails", {"id": 1})
    with lookups(server, 24) as clients, Clients(server, "fails", 8, lambda number: {"id": number}) as failing:
        clients.wait_for_answers(3000)
        wait_until(lambda: counters(server)["resent"] > 0, "a neighbour is sent again")
    assert_right(clients)
    assert failing.statuses == {200, 400}
    for call in failing.calls:
        if call.answer.status == 200:
            (row,) = call.answer.results
            assert row["n"] in (0, 1)


def test_writes_never_share(server):
    prove_short(server, "lookup", {"id": 1})
    shared = counters(server)["shared"]
    with Clients(server, "write", 4, lambda number: {"id": number % 100}) as writes:
        writes.wait_for_answers(100)
    assert counters(server)["shared"] == shared
    assert writes.statuses == {200}


def test_writes_wait_for_a_connection_beside_shared_reads(server):
    """The shared connections do not take the whole pool, not even a small one."""
    prove_short(server, "lookup", {"id": 1})
    with lookups(server) as clients, Clients(server, "write", 4, lambda number: {"id": number % 100}) as writes:
        clients.wait_for_answers(500)
        writes.wait_for_answers(50)
    assert writes.statuses == {200}
    assert_right(clients)


@pytest.mark.parametrize("connections", [1, 2])
def test_a_pool_of_very_few_connections_serves_everything(directory, postgres, connections):
    with serving(directory, postgres, max_connections=connections) as server:
        assert server.query("lookup", {"id": 1}).status == 200
        with (lookups(server, 8) as clients,
              Clients(server, "write", 2, lambda number: {"id": number % 100}) as writes,
              Clients(server, "sleep", 2, lambda number: {"seconds": 0.05}) as sleepers):
            clients.wait_for_answers(200)
            writes.wait_for_answers(10)
            sleepers.wait_for_answers(5)
        assert writes.statuses == sleepers.statuses == {200}
        assert_right(clients)
        used = int(postgres.psql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'hyperterse'"))
        assert used <= connections


def test_one_client_alone_is_served_while_a_long_read_runs(server):
    began = time.monotonic()
    running = in_background(server.query, "sleep", {"seconds": 5 * SLEEP})
    wait_until(lambda: counters(server)["apart"] >= 1, "it runs")
    for number in range(50):
        assert server.query("lookup", {"id": number}).results == [{"id": number, "text": f"row {number}"}]
    assert time.monotonic() - began < 5 * SLEEP  # before the long one ended
    assert running().status == 200
