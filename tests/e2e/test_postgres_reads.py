"""A read changes nothing, whatever its statement tries, and neither does what runs after it on its connection."""

import pytest
from harness import run_program, serve, write_project
from pgbouncer import PgBouncer
from postgres import Postgres
from postgres_support import Clients, postgres_configuration, serve_postgres

SCHEMA = """
CREATE TABLE t (n int);
INSERT INTO t VALUES (1), (2);
CREATE SEQUENCE s;
CREATE FUNCTION writing(v int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN INSERT INTO t VALUES (v); RETURN v; END $$;
CREATE FUNCTION lying(v int) RETURNS int STABLE LANGUAGE sql AS 'SELECT writing(v)';
CREATE FUNCTION dynamic(v text) RETURNS int LANGUAGE plpgsql AS $$ BEGIN EXECUTE v; RETURN 1; END $$;
CREATE FUNCTION freeing() RETURNS int LANGUAGE plpgsql AS $$ BEGIN
    SET default_transaction_read_only = off;
    SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE;
    PERFORM set_config('default_transaction_read_only', 'off', false);
    RETURN 1;
END $$;
CREATE FUNCTION freeing_now() RETURNS int LANGUAGE plpgsql AS $$ BEGIN
    SET TRANSACTION READ WRITE;
    RETURN writing(1);
END $$;
CREATE FUNCTION swallowing() RETURNS int LANGUAGE plpgsql AS $$ BEGIN
    BEGIN PERFORM writing(1); EXCEPTION WHEN OTHERS THEN NULL; END;
    RETURN 1;
END $$;
CREATE PROCEDURE committing() LANGUAGE plpgsql AS $$ BEGIN INSERT INTO t VALUES (1); COMMIT; END $$;
CREATE VIEW v AS SELECT n FROM t;
CREATE RULE r AS ON UPDATE TO v DO INSTEAD DELETE FROM t;
"""
# What an attempt could change: one text, the same as long as nothing was changed.
STATE = """SELECT md5(string_agg(x, '|')) FROM (
    (SELECT n::text AS x FROM t ORDER BY n) UNION ALL
    (SELECT last_value || ' ' || is_called FROM s) UNION ALL
    (SELECT concat_ws(' ', relname, relacl) FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY relname) UNION ALL
    (SELECT rolname FROM pg_roles ORDER BY 1)
) AS all_of_it"""

