"""The log: levels, forms, request ids; no values of inputs, no secrets, no forged lines."""

import json
import os
import re
import subprocess

import pytest
from harness import BINARY, DEADLINE, configuration, environment, launch, send, serve, write_project

QUERIES = {
    "echo": {"statement": "SELECT {{ inputs.v }} AS v", "inputs": {"v": {"type": "string"}}},
    "number": {"statement": "SELECT {{ inputs.v }} AS v", "inputs": {"v": {"type": "int"}}},
    "add": {"statement": "INSERT INTO t VALUES ({{ inputs.v }})", "inputs": {"v": {"type": "string"}}},
    "fails": {"statement": "SELECT abs(-9223372036854775808 + length({{ inputs.v }}) * 0) AS v",
              "inputs": {"v": {"type": "string"}}},
    "broken": {"statement": "SELECT abs(-9223372036854775807 - 1) AS v"},
}
SCHEMA = "CREATE TABLE t (v TEXT PRIMARY KEY); INSERT INTO t VALUES ('taken');"
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"


def started(directory, *arguments, log_format="text"):
    write_project(directory, configuration(QUERIES), SCHEMA)
    options = ["run", "-f", "config.terse", "--host", "127.0.0.1", "--port", "0", *arguments]
    return launch(directory, *options, log_format=log_format)


def work(server):
    """Requests of every kind; returns after their lines are in the log."""
    server.query("echo", {"v": "x"})
    server.query("number", {"v": "x"})
    server.query("fails", {"v": "x"})
    server.query("broken")
    server.query("add", {"v": "taken"})
    server.request("GET", "/nothing")


def test_json_lines_have_time_level_tag_and_message(directory):
    with serve(directory, configuration(QUERIES), SCHEMA) as server:
        work(server)
    lines = server.stderr.splitlines()
    assert lines
    for line in map(json.loads, lines):
        assert re.fullmatch(TIME, line["time"])
        assert line["level"] in ("error", "warn", "info", "debug")
        assert line["tag"] and line["message"]


def test_text_lines_have_time_level_and_tag(directory):
    with started(directory) as server:
        server.wait_ready().query("echo", {"v": "x"}, {"X-Request-Id": "the-id"})
        server.stop()
    lines = server.stderr.splitlines()
    assert all(re.match(TIME + r"   [EWID]   [a-z]+: ", line) for line in lines), lines
    assert any("request_id=the-id" in line and "status=200" in line for line in lines)


@pytest.mark.parametrize(
    ("level", "shown"),
    [("1", {"error"}), ("error", {"error"}), ("2", {"error", "warn"}), ("warn", {"error", "warn"}),
     ("3", {"error", "warn", "info"}), ("info", {"error", "warn", "info"}), ("4", {"error", "warn", "info", "debug"})],
)
def test_a_level_hides_what_is_below_it(directory, level, shown):
    with serve(directory, configuration(QUERIES), SCHEMA, arguments=["--log-level", level]) as server:
        work(server)
    levels = {line["level"] for line in server.log}
    assert levels <= shown
    assert {"warn", "info"} & shown <= levels


def test_the_level_comes_from_the_flag_then_the_config(directory):
    config = configuration(QUERIES, server={"log_level": 1})
    with serve(directory, config, SCHEMA) as server:
        work(server)
    assert "info" not in {line["level"] for line in server.log}
    for flags in (["--log-level", "info"], ["--verbose"]):
        with serve(directory, config, SCHEMA, arguments=flags) as server:
            work(server)
        assert "info" in {line["level"] for line in server.log}


def test_the_form_comes_from_the_config(directory):
    write_project(directory, configuration(QUERIES, server={"log_format": "json"}), SCHEMA)
    with launch(directory, "run", "-f", "config.terse", "--host", "127.0.0.1", "--port", "0") as server:
        server.wait_ready().stop()


def test_every_request_has_one_access_line_with_its_id(directory):
    with serve(directory, configuration(QUERIES), SCHEMA) as server:
        ids = [f"id-{n}" for n in range(20)]
        for n, request_id in enumerate(ids):
            name = ("echo", "number", "nothing", "add")[n % 4]
            server.query(name, {"v": str(n)}, {"X-Request-Id": request_id})
        made = server.query("echo", {"v": "x"}).headers["X-Request-Id"]
        server.wait_for_log(tag="access", request_id=made)
    access = [line for line in server.log if line["tag"] == "access"]  # of several workers: in any order
    assert sorted(line["request_id"] for line in access) == sorted([*ids, made])
    (first,) = [line for line in access if line["request_id"] == "id-0"]
    assert (first["method"], first["path"], first["status"], first["query"]) == ("POST", "/query/echo", 200, "echo")
    assert first["rows"] == 1 and first["duration_ms"] >= 0 and first["client"] == "127.0.0.1"


