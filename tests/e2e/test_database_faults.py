"""A database that is locked, read-only, full, broken, or that refuses: the right status, nothing leaked, and back to work."""

import json
import os
import pathlib
import shutil
import sqlite3
import subprocess

import pytest
from harness import BINARY, configuration, environment, run_program, send, serve, wait_until, write_project

SCHEMA = """
CREATE TABLE users (
    id INTEGER PRIMARY KEY,
    email TEXT NOT NULL CONSTRAINT secret_unique_name UNIQUE,
    role TEXT CONSTRAINT secret_check_name CHECK (role IN ('admin', 'member'))
);
CREATE TABLE orders (id INTEGER PRIMARY KEY, user INTEGER NOT NULL REFERENCES users (id), text TEXT);
INSERT INTO users VALUES (1, 'ada@example.com', 'admin');
INSERT INTO orders VALUES (1, 1, 'x');
CREATE TABLE typed (n INTEGER NOT NULL) STRICT;
"""
USER = {"id": {"type": "int"}, "email": {"type": "string", "optional": True, "default": None},
        "role": {"type": "string", "optional": True, "default": "member"}}
QUERIES = {
    "count": "SELECT count(*) AS n FROM users",
    "add": {"statement": "INSERT INTO users VALUES ({{ inputs.id }}, {{ inputs.email }}, {{ inputs.role }})",
            "inputs": USER},
    "remove": {"statement": "DELETE FROM users WHERE id = {{ inputs.id }}", "inputs": {"id": {"type": "int"}}},
    "order": {"statement": "INSERT INTO orders (user, text) VALUES ({{ inputs.user }}, {{ inputs.text }})",
              "inputs": {"user": {"type": "int"}, "text": {"type": "string", "default": "x", "optional": True}}},
    "typed": {"statement": "INSERT INTO typed VALUES ({{ inputs.n }})", "inputs": {"n": {"type": "string"}}},
    "like": {"statement": "SELECT 'x' LIKE {{ inputs.p }} AS v", "inputs": {"p": {"type": "string"}}},
}
LEAKS = ("SQL", "sqlite", "constraint", "users", "orders", "secret", "data.db", "INSERT", "typed", "/tmp")


@pytest.fixture(scope="module")
def server(module_directory):
    options = {"busy_timeout": "100ms"}
    with serve(module_directory, configuration(QUERIES, options=options), SCHEMA) as running:
        yield running


def refused(answer, status, code):
    """An error answer that tells nothing of the database."""
    body = answer.failed_as(status, code)
    for leak in LEAKS:
        assert leak not in body["error"], body
    return body


# What the database refuses


@pytest.mark.parametrize(
    ("query", "inputs"),
    [
        ("add", {"id": 2, "email": "ada@example.com"}),  # unique
        ("add", {"id": 1, "email": "new@example.com"}),  # primary key
        ("add", {"id": 2}),  # not null
        ("add", {"id": 2, "email": "new@example.com", "role": "emperor"}),  # check
        ("order", {"user": 99}),  # foreign key
        ("remove", {"id": 1}),  # foreign key, the other way
    ],
)
def test_a_violation_is_a_conflict_and_changes_nothing(server, query, inputs):
    body = refused(server.query(query, inputs), 409, "conflict")
    line = server.wait_for_log(request_id=body["request_id"], detail=lambda text: text is not None)
    assert "constraint" in line["detail"]  # the log tells
    assert server.query("count").results == [{"n": 1}]


def test_a_value_that_the_database_refuses_for_its_type(server):
    refused(server.query("typed", {"n": "x"}), 400, "invalid_input")
    assert server.query("typed", {"n": "5"}).json["rows_affected"] == 1


def test_a_value_that_is_too_large_for_the_database_is_not_a_crash(server):
    assert server.query("like", {"p": "%" * 60_000}).status in (400, 500)
    assert server.query("count").status == 200


# Statements that the database rejects


def test_a_statement_with_a_missing_column_is_quarantined_while_the_rest_serve(directory):
    queries = QUERIES | {"broken": "SELECT no_such_column FROM users", "gone": "SELECT * FROM no_such_table"}
    server_section = {"admin": {"host": "127.0.0.1", "port": 0}}
    with serve(directory, configuration(queries, server=server_section), SCHEMA) as server:
        assert server.query("count").results == [{"n": 1}]
        for name in ("broken", "gone"):
            refused(server.query(name), 503, "unavailable")
        shown = send(server.admin_port, "GET", "/readyz").json
        states = {each["name"]: each for each in shown["queries"]}
        assert states["count"]["state"] == "ready"
        assert states["broken"]["state"] == states["gone"]["state"] == "quarantined"
        assert "no_such_column" in states["broken"]["reason"] and "config.terse:" in states["broken"]["reason"]
        assert "no_such" not in server.request("GET", "/readyz").text
        server.wait_for_log(level="error", message=lambda text: "no_such_column" in text)


