"""Files in the manner of Hyperterse 1.4.0, adapted to SQLite, load and answer."""

import pathlib

import pytest
from harness import launch, run_program, write_project

SAMPLES = pathlib.Path(__file__).parent / "compat"


def project(directory, name):
    schema = (SAMPLES / "schema.sql").read_text(encoding="utf-8")
    return write_project(directory, (SAMPLES / name).read_text(encoding="utf-8"), schema)


def started(directory, name, *flags, env=None):
    project(directory, name)
    return launch(directory, "run", "-f", "config.terse", "--host", "127.0.0.1", "--port", "0", *flags, env=env)


def names(answer):
    return [row["name"] for row in answer.results]


def test_the_documented_style(directory):
    (directory / ".env").write_text("DATABASE=sqlite:documented.db\n")
    with started(directory, "documented.terse") as server:
        server.wait_ready()
        assert server.query("get-user", {"userId": 1}).results == [
            {"id": 1, "name": "Alice", "email": "alice@example.com"}
        ]
        assert server.query("get-user", {"userId": "2"}).results[0]["name"] == "Bob"
        assert names(server.query("get-user-by-email", {"email": "obrien@example.com"})) == ["O'Brien"]
        assert names(server.query("list-users")) == ["Alice", "O'Brien"]
        assert names(server.query("list-users", {"active": "false"})) == ["Bob"]
        assert names(server.query("list-users", {"limit": "1", "offset": 1})) == ["O'Brien"]
        assert names(server.query("list-users", {"since": "2024-02-01"})) == ["O'Brien"]
        assert names(server.query("best-users")) == ["Alice", "O'Brien"]
        assert names(server.query("best-users", {"minScore": 9})) == ["Alice"]
        new = {"name": "it's \"me\"; --", "email": "me@example.com", "at": "2024-05-01 10:00:00"}
        (row,) = server.query("create-user", new).results
        assert row == {"id": 4, "name": new["name"], "email": new["email"], "created_at": new["at"]}
        server.stop()


def test_the_style_that_worked(directory):
    with started(directory, "working.terse") as server:
        server.wait_ready()
        assert names(server.query("get_user", {"user_id": 3})) == ["O'Brien"]
        assert names(server.query("get_user_by_email", {"email": "alice@example.com"})) == ["Alice"]
        assert names(server.query("get_user_by_email", {"email": "' OR '1'='1"})) == []
        assert names(server.query("search_users", {"q": "O'"})) == ["O'Brien"]
        assert names(server.query("search_users", {"q": "bob@"})) == ["Bob"]
        assert names(server.query("users_since", {"since": "2024-01-20"})) == ["O'Brien"]
        assert server.query("rename", {"id": 2, "name": "'Bobby' {{ inputs.id }}"}).json["rows_affected"] == 1
        assert names(server.query("get_user", {"user_id": 2})) == ["'Bobby' {{ inputs.id }}"]
        server.stop()


def test_shapes_that_were_tolerated(directory):
    with started(directory, "tolerated.terse", "--lenient") as server:  # for the unknown key that holds the anchor
        server.wait_ready()
        assert names(server.query("list")) == ["Alice", "Bob", "O'Brien"]
        assert names(server.query("list", {"limit": 1})) == ["Alice"]
        assert server.query("values_of_defaults").results == [
            {"a": 1000, "b": "on", "c": 2, "d": 1, "e": "2024-01-01"}
        ]
        assert server.query("without_inputs").results == [{"n": 3}]
        server.stop()


def test_what_is_tolerated_is_said(directory):
    """Nothing is ignored silently: each is a warning at its place."""
    project(directory, "tolerated.terse")
    ended = run_program("validate", "--lenient", "-f", "config.terse", cwd=directory)
    assert ended.returncode == 0
    for line in (5, 10, 11):
        assert f"config.terse:{line}:" in ended.stderr
    assert ended.stderr.count("warning: ") >= 6 and "error: " not in ended.stderr


@pytest.mark.parametrize("name", ["documented.terse", "working.terse"])
def test_a_proper_file_of_1_4_loads_without_a_word_but_for_the_cache(directory, name):
    project(directory, name)
    ended = run_program("validate", "-f", "config.terse", cwd=directory, env={"DATABASE": "sqlite:x.db"})
    assert ended.returncode == 0
    assert all("cache" in line for line in ended.stderr.splitlines())


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "input validation failed: validation error for field 'userId': required input 'userId' is missing"),
        ({"userId": 1, "x": 1}, "input validation failed: validation error for field 'x': unknown input field 'x'"),
        ({"userId": "a"}, "input validation failed: validation error for field 'userId': type validation failed: "
                          "cannot convert 'a' to int: strconv.ParseInt: parsing \"a\": invalid syntax"),
        ({"userId": []}, "input validation failed: validation error for field 'userId': type validation failed: "
                         "cannot convert []interface {} to int"),
    ],
)
def test_messages_are_upstreams(directory, body, message):
    with started(directory, "documented.terse", env={"DATABASE": "sqlite:documented.db"}) as server:
        answer = server.wait_ready().query("get-user", body)
        assert answer.status == 400 and answer.json["error"] == message and answer.json["results"] == []
        server.stop()


def test_the_routes_are_upstreams(directory):
    with started(directory, "working.terse") as server:
        server.wait_ready()
        assert server.request("GET", "/heartbeat").body == b'{"success":true}\n'
        body = server.query("get_user", {"user_id": 1}).json
        assert list(body) == ["success", "error", "results"]
        assert server.request("PUT", "/query/get_user").status == 405
        server.stop()
