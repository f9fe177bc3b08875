"""Several hosts in one connection string, and several adapters of one query: the next takes over."""

import pytest
from harness import configuration, serve, wait_until
from postgres import Postgres
from postgres_support import ADMIN, Clients, is_ready, measure_recovery, serve_postgres

SCHEMA = "CREATE TABLE which (name text); CREATE TABLE added (n int);"
QUERIES = {"which": "SELECT name FROM which", "add": "INSERT INTO added VALUES (1)"}


@pytest.fixture(scope="module")
def clusters():
    with Postgres(tcp=True) as first, Postgres(tcp=True) as second:
        for name, server in (("first", first), ("second", second)):
            server.psql(f"{SCHEMA} INSERT INTO which VALUES ('{name}')")
        yield first, second


@pytest.fixture
def servers(clusters):
    """Two, which tell which of them they are. Running and as they were at the begin."""
    for each in clusters:
        each.restart()
        each.psql("TRUNCATE added")
    return clusters


def both(servers, **words):
    words = {"host": "127.0.0.1,127.0.0.1", "port": ",".join(str(each.port) for each in servers),
             "user": "postgres", "dbname": "postgres"} | words
    return " ".join(f"{name}={value}" for name, value in words.items())


def answers(server, name):
    answer = server.query("which")
    return answer.status == 200 and answer.results == [{"name": name}]


@pytest.mark.parametrize("how", ["kill", "fast"])
def test_the_second_host_takes_over(directory, servers, how):
    first, second = servers
    with serve_postgres(directory, both(servers), QUERIES, options={"target_session_attrs": "read-write"}) as server:
        assert answers(server, "first")
        with Clients(server, "which", 8) as clients, Clients(server, "add", 2) as writes:
            clients.wait_for_answers(100)
            first.kill() if how == "kill" else first.stop(how)
            measure_recovery(f"failover after {how}", lambda: answers(server, "second"))
            clients.wait_for_answers(100)
            writes.wait_for_answers(10)
        assert clients.statuses <= {200, 503} and writes.statuses <= {200, 503}
        assert int(second.psql("SELECT count(*) FROM added")) > 0
        assert is_ready(server)


def test_the_primary_becomes_a_standby(directory, servers):
    """The session that only reads is left for the one that may write, once it is closed."""
    first, second = servers
    options = {"target_session_attrs": "read-write", "max_lifetime": "1s"}
    with serve_postgres(directory, both(servers), QUERIES, options=options) as server:
        assert answers(server, "first")
        first.psql("ALTER SYSTEM SET default_transaction_read_only = on")
        first.reload()
        measure_recovery("the second host may write", lambda: answers(server, "second"))


def test_reads_go_to_a_replica_while_the_primary_is_down(directory, servers):
    first, second = servers
    adapters = {name: {"connector": "postgres", "connection_string": each.connection_string}
                for name, each in (("primary", first), ("replica", second))}
    queries = {
        "which": {"use": ["primary", "replica"], "statement": "SELECT name FROM which"},
        "add": {"use": ["primary", "replica"], "statement": "INSERT INTO added VALUES (1)"},
    }
    with serve(directory, configuration(queries, adapters=adapters, server=ADMIN)) as server:
        assert answers(server, "first")
        with Clients(server, "which", 8) as clients:
            clients.wait_for_answers(50)
            first.kill()
            measure_recovery("reads from the replica", lambda: answers(server, "second"))
            clients.wait_for_answers(50)
            server.query("add").failed_as(503, "unavailable")  # a write never goes elsewhere
            first.start()
            measure_recovery("reads from the primary again", lambda: answers(server, "first"))
        assert clients.statuses <= {200, 503}
        wait_until(lambda: server.query("add").status == 200, "writes again")
        assert second.psql("SELECT count(*) FROM added") == "0"