def test_a_schema_that_changes_while_serving(directory):
    """A statement that was prepared before goes on where it can, else fails as ours until the schema fits again."""
    with serve(directory, configuration(QUERIES), SCHEMA) as server:

        def change(statement):
            other = sqlite3.connect(directory / "data.db", isolation_level=None)
            other.execute(statement)
            other.close()

        assert server.query("order", {"user": 1}).json["rows_affected"] == 1
        change("ALTER TABLE users ADD COLUMN added TEXT")
        assert server.query("count").results == [{"n": 1}]
        change("ALTER TABLE orders RENAME COLUMN text TO words")
        refused(server.query("order", {"user": 1}), 500, "internal")
        change("ALTER TABLE orders RENAME COLUMN words TO text")
        assert server.query("order", {"user": 1}).json["rows_affected"] == 1


# Locked


def lock(server):
    """Another process's transaction that keeps everybody from writing."""
    other = sqlite3.connect(server.directory / "data.db", isolation_level=None, timeout=30)
    other.execute("BEGIN EXCLUSIVE")
    return other


def test_a_locked_database_is_busy_for_writes_and_serves_reads(server):
    other = lock(server)
    answer = server.query("order", {"user": 1})
    refused(answer, 503, "overloaded")
    assert answer.headers["Retry-After"]
    assert server.query("count").status == 200  # readers do not wait for a writer
    other.execute("ROLLBACK")
    other.close()
    assert server.query("order", {"user": 1}).json["rows_affected"] == 1


def test_the_deadline_ends_waiting_for_a_lock(directory):
    queries = {"add": {"statement": "INSERT INTO typed VALUES (1)", "timeout": "200ms"}}
    with serve(directory, configuration(queries, options={"busy_timeout": "60s"}), SCHEMA) as server:
        other = lock(server)
        refused(server.query("add"), 504, "timeout")
        other.execute("ROLLBACK")
        other.close()
        assert server.query("add").json["rows_affected"] == 1


def test_a_client_that_leaves_ends_waiting_for_a_lock(directory):
    queries = {"add": {"statement": "INSERT INTO typed VALUES (1)", "timeout": "10m"}, "count": "SELECT count(*) AS n FROM typed"}
    limits = {"request_timeout": "10m"}
    config = configuration(queries, server={"limits": limits}, options={"busy_timeout": "1m"})
    with serve(directory, config, SCHEMA) as server:
        other = lock(server)
        with server.connect() as raw:
            raw.post("/query/add")
            wait_until(lambda: server.query("count").status == 200, "reads are served meanwhile")
        server.wait_for_log(tag="access", query="add")
        other.execute("ROLLBACK")
        other.close()
        assert server.query("count").results == [{"n": 0}]