# Statements that look like reads, each of which changes something in a session that lets it.
HIDDEN = {
    "nextval": "SELECT nextval('s') AS n",
    "setval": "SELECT setval('s', 100) AS n",
    "a function": "SELECT writing(1) AS n",
    "a function that says it only reads": "SELECT lying(1) AS n",
    "a function that runs text": "SELECT dynamic('DELETE FROM t') AS n",
    "a function in FROM": "SELECT * FROM writing(1)",
    "a function in WHERE": "SELECT n FROM t WHERE writing(n + 10) > 0",
    "a function in ORDER BY": "SELECT n FROM t ORDER BY writing(n + 10)",
    "a function in a default of VALUES": "VALUES (writing(1))",
    "a function in a lateral join": "SELECT x FROM t, LATERAL writing(t.n) AS x",
    "a function in an aggregate": "SELECT sum(writing(n + 10)) FROM t",
    "a function behind a comment": "SELECT /* harmless */ writing(1) -- really",
    "a function with a quoted name": 'SELECT "writing"(1) AS n',
    "a function with a unicode name": "SELECT U&\"wri\\0074ing\"(1) AS n",
    "a DDL in a function": "SELECT dynamic('CREATE TABLE more (n int)') AS n",
    "a GRANT in a function": "SELECT dynamic('GRANT ALL ON t TO public') AS n",
    "a role in a function": "SELECT dynamic('CREATE ROLE intruder SUPERUSER') AS n",
    "a TRUNCATE in a function": "SELECT dynamic('TRUNCATE t') AS n",
    "a COPY in a function": "SELECT dynamic('COPY t FROM PROGRAM ''echo 5''') AS n",
    "a DO in a function": "SELECT dynamic('DO $$ BEGIN DELETE FROM t; END $$') AS n",
    "an XML query": "SELECT query_to_xml('SELECT writing(1)', true, true, '')",
}
# The same that say so: with effect: read they do not even load, or the server does not run them.
OPEN = {
    "insert": "INSERT INTO t VALUES (1)",
    "data-modifying CTE": "WITH gone AS (DELETE FROM t RETURNING n) SELECT n FROM gone",
    "data-modifying CTE behind comments": "WITH gone AS (/* SELECT */ DELETE -- SELECT\n FROM t RETURNING n) SELECT n FROM gone",
    "data-modifying CTE, recursive": "WITH RECURSIVE a AS (SELECT 1), b AS (UPDATE t SET n = 9 RETURNING n) SELECT n FROM b",
    "SELECT INTO": "SELECT n INTO more FROM t",
    "SELECT INTO behind comments": "SELECT n /* ; */ INTO/**/more FROM t",
    "CREATE TABLE AS": "CREATE TABLE more AS SELECT n FROM t",
    "FOR UPDATE": "SELECT n FROM t FOR UPDATE",
    "DO": "DO $$ BEGIN DELETE FROM t; END $$",
    "CALL": "CALL committing()",
    "EXPLAIN ANALYZE of a write": "EXPLAIN ANALYZE DELETE FROM t",
    "EXPLAIN with options": "EXPLAIN (COSTS off, ANALYZE) DELETE FROM t",
    "a rule": "UPDATE v SET n = 5",
    "MERGE": "MERGE INTO t USING (VALUES (1)) AS x (n) ON t.n = x.n WHEN MATCHED THEN DELETE",
    "TRUNCATE": "TRUNCATE t",
    "DROP": "DROP TABLE t CASCADE",
    "LOCK": "LOCK TABLE t",
    "COPY from a program": "COPY t FROM PROGRAM 'echo 5'",
    "COPY to a program": "COPY t TO PROGRAM 'cat > /dev/null'",
    "COPY to the client": "COPY t TO STDOUT",
    "COPY from the client": "COPY t FROM STDIN",
    "PREPARE": "PREPARE p AS DELETE FROM t",
    "two statements": "SELECT 1; DELETE FROM t",
    "two statements behind a comment": "SELECT 1 /* ; */ ; /* */ DELETE FROM t",
    "the end of the transaction": "COMMIT; DELETE FROM t",
    "SET TRANSACTION READ WRITE": "SET TRANSACTION READ WRITE",
    "BEGIN READ WRITE": "BEGIN READ WRITE",
    "SET SESSION CHARACTERISTICS": "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE",
    "SET": "SET default_transaction_read_only = off",
    "RESET ALL": "RESET ALL",
    "DISCARD ALL": "DISCARD ALL",
}
# Reads that free their session of its bounds, for what comes after them on the same connection.
FREEING = {
    "set_config": "SELECT set_config('default_transaction_read_only', 'off', false) AS v",
    "set_config of the transaction": "SELECT set_config('transaction_read_only', 'off', false) AS v",
    "a function": "SELECT freeing() AS n",
    "a function that runs text": "SELECT dynamic('SET default_transaction_read_only = off') AS n",
    "all settings": "SELECT dynamic('RESET ALL') AS n",
    "a setting of the function's transaction": "SELECT set_config('default_transaction_read_only', 'off', true) AS v",
}


@pytest.fixture(scope="module")
def postgres():
    with Postgres() as running:
        running.psql(SCHEMA)
        yield running


def named(statements):
    """A valid name for each."""
    return {f"q{index}": statement for index, statement in enumerate(statements.values())}


@pytest.fixture(scope="module")
def reads(postgres, module_directory):
    """Every hidden write, with the effect that is derived from its words."""
    with serve_postgres(module_directory, postgres, named(HIDDEN), options={"max_connections": 2}) as running:
        yield running


@pytest.mark.parametrize("number", range(len(HIDDEN)), ids=list(HIDDEN))
def test_a_hidden_write_changes_nothing(reads, postgres, number):
    before = postgres.psql(STATE)
    for _ in range(3):
        answer = reads.get(f"q{number}")  # GET: it counts as a read
        assert answer.status in (500, 503), answer.text
    assert postgres.psql(STATE) == before


@pytest.mark.parametrize("how", ["swallowing", "freeing_now"])
def test_a_function_that_hides_its_failure_changes_nothing(directory, postgres, how):
    with serve_postgres(directory, postgres, {"hidden": f"SELECT {how}() AS n"}) as server:
        before = postgres.psql(STATE)
        for _ in range(3):
            server.get("hidden")
        assert postgres.psql(STATE) == before