def test_the_reason_of_a_failure_is_in_the_log_under_the_request_id(directory):
    with serve(directory, configuration(QUERIES), SCHEMA) as server:
        for answer, status, code, level in (
            (server.query("broken"), 500, "internal", "warn"),
            (server.query("fails", {"v": "x"}), 400, "invalid_input", "info"),  # a value made it fail
        ):
            body = answer.failed_as(status, code)
            assert "overflow" not in json.dumps(body)
            line = server.wait_for_log(request_id=body["request_id"], detail=lambda text: text is not None)
            assert "integer overflow" in line["detail"] and line["level"] == level


def test_a_trace_is_continued_in_the_log(directory):
    trace = "0af7651916cd43dd8448eb211c80319c"
    with serve(directory, configuration(QUERIES), SCHEMA) as server:
        server.query("echo", {"v": "x"}, {"traceparent": f"00-{trace}-b7ad6b7169203331-01"})
        server.wait_for_log(tag="access", trace_id=trace)


MARKED = "m4rk3d-v4lu3"


def test_values_of_inputs_are_never_in_the_log(directory):
    with serve(directory, configuration(QUERIES), SCHEMA, arguments=["--verbose"]) as server:
        for name in QUERIES:
            server.query(name, {"v": MARKED})
            server.query(name, {"v": MARKED})
            server.query(name, {"v": MARKED, MARKED: MARKED})
            server.get(name, {"v": MARKED})
            server.query(name, f'{{"v": "{MARKED}')
            server.query(name, {"v": MARKED}, {"Content-Type": "text/plain"})
        server.request("POST", f"/query/echo?v={MARKED}", {"v": "x"})
        server.request("GET", f"/query/echo?v={MARKED}&v=%zz")
        last = server.query("echo", {"v": MARKED}).headers["X-Request-Id"]
        server.wait_for_log(request_id=last)
    assert MARKED not in server.stderr
    assert MARKED not in "".join(server.output)


def test_secrets_are_never_in_the_log(directory):
    adapters = {"db": {"connector": "sqlite", "connection_string": "sqlite:{{ env.SECRET }}.db",
                       "options": {"init": "schema.sql"}}}
    queries = QUERIES | {"secret": "SELECT length('{{ env.SECRET }}') AS n",
                         "bad": "SELECT absent FROM t WHERE v = '{{ env.SECRET }}'"}
    config = configuration(queries, adapters=adapters)
    with serve(directory, config, SCHEMA, arguments=["--verbose"], env={"SECRET": MARKED}) as server:
        assert server.query("secret").results == [{"n": len(MARKED)}]
        server.query("bad").failed_as(503, "unavailable")
        work(server)
    assert MARKED not in server.stderr
    assert MARKED not in "".join(server.output)


FORGERIES = [
    "x\n2024-01-01T00:00:00.000Z   E   forged: line",
    'x"}\n{"time":"now","level":"error","tag":"forged","message":"line"}',
    "x\r\nforged", "x\x1b[31mforged\x1b[0m", "x\x00forged", "x\u2028forged", "%0aforged", "x\x7f\x08forged",
]


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_no_input_can_forge_a_line(directory, log_format):
    with started(directory, "--verbose", log_format=log_format) as server:
        port = server.wait_ready().port
        for text in FORGERIES:
            escaped = "".join(f"%{byte:02x}" for byte in text.encode())
            for name in ("echo", "number", "add", "fails"):
                send(port, "POST", f"/query/{name}", {"v": text, text: text})
                send(port, "GET", f"/query/{name}?{escaped}={escaped}")
            send(port, "GET", f"/{escaped}")
            send(port, "POST", f"/query/{escaped}", {})
            printable = text.replace("\r", " ").replace("\n", " ").encode("utf-8")
            for header in ("X-Request-Id", "X-Forwarded-For", "traceparent", "User-Agent"):
                send(port, "GET", "/query/echo?v=x", headers={header: printable.replace(b"\0", b"")})
        server.stop()
    for line in server.stderr.splitlines():
        assert "\x1b" not in line and "\x00" not in line and "\x7f" not in line
        if log_format == "json":
            assert json.loads(line)["tag"] != "forged"
        else:
            assert re.match(TIME + r"   [EWID]   (?!forged)[a-z]+: ", line)


def test_a_log_that_nobody_reads_does_not_stop_serving(directory):
    """Standard error is a pipe with a full buffer: lines are dropped, requests are not."""
    write_project(directory, configuration(QUERIES), SCHEMA)
    reading, writing = os.pipe()
    process = subprocess.Popen(
        [BINARY, "run", "-f", "config.terse", "--host", "127.0.0.1", "--port", "0", "--log-format", "json"],
        cwd=directory, env=environment(), stdout=subprocess.PIPE, stderr=writing,
    )
    os.close(writing)
    try:
        port = json.loads(process.stdout.readline())["port"]
        for _ in range(3000):
            assert send(port, "GET", "/query/echo?v=x").status == 200
        os.close(reading)
        reading = None
        assert send(port, "GET", "/query/echo?v=x").status == 200
        process.terminate()
        assert process.wait(DEADLINE) == 0
    finally:
        if reading is not None:
            os.close(reading)
        process.kill()
        process.wait()
        process.stdout.close()