def test_a_database_that_is_locked_at_the_start_is_waited_for(directory):
    config = configuration({"add": "INSERT INTO typed VALUES (1)"}, options={"busy_timeout": "50ms", "journal_mode": "delete"})
    with sqlite3.connect(directory / "data.db") as other:
        other.executescript(SCHEMA)
    other.close()
    other = sqlite3.connect(directory / "data.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with serve(directory, config) as server:
        refused(server.query("add"), 503, "unavailable")
        assert server.request("GET", "/readyz").status == 503
        other.execute("ROLLBACK")
        other.close()
        wait_until(lambda: server.request("GET", "/readyz").status == 200, "the adapter connects by itself")
        assert server.query("add").json["rows_affected"] == 1


def test_a_database_that_is_locked_at_a_strict_start_ends_it(directory):
    config = configuration({"one": "SELECT 1"}, server={"startup": "strict"}, options={"busy_timeout": "50ms"})
    other = sqlite3.connect(directory / "data.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    write_project(directory, config)
    ended = run_program("run", "-f", "config.terse", "--port", "0", cwd=directory)
    assert ended.returncode == 1 and ended.stdout == "" and "locked" in ended.stderr
    other.close()


def test_a_process_that_waits_for_its_database_stops_at_once(directory):
    config = configuration({"one": "SELECT 1"}, options={"busy_timeout": "50ms"})
    other = sqlite3.connect(directory / "data.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with serve(directory, config) as server:
        assert server.request("GET", "/readyz").status == 503
        assert server.request("GET", "/heartbeat").status == 200
    other.close()


# Read-only


@pytest.mark.parametrize("how", ["read_only", "mode=ro"])
def test_a_database_opened_read_only_serves_reads_and_refuses_writes(directory, how):
    with sqlite3.connect(directory / "data.db") as other:
        other.executescript(SCHEMA)
    other.close()
    adapter = {"connector": "sqlite", "connection_string": "sqlite:data.db"}
    if how == "read_only":
        adapter["options"] = {"read_only": True}
    else:
        adapter["connection_string"] += "?mode=ro"
    with serve(directory, configuration(QUERIES, adapters={"db": adapter})) as server:
        assert server.query("count").results == [{"n": 1}]
        answer = server.query("order", {"user": 1})
        refused(answer, answer.status, "unavailable" if answer.status == 503 else "internal")
        assert server.query("count").results == [{"n": 1}]


def test_a_file_that_the_process_may_not_write(directory):
    """Run by a user without the right to write, root or not at home."""
    with sqlite3.connect(directory / "data.db") as other:
        other.executescript(SCHEMA)
    other.close()
    write_project(directory, configuration(QUERIES, server={"startup": "degraded"}))
    shutil.copy(BINARY, directory / "program")
    os.chmod(directory / "data.db", 0o444)
    os.chmod(directory, 0o555)
    try:
        process = subprocess.Popen(
            [directory / "program", "run", "-f", "config.terse", "--host", "127.0.0.1", "--port", "0", "--log-format", "json"],
            cwd=directory, env=environment(), user=65534 if os.getuid() == 0 else None,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        with process:
            line = process.stdout.readline()
            try:
                if line:  # it serves reads
                    port = json.loads(line)["port"]
                    assert send(port, "POST", "/query/count", {}).results == [{"n": 1}]
                    refused(send(port, "POST", "/query/order", {"user": 1}), 500, "internal")
            finally:
                process.terminate()
            log = process.stderr.read()
        assert process.returncode == (0 if line else 1)
        assert "data.db" in log or "readonly" in log
    finally:
        os.chmod(directory, 0o755)


# Full


def test_a_full_database_is_unavailable_for_writes_and_recovers(directory):
    options = {"max_page_count": 20}
    queries = QUERIES | {"clear": "DELETE FROM orders"}
    with serve(directory, configuration(queries, options=options), SCHEMA) as server:
        added = 0
        answer = server.query("order", {"user": 1, "text": "x" * 4000})
        while answer.status == 200:
            added += 1
            assert added < 100
            answer = server.query("order", {"user": 1, "text": "x" * 4000})
        refused(answer, 503, "unavailable")
        assert server.query("count").results == [{"n": 1}]
        assert server.query("clear").json["rows_affected"] == added + 1
        assert server.query("order", {"user": 1, "text": "x" * 4000}).json["rows_affected"] == 1


# Broken while it runs


def test_a_file_that_is_overwritten_while_serving_is_not_a_crash(directory):
    config = configuration({"scan": "SELECT sum(length(text)) AS n FROM orders", "one": "SELECT 1 AS n"},
                           options={"journal_mode": "delete"})
    filler = "INSERT INTO orders (user, text) SELECT 1, hex(zeroblob(1000)) FROM json_each('" + str(list(range(500))) + "');"
    with serve(directory, config, SCHEMA + filler) as server:
        assert server.query("scan").results[0]["n"] > 0
        database = pathlib.Path(directory, "data.db")
        with open(database, "r+b") as file:
            file.seek(4096)
            file.write(b"\xff" * (database.stat().st_size - 4096))
        answer = server.query("scan")
        assert answer.status in (200, 503)  # from its cache, or noticed
        if answer.status == 503:
            refused(answer, 503, "unavailable")
        assert server.request("GET", "/heartbeat").status == 200


def test_replicas_serve_reads_when_the_primary_is_busy(directory):
    """The primary gets locked; the read goes to the second."""
    for name in ("first.db", "second.db"):
        with sqlite3.connect(directory / name) as other:
            other.executescript("CREATE TABLE t (n); INSERT INTO t VALUES (7);")
        other.close()
    adapters = {
        "first": {"connector": "sqlite", "connection_string": "sqlite:first.db",
                  "options": {"journal_mode": "delete", "busy_timeout": "50ms"}},
        "second": {"connector": "sqlite", "connection_string": "sqlite:second.db"},
    }
    config = configuration(
        {"n": {"use": ["first", "second"], "statement": "SELECT n FROM t"},
         "add": {"use": ["first", "second"], "statement": "INSERT INTO t VALUES (1)"}},
        adapters=adapters,
    )
    with serve(directory, config) as server:
        assert server.query("n").results == [{"n": 7}]
        other = sqlite3.connect(directory / "first.db", isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        assert server.query("n").results == [{"n": 7}]
        refused(server.query("add"), 503, "overloaded")  # a write never goes elsewhere
        other.execute("ROLLBACK")
        other.close()
        assert server.query("add").json["rows_affected"] == 1
