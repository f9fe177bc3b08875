"""Serving from PostgreSQL: values in and out, writes, and what becomes of the server's errors."""

import json

import pytest
from harness import statements_running, wait_until
from postgres import Postgres
from postgres_support import in_background, is_ready, serve_postgres, wait_for_statements
from test_hostile_values import CORPUS

SENTINEL = "sentinel-of-the-server"  # part of what the server says; no client may see it
SCHEMA = f"""
CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE TYPE pair AS (a int, b text);
CREATE TABLE users (id int PRIMARY KEY, email text UNIQUE NOT NULL, age int CONSTRAINT "{SENTINEL}" CHECK (age >= 0));
CREATE TABLE orders (id serial PRIMARY KEY, owner int NOT NULL REFERENCES users, note varchar(10));
CREATE TABLE booked (room int, during int4range, EXCLUDE USING gist (during WITH &&));
CREATE TABLE kept (id serial PRIMARY KEY, v text);
CREATE TABLE forbidden (v text);
CREATE TABLE pairs (id int PRIMARY KEY, n int);
INSERT INTO pairs VALUES (1, 0), (2, 0);
CREATE VIEW adults AS SELECT id, email, age FROM users WHERE age > 17 WITH CHECK OPTION;
INSERT INTO users VALUES (1, 'a@example.com', 20), (2, 'b@example.com', 30);
INSERT INTO orders (owner) VALUES (2);
CREATE FUNCTION raise_state(state text) RETURNS int LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{SENTINEL} %', state USING ERRCODE = state, DETAIL = '{SENTINEL}', HINT = '{SENTINEL}'; END $$;
CREATE FUNCTION update_both(first int, second int) RETURNS int LANGUAGE plpgsql AS $$
BEGIN
    UPDATE pairs SET n = n + 1 WHERE id = first;
    PERFORM pg_advisory_xact_lock_shared(100);
    UPDATE pairs SET n = n + 1 WHERE id = second;
    RETURN 1;
END $$;
CREATE FUNCTION recurse(n int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN recurse(n + 1); END $$;
CREATE ROLE limited LOGIN;
GRANT SELECT ON users TO limited;
"""


def typed(**types):
    return {name: {"type": type} for name, type in types.items()}


def query(statement, **types):
    return {"statement": statement, "inputs": typed(**types)}


def write(statement, **types):
    return query(statement, **types) | {"effect": "write"}