@pytest.mark.parametrize("name", OPEN)
def test_an_open_write_is_no_read(directory, postgres, name):
    """Either the configuration does not load, or the server refuses the statement; GET never runs it."""
    before = postgres.psql(STATE)
    statement = {"statement": OPEN[name], "effect": "read"}
    path = write_project(directory, postgres_configuration(postgres, {"attempt": statement, "one": "SELECT 1 AS n"}))
    checked = run_program("validate", "-f", path.name, cwd=directory)
    if checked.returncode == 0:
        with serve(directory, path.read_text()) as server:
            for _ in range(2):
                assert server.get("attempt").status in (500, 503)
                assert server.query("one").results == [{"n": 1}]
    else:
        assert checked.returncode == 1 and "config.terse:" in checked.stderr
    assert postgres.psql(STATE) == before


@pytest.mark.parametrize("pipeline", ["auto", "off"])
@pytest.mark.parametrize("name", FREEING)
def test_a_read_cannot_free_the_ones_after_it(directory, postgres, name, pipeline):
    queries = {"freeing": FREEING[name], "writing": "SELECT writing(77) AS n", "next": "SELECT nextval('s') AS n"}
    before = postgres.psql(STATE)
    options = {"max_connections": 1, "pipeline": pipeline}
    with serve_postgres(directory, postgres, queries, options=options) as server:
        for _ in range(5):
            server.get("freeing")
            for each in ("writing", "next"):
                server.get(each).failed_as(500, "internal")
        assert postgres.psql(STATE) == before


def test_a_read_cannot_free_those_that_share_its_connection(directory, postgres):
    """Under load, so that they are sent together."""
    queries = {"freeing": FREEING["set_config"], "writing": "SELECT writing(77) AS n", "one": "SELECT 1 AS n"}
    before = postgres.psql(STATE)
    with serve_postgres(directory, postgres, queries, options={"max_connections": 2}) as server:
        with Clients(server, "one", 4) as ones, Clients(server, "freeing", 4) as freeing, Clients(server, "writing", 4) as writing:
            ones.wait_for_answers(300)
            freeing.wait_for_answers(50)
            writing.wait_for_answers(50, 500)
        assert ones.statuses == {200} and writing.statuses == {500}
    assert postgres.psql(STATE) == before


@pytest.mark.parametrize("pooled", [False, True])
def test_a_write_does_not_free_the_read_after_it(directory, postgres, pooled):
    """On the same connection; through a pooler too."""
    queries = {"writing": {"statement": "SELECT writing(5) AS n", "effect": "write"}, "hidden": "SELECT writing(77) AS n"}
    with PgBouncer(postgres, pool_size=1) as pooler:
        options = {"max_connections": 1}
        with serve_postgres(directory, pooler if pooled else postgres, queries, options=options) as server:
            for _ in range(5):
                assert server.query("writing").results == [{"n": 5}]
                server.query("hidden").failed_as(500, "internal")
    assert postgres.psql("SELECT count(*) FROM t WHERE n = 77") == "0"


def test_the_same_statements_change_something_where_the_query_says_so(directory, postgres):
    """Else the tests above would prove nothing."""
    queries = {name: {"statement": text, "effect": "write"} for name, text in named(HIDDEN).items()}
    with serve_postgres(directory, postgres, queries) as server:
        for name, text in queries.items():
            before = postgres.psql(STATE)
            answer = server.query(name)
            assert answer.status == 200, f"{text}: {answer.text}"
            assert postgres.psql(STATE) != before, text
            postgres.psql("DELETE FROM t; INSERT INTO t VALUES (1), (2); DROP TABLE IF EXISTS more;"
                          " DROP ROLE IF EXISTS intruder; REVOKE ALL ON t FROM public")


def test_an_adapter_that_only_reads_refuses_every_write(directory, postgres):
    queries = {"writing": {"statement": "SELECT writing(5) AS n", "effect": "write"}, "insert": OPEN["insert"], "one": "SELECT 1 AS n"}
    before = postgres.psql(STATE)
    path = write_project(directory, postgres_configuration(postgres, queries, options={"read_only": True}))
    if run_program("validate", "-f", path.name, cwd=directory).returncode == 0:
        with serve(directory, path.read_text()) as server:
            assert server.query("one").results == [{"n": 1}]
            for name in ("writing", "insert"):
                assert server.query(name).status in (500, 503)
    assert postgres.psql(STATE) == before