TYPES = {
    "int2": ("'-32768'::int2", -32768),
    "int8": ("9223372036854775807", 9223372036854775807),
    "oid": ("4294967295::oid", 4294967295),
    "float8": ("0.1::float8", 0.1),
    "nan": ("'NaN'::float8", "NaN"),
    "infinity": ("'-Infinity'::float4", "-Infinity"),
    "bool": ("true", True),
    "text": ("'é\"\\'::text", 'é"\\'),
    "char": ("'x'::char(3)", "x  "),
    "enum": ("'happy'::mood", "happy"),
    "inet": ("'10.0.0.1/8'::inet", "10.0.0.1/8"),
    "range": ("'[1,5)'::int4range", "[1,5)"),
    "uuid": ("'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'::uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
    "json": ("""'{"b":1, "a":[null]}'::json""", {"b": 1, "a": [None]}),
    "jsonb": ("""'[1,{"x":"y"}]'::jsonb""", [1, {"x": "y"}]),
    "date": ("'2024-02-29'::date", "2024-02-29"),
    "time": ("'10:30:00.25'::time", "10:30:00.25"),
    "timestamp": ("'2024-01-01 00:00:00'::timestamp", "2024-01-01T00:00:00"),
    "fraction": ("'2024-01-01 00:00:00.120'::timestamp", "2024-01-01T00:00:00.12"),
    "timestamptz": ("'2024-01-01 02:00:00+02'::timestamptz", "2024-01-01T00:00:00Z"),
    "interval": ("'1 day 02:00:00'::interval", "P1DT2H"),
    "bytea": ("'\\x00ff10'::bytea", "AP8Q"),
    "array": ("ARRAY[1,NULL,3]", [1, None, 3]),
    "nested": ("ARRAY[['a','b,\"'],['{}','NULL']]", [["a", 'b,"'], ["{}", "NULL"]]),
    "empty": ("'{}'::timestamptz[]", []),
    "null": ("NULL::int", None),
    "void": ("pg_sleep(0)", ""),
}

QUERIES = {
    "types": "SELECT " + ", ".join(f'{expression} AS "{name}"' for name, (expression, _) in TYPES.items()),
    "numeric": "SELECT 12.50::numeric AS n, 123456789012345678901234567890.000000000000000001 AS long",
    "no-rows": "SELECT 1 AS n WHERE false",
    "no-columns": "SELECT FROM users",
    "echo": query("SELECT {{ inputs.v }}::text AS v", v="string"),
    "echo-int": query("SELECT {{ inputs.v }}::int8 AS v", v="int"),
    "echo-all": query(
        "SELECT {{ inputs.f }}::float8 AS f, {{ inputs.b }}::bool AS b, {{ inputs.u }}::uuid AS u, {{ inputs.d }}::date AS d,"
        " {{ inputs.t }}::timestamptz AS t, {{ inputs.n }}::numeric AS n, {{ inputs.j }}::jsonb AS j",
        f="float", b="boolean", u="uuid", d="date", t="datetime", n="decimal", j="json"),
    "unknown-type": query("SELECT {{ inputs.v }} AS v", v="string"),
    "any": query("SELECT id FROM users WHERE id IN ({{ inputs.ids }}) ORDER BY id", ids="int[]"),
    "like": query("SELECT email FROM users WHERE email LIKE '%{{ inputs.q }}%' ORDER BY 1", q="string"),
    "limit": query("SELECT id FROM users ORDER BY id LIMIT {{ inputs.n }}", n="int"),
    "enum": query("SELECT {{ inputs.m }}::mood AS m", m="string"),
    "keep": query("INSERT INTO kept (v) VALUES ({{ inputs.v }}) RETURNING id, v", v="string"),
    "kept": query("SELECT v FROM kept WHERE id = {{ inputs.id }}", id="int"),
    "add": query("INSERT INTO users VALUES ({{ inputs.id }}, {{ inputs.email }}, {{ inputs.age }})",
                 id="int", email="string", age="int"),
    "add-nothing": "INSERT INTO users VALUES (50, NULL, 1)",
    "add-minor": "INSERT INTO adults VALUES (51, 'minor', 3)",
    "book": "INSERT INTO booked VALUES (1, '[1,9)')",
    "order": query("INSERT INTO orders (owner, note) VALUES ({{ inputs.owner }}, {{ inputs.note }})",
                   owner="int", note="string"),
    "age-all": "UPDATE users SET age = age + 1",
    "remove": query("DELETE FROM users WHERE id = {{ inputs.id }}", id="int"),
    "divide": query("SELECT 1 / {{ inputs.n }} AS n", n="int"),
    "divide-by-our-fault": "SELECT 1 / (SELECT count(*) - count(*) FROM users) AS n",
    "small": query("SELECT {{ inputs.n }}::text::int2 AS n", n="int"),
    "to-int": query("SELECT {{ inputs.v }}::text::int AS n", v="string"),
    "to-date": query("SELECT {{ inputs.v }}::text::date AS d", v="string"),
    "to-json": query("SELECT {{ inputs.v }}::text::json AS j", v="string"),
    "match": query("SELECT 'x' ~ {{ inputs.v }} AS b", v="string"),
    "raise": query("SELECT raise_state({{ inputs.state }}) AS n", state="string"),
    "raise-in-write": write("SELECT raise_state({{ inputs.state }}) AS n", state="string"),
    "raise-by-our-fault": "SELECT raise_state('22023') AS n",
    "recurse": "SELECT recurse(1) AS n",
    "write-in-read": "SELECT setval('kept_id_seq', 1000) AS n",
    "update-both": write("SELECT update_both({{ inputs.first }}, {{ inputs.second }}) AS n", first="int", second="int"),
    "pairs": "SELECT n FROM pairs ORDER BY id",
    "update-pair": "UPDATE pairs SET n = n + 1 WHERE id = 1",
    "sleep": {"statement": "SELECT pg_sleep(600) /* by statement_timeout */", "timeout": "10m"},
}


@pytest.fixture(scope="module")
def postgres():
    with Postgres(settings={"deadlock_timeout": "50ms"}) as running:
        running.psql(SCHEMA)
        yield running


@pytest.fixture(scope="module")
def server(postgres, module_directory):
    with serve_postgres(module_directory, postgres, QUERIES, server={"limits": {"request_body": "4MiB"}}) as running:
        yield running


def refused(server, answer, status, code, tells=SENTINEL):
    """An error whose answer says nothing of the server's, while the log does."""
    body = answer.failed_as(status, code)
    assert SENTINEL not in answer.text and "SQLSTATE" not in answer.text
    line = server.wait_for_log(request_id=body["request_id"], detail=lambda text: text is not None)
    if tells:
        assert tells in line["detail"]


# Values


def test_every_statement_is_ready(server):
    assert is_ready(server)


def test_every_type_has_its_form(server):
    (row,) = server.query("types").results
    assert row == {name: expected for name, (_, expected) in TYPES.items()}


def test_numeric_keeps_every_digit(server):
    text = server.query("numeric").text
    assert '"n":12.50' in text and '"long":123456789012345678901234567890.000000000000000001' in text


def test_an_empty_result_and_rows_without_columns(server):
    """Rows without columns are no rows that JSON could show."""
    assert server.query("no-rows").results == []
    assert server.query("no-columns").results == []


@pytest.mark.parametrize("name", [name for name in CORPUS if name != "64 KiB"])
def test_a_hostile_string_comes_back_as_it_was(server, name):
    text = CORPUS[name]
    for each in ("echo", "unknown-type"):
        assert server.query(each, {"v": text}).results == [{"v": text}]
    (row,) = server.query("keep", {"v": text}).results
    assert row["v"] == text
    assert server.query("kept", {"id": row["id"]}).results == [{"v": text}]


def test_a_zero_byte_is_refused_before_the_server_cuts_there(server):
    server.query("echo", {"v": "a\0b"}).failed_as(400, "invalid_request")
    assert server.get("echo", {"v": "a\0b"}).status == 400


@pytest.mark.parametrize("number", [0, -1, 2**63 - 1, -(2**63)])
def test_a_number_keeps_its_64_bits(server, number):
    assert server.query("echo-int", {"v": number}).results == [{"v": number}]


def test_inputs_of_every_type_arrive(server):
    sent = {
        "f": 1e-300, "b": True, "u": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "d": "2024-02-29",
        "t": "2024-01-01T02:00:00+02:00", "n": "1.50", "j": {"a": [1, None, "x"]},
    }
    answer = server.query("echo-all", sent)
    assert answer.results == [sent | {"t": "2024-01-01T00:00:00Z", "n": 1.5}]
    assert '"n":1.50' in answer.text


def test_lists_patterns_limits_and_enums(server):
    assert server.query("any", {"ids": [1, 2, 99]}).results == [{"id": 1}, {"id": 2}]
    assert server.query("any", {"ids": []}).results == []
    assert server.query("like", {"q": "a@"}).results == [{"email": "a@example.com"}]
    assert server.query("limit", {"n": 1}).results == [{"id": 1}]
    assert server.query("enum", {"m": "sad"}).results == [{"m": "sad"}]


# Writes


def test_a_write_tells_how_many_rows_it_changed(server):
    assert server.query("add", {"id": 10, "email": "ten", "age": 1}).json["rows_affected"] == 1
    assert server.query("age-all").json["rows_affected"] >= 3
    assert server.query("remove", {"id": 10}).json["rows_affected"] == 1
    assert server.query("remove", {"id": 10}).json["rows_affected"] == 0


def test_returning_gives_rows(server):
    (row,) = server.query("keep", {"v": "x"}).results
    assert row["id"] > 0 and row["v"] == "x"


# Errors that the database has of its own


CONFLICT = (409, "conflict")
BAD_VALUE = (400, "invalid_input")
INTERNAL = (500, "internal")
PROVOKED = [
    ("add", {"id": 1, "email": "c", "age": 1}, CONFLICT, "23505"),
    ("add", {"id": 3, "email": "a@example.com", "age": 1}, CONFLICT, "23505"),
    ("order", {"owner": 99, "note": ""}, CONFLICT, "23503"),
    ("remove", {"id": 2}, CONFLICT, "23503"),
    ("add-nothing", {}, CONFLICT, "23502"),
    ("add", {"id": 4, "email": "d", "age": -1}, CONFLICT, "23514"),
    ("add-minor", {}, CONFLICT, "44000"),
    ("order", {"owner": 1, "note": "more than ten"}, BAD_VALUE, "22001"),
    ("to-int", {"v": "abc"}, BAD_VALUE, "22P02"),
    ("to-int", {"v": "3000000000"}, BAD_VALUE, "22003"),
    ("enum", {"m": "angry"}, BAD_VALUE, "22P02"),
    ("small", {"n": 40_000}, BAD_VALUE, "22003"),
    ("divide", {"n": 0}, BAD_VALUE, "22012"),
    ("to-date", {"v": "2024-02-30"}, BAD_VALUE, "22008"),
    ("to-date", {"v": "soon"}, BAD_VALUE, "22007"),
    ("to-json", {"v": "{"}, BAD_VALUE, "22P02"),
    ("match", {"v": "("}, BAD_VALUE, "2201B"),
    ("limit", {"n": -1}, BAD_VALUE, "2201W"),
    ("divide-by-our-fault", {}, INTERNAL, "22012"),
    ("raise-by-our-fault", {}, INTERNAL, "22023"),
    ("recurse", {}, INTERNAL, "54001"),
    ("write-in-read", {}, INTERNAL, "25006"),
]


@pytest.mark.parametrize("name,inputs,expected,state", PROVOKED, ids=[f"{row[0]} {row[3]}" for row in PROVOKED])
def test_what_the_database_refuses(server, name, inputs, expected, state):
    refused(server, server.query(name, inputs), *expected, tells=state)
    assert server.query("limit", {"n": 1}).results == [{"id": 1}]


def test_an_exclusion(server):
    assert server.query("book").json["rows_affected"] == 1
    refused(server, server.query("book"), *CONFLICT, tells="23P01")


def test_a_write_in_a_read_is_hinted_at(server):
    body = server.query("write-in-read").failed_as(500, "internal")
    server.wait_for_log(request_id=body["request_id"], detail=lambda text: text and "effect: write" in text)


OVERLOADED = (503, "overloaded")
UNAVAILABLE = (503, "unavailable")
TIMEOUT = (504, "timeout")
STATES = {
    "01000": INTERNAL,  # a warning is none
    "0A000": INTERNAL,  # not supported
    "22023": BAD_VALUE,
    "23000": CONFLICT,
    "23001": CONFLICT,
    "25P03": TIMEOUT,
    "26000": INTERNAL,  # no such prepared statement, even after preparing anew
    "40000": CONFLICT,
    "40001": CONFLICT,
    "40003": UNAVAILABLE,
    "40P01": CONFLICT,
    "42501": INTERNAL,
    "42601": INTERNAL,  # in a function; in a value, such as a tsquery, it is the client's fault
    "42703": INTERNAL,
    "42883": INTERNAL,
    "42P01": INTERNAL,
    "42P18": INTERNAL,
    "44000": CONFLICT,
    "53000": OVERLOADED,
    "53100": UNAVAILABLE,  # disk full
    "53200": UNAVAILABLE,  # out of memory
    "53300": OVERLOADED,
    "53400": OVERLOADED,
    "54000": INTERNAL,
    "55000": INTERNAL,
    "55006": OVERLOADED,
    "55P03": OVERLOADED,
    "57P03": UNAVAILABLE,
    "58000": UNAVAILABLE,
    "58030": UNAVAILABLE,  # I/O
    "F0000": INTERNAL,
    "HV000": INTERNAL,
    "P0001": CONFLICT,
    "P0002": (404, "not_found"),
    "P0003": INTERNAL,
    "XX000": INTERNAL,
    "XX001": UNAVAILABLE,  # corrupted
    "XX002": UNAVAILABLE,
    "ZZZZZ": INTERNAL,  # unheard of
}


@pytest.mark.parametrize("name", ["raise", "raise-in-write"])
@pytest.mark.parametrize("state", STATES)
def test_every_class_of_the_table(server, name, state):
    """Raised by a function, which may raise any state: in a read, which may be tried again, and in a write."""
    status, code = STATES[state]
    answer = server.query(name, {"state": state})
    refused(server, answer, status, code, tells=None if status == 400 else SENTINEL)
    if status == 503:
        assert answer.headers["Retry-After"]
    assert server.query("limit", {"n": 1}).results == [{"id": 1}]


def test_a_deadlock_is_a_conflict_of_one_of_the_two(server, postgres):
    with postgres.session() as gate:
        gate.run("SELECT pg_advisory_lock(100)")
        calls = [in_background(server.query, "update-both", {"first": a, "second": b}) for a, b in ((1, 2), (2, 1))]
        postgres.wait_for("SELECT count(*) = 2 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = 100",
                          "both wait")
        before = server.query("pairs").results
        gate.run("SELECT pg_advisory_unlock(100)")
        answers = sorted((call() for call in calls), key=lambda answer: answer.status)
    assert answers[0].results == [{"n": 1}]
    refused(server, answers[1], 409, "conflict", tells="40P01")
    assert server.query("pairs").results == [{"n": row["n"] + 1} for row in before]


def test_a_lock_that_does_not_become_free(directory, postgres):
    with serve_postgres(directory, postgres, QUERIES, options={"lock_timeout": "50ms"}) as server, postgres.session() as other:
        other.run("BEGIN; LOCK TABLE pairs IN ACCESS EXCLUSIVE MODE")
        for name in ("pairs", "update-pair"):
            answer = server.query(name)
            refused(server, answer, 503, "overloaded", tells="55P03")
            assert answer.headers["Retry-After"]
        other.run("ROLLBACK")
        assert server.query("update-pair").json["rows_affected"] == 1


def test_statement_timeout_ends_a_statement(directory, postgres):
    with serve_postgres(directory, postgres, QUERIES, options={"statement_timeout": "200ms"}) as server:
        server.query("sleep").failed_as(504, "timeout")
        wait_for_statements(postgres, "by statement_timeout", 0)
        assert server.query("limit", {"n": 1}).results == [{"id": 1}]


def test_a_role_without_the_right(directory, postgres):
    """Reads and writes of what it may not touch; the rest is served."""
    queries = {name: QUERIES[name] for name in ("limit", "age-all")} | {"forbidden": "SELECT v FROM forbidden"}
    with serve_postgres(directory, postgres.connection("limited"), queries) as server:
        assert server.query("limit", {"n": 1}).results == [{"id": 1}]
        refused(server, server.query("forbidden"), 500, "internal", tells="42501")
        refused(server, server.query("age-all"), 500, "internal", tells="42501")
        postgres.psql("GRANT SELECT ON forbidden TO limited")
        assert server.query("forbidden").results == []


def test_a_table_that_goes_away_and_comes_back(directory, postgres):
    postgres.psql("CREATE TABLE passing (v text); INSERT INTO passing VALUES ('here')")
    with serve_postgres(directory, postgres, {"passing": "SELECT v FROM passing"}) as server:
        for _ in range(3):
            assert server.query("passing").results == [{"v": "here"}]
        postgres.psql("ALTER TABLE passing RENAME TO gone")
        refused(server, server.query("passing"), 500, "internal", tells="42P01")
        postgres.psql("ALTER TABLE gone RENAME TO passing")
        assert server.query("passing").results == [{"v": "here"}]


def test_statements_that_the_server_rejects_are_quarantined_with_their_place(directory, postgres):
    queries = {"one": "SELECT 1 AS n", "broken": "SELECT no_such_column FROM users", "gone": "SELECT v FROM arriving"}
    with serve_postgres(directory, postgres, queries) as server:
        assert server.query("one").results == [{"n": 1}]
        for name in ("broken", "gone"):
            server.query(name).failed_as(503, "unavailable")
        shown = json.loads(server.request("GET", "/readyz").text)
        assert "queries" not in shown
        line = server.wait_for_log(level="error", message=lambda text: "no_such_column" in text)
        assert "config.terse:" in line["message"]
        postgres.psql("CREATE TABLE arriving AS SELECT 'arrived' AS v")
        wait_until(lambda: server.query("gone").status == 200, "the statement is tried again")
        assert server.query("gone").results == [{"v": "arrived"}]
        server.query("broken").failed_as(503, "unavailable")


def test_connections_come_back_after_errors(server):
    for _ in range(30):
        server.query("divide", {"n": 0}).failed_as(400, "invalid_input")
    wait_until(lambda: statements_running(server) <= 1, "the connections are free")
