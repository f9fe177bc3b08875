"""Starting: what is printed, where the program listens, and what keeps it from starting."""

import os
import socket

import pytest
from harness import configuration, free_port, launch, run_program, send, serve, write_project

ONE = configuration({"one": "SELECT 1 AS n"})


def refused(directory, *arguments, env=None):
    """Runs the program, which has to end with status 1 and nothing on standard output; returns its stderr."""
    ended = run_program(*arguments, cwd=directory, env=env)
    assert ended.returncode == 1, ended
    assert ended.stdout == "" and ended.stderr != ""
    return ended.stderr


def config_with(**server):
    return configuration({"one": "SELECT 1 AS n"}, server=server)


def test_prints_one_machine_readable_ready_line(directory):
    with serve(directory, ONE) as server:
        assert server.ready == {
            "event": "ready",
            "address": f"127.0.0.1:{server.port}",
            "port": server.port,
            "adapters": ["db"],
            "queries": 1,
        }
        assert server.query("one").results == [{"n": 1}]
    assert len(server.output) == 1


def test_prints_a_banner_with_address_adapters_and_queries(directory):
    write_project(directory, configuration({"one": "SELECT 1", "two": "SELECT 2"}))
    arguments = ["run", "-f", "config.terse", "--host", "127.0.0.1", "--port", "0"]
    with launch(directory, *arguments, log_format="text") as server:
        server.wait_ready()
        first, adapters, queries = server.output
        assert first.startswith("Hyperterse ") and "listening on http://127.0.0.1:" in first
        assert adapters.split() == ["adapters:", "db"]
        assert queries.split() == ["queries:", "2"]
        assert server.request("GET", "/heartbeat").json == {"success": True}
        server.stop()


def test_serves_without_a_subcommand(directory):
    write_project(directory, ONE)
    with launch(directory, "-f", "config.terse", "--host", "127.0.0.1", "-p", "0") as server:
        assert server.wait_ready().query("one").results == [{"n": 1}]
        server.stop()


def test_listens_on_every_interface_by_default(directory):
    write_project(directory, ONE)
    with launch(directory, "run", "-f", "config.terse", "--port", "0") as server:
        server.wait_ready()
        assert server.ready["address"] == f"0.0.0.0:{server.port}"
        assert send(server.port, "GET", "/heartbeat", host="127.0.0.2").status == 200
        server.stop()


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
def test_listens_on_ipv6(directory):
    write_project(directory, ONE)
    with launch(directory, "run", "-f", "config.terse", "--host", "::1", "--port", "0") as server:
        server.wait_ready()
        assert server.ready["address"] == f"[::1]:{server.port}"
        assert send(server.port, "GET", "/heartbeat", host="::1").status == 200
        server.stop()


def test_port_in_use_is_a_clear_error(directory):
    write_project(directory, ONE)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = refused(directory, "run", "-f", "config.terse", "--host", "127.0.0.1", "--port", port)
    assert f"127.0.0.1:{port}" in said
    assert "in use" in said


@pytest.mark.parametrize("host", ["256.0.0.1", "no-such-host.invalid", "192.0.2.1"])
def test_bad_host_is_a_clear_error(directory, host):
    write_project(directory, ONE)
    assert host in refused(directory, "run", "-f", "config.terse", "--host", host, "--port", "0")


def test_port_comes_from_the_flag_then_the_config_then_the_environment(directory):
    flag, config, variable = (free_port() for _ in range(3))
    base = ["run", "-f", "config.terse", "--host", "127.0.0.1"]
    cases = [
        (config_with(port=config), ["--port", flag], flag),
        (config_with(port=config), [], config),
        (config_with(port=str(config)), [], config),
        (ONE, [], variable),
    ]
    for text, arguments, expected in cases:
        write_project(directory, text)
        with launch(directory, *base, *arguments, env={"PORT": str(variable)}) as server:
            assert server.wait_ready().port == expected
            server.stop()


def test_host_comes_from_the_flag_then_the_config_then_the_environment(directory):
    env = {"HOST": "127.0.0.4"}
    cases = [
        (config_with(host="127.0.0.3"), ["--host", "127.0.0.2"], "127.0.0.2"),
        (config_with(host="127.0.0.3"), [], "127.0.0.3"),
        (ONE, [], "127.0.0.4"),
    ]
    for text, arguments, expected in cases:
        write_project(directory, text)
        with launch(directory, "run", "-f", "config.terse", "--port", "0", *arguments, env=env) as server:
            assert server.wait_ready().ready["address"] == f"{expected}:{server.port}"
            server.stop()


@pytest.mark.parametrize("port", ["abc", "-1", "65536", "80 80"])
def test_a_port_in_the_environment_that_is_none_is_an_error(directory, port):
    write_project(directory, ONE)
    assert "PORT" in refused(directory, "run", "-f", "config.terse", env={"PORT": port})


def test_env_files_are_layers_under_the_real_environment(directory):
    config = configuration({"names": "SELECT '{{ env.A }}' AS a, '{{ env.B }}' AS b, '{{ env.C }}' AS c, "
                                     "'{{ env.D }}' AS d, '{{ env.E | default(\"none\") }}' AS e"})
    write_project(directory / "project", config, files={
        ".env": "A=file\nB=file\nC=file\nD=file\n",
        ".env.development": "A=development\nB=development\nC='development'\n",
        ".env.local": 'export A=local\nB: "local" # a comment\n',
    })
    arguments = ["run", "-f", "project/config.terse", "--host", "127.0.0.1", "--port", "0"]
    with launch(directory, *arguments, env={"A": "real"}) as server:
        assert server.wait_ready().query("names").results == [
            {"a": "real", "b": "local", "c": "development", "d": "file", "e": "none"}
        ]
        server.stop()


def test_env_files_beside_the_config_win_over_the_working_directory(directory):
    config = configuration({"names": "SELECT '{{ env.A }}' AS a, '{{ env.B }}' AS b"})
    write_project(directory / "project", config, files={".env": "A=beside\n"})
    (directory / ".env").write_text("A=working\nB=working\n")
    arguments = ["run", "-f", "project/config.terse", "--host", "127.0.0.1", "--port", "0"]
    with launch(directory, *arguments) as server:
        assert server.wait_ready().query("names").results == [{"a": "beside", "b": "working"}]
        server.stop()


def test_port_may_come_from_an_env_file(directory):
    port = free_port()
    write_project(directory, ONE, files={".env": f"PORT={port}\n"})
    with launch(directory, "run", "-f", "config.terse", "--host", "127.0.0.1") as server:
        assert server.wait_ready().port == port
        server.stop()


def test_runs_text_of_the_command_line(directory):
    (directory / "schema.sql").write_text("CREATE TABLE t (n); INSERT INTO t VALUES (7);")
    text = configuration({"one": "SELECT n FROM t"})
    with launch(directory, "run", "--source", text, "--host", "127.0.0.1", "--port", "0") as server:
        assert server.wait_ready().query("one").results == [{"n": 7}]
        server.stop()
    assert (directory / "data.db").exists()


def test_paths_are_relative_to_the_configuration_file(directory):
    write_project(directory / "project", configuration({"n": "SELECT n FROM t"}), "CREATE TABLE t (n);")
    with launch(directory, "run", "-f", "project/config.terse", "--host", "127.0.0.1", "--port", "0") as server:
        assert server.wait_ready().query("n").results == []
        server.stop()
    assert (directory / "project" / "data.db").exists()


def test_init_runs_only_when_the_database_is_created(directory):
    config = configuration({"count": "SELECT count(*) AS n FROM t", "add": "INSERT INTO t VALUES (2)"})
    schema = "CREATE TABLE t (n); INSERT INTO t VALUES (1);"
    with serve(directory, config, schema) as server:
        assert server.query("add").json["rows_affected"] == 1
    with serve(directory, config, schema) as server:
        assert server.query("count").results == [{"n": 2}]


def test_statement_file_and_includes_and_file_secrets(directory):
    config = """
name: test
include: [more/*.terse]
adapters:
  db:
    connector: sqlite
    connection_string: 'sqlite:{{ file./DIRECTORY/secret }}'
    options: { init: schema.sql }
queries:
  from-file: { use: db, description: d, statement_file: sql/one.sql, inputs: { n: { type: int } } }
""".replace("/DIRECTORY", str(directory))
    more = "queries:\n  from-include: { use: db, description: d, statement: SELECT 2 AS n }\n"
    files = {"sql/one.sql": "SELECT {{ inputs.n }} AS n", "more/a.terse": more, "secret": "hidden.db\n"}
    with serve(directory, config, files=files) as server:
        assert server.ready["queries"] == 2
        assert server.query("from-file", {"n": 1}).results == [{"n": 1}]
        assert server.query("from-include").results == [{"n": 2}]
    assert (directory / "hidden.db").exists()


def test_memory_database_is_shared_by_all_connections(directory):
    adapters = {"db": {"connector": "sqlite", "connection_string": "sqlite::memory:",
                       "options": {"init": "schema.sql", "max_connections": 4}}}
    config = configuration({"add": "INSERT INTO t VALUES (1)", "count": "SELECT count(*) AS n FROM t"},
                           adapters=adapters)
    with serve(directory, config, "CREATE TABLE t (n);") as server:
        for expected in range(1, 11):
            server.query("add")
            assert server.query("count").results == [{"n": expected}]


def test_missing_configuration_file(directory):
    said = refused(directory, "run", "-f", "nowhere.terse")
    assert "nowhere.terse" in said and "No such file" in said


def test_configuration_file_that_is_a_directory(directory):
    (directory / "config.terse").mkdir()
    assert "config.terse" in refused(directory, "run", "-f", "config.terse")


def test_file_and_source_exclude_each_other(directory):
    write_project(directory, ONE)
    assert "both" in refused(directory, "run", "-f", "config.terse", "-s", ONE)


def test_takes_config_terse_of_the_working_directory_when_nothing_is_said(directory):
    assert "hyperterse init" in refused(directory, "run")
    write_project(directory, ONE)
    with launch(directory, "run", "--host", "127.0.0.1", "--port", "0") as server:
        assert server.wait_ready().query("one").results == [{"n": 1}]
        server.stop()


@pytest.mark.parametrize(
    "option",
    [["--port", "65536"], ["--port", "abc"], ["--log-level", "5"], ["--log-format", "xml"], ["--workers", "0"]],
)
def test_wrong_option_of_the_command_line(directory, option):
    write_project(directory, ONE)
    said = refused(directory, "run", "-f", "config.terse", *option)
    assert option[0] in said


def test_wrong_option_of_an_adapter_lists_the_known_ones(directory):
    write_project(directory, configuration({"one": "SELECT 1"}, options={"no_such_option": "1"}))
    said = refused(directory, "run", "-f", "config.terse")
    assert "config.terse:" in said and "no_such_option" in said and "init" in said


SPOILED = configuration({"good": "SELECT n FROM t", "bad": "SELECT absent FROM t"}, server={"startup": "strict"})
SPOILED_DEGRADED = SPOILED.replace("strict", "degraded")


def test_strict_start_ends_when_the_database_rejects_a_statement(directory):
    write_project(directory, SPOILED, "CREATE TABLE t (n);")
    said = refused(directory, "run", "-f", "config.terse", "--port", "0")
    assert "config.terse:" in said and "'bad'" in said and "absent" in said


def test_degraded_start_serves_the_rest(directory):
    with serve(directory, SPOILED_DEGRADED, "CREATE TABLE t (n);") as server:
        assert server.query("good").results == []
        server.query("bad").failed_as(503, "unavailable")
        server.wait_for_log(level="error", message=lambda text: "'bad'" in text and "absent" in text)


@pytest.mark.parametrize("startup", ["strict", "degraded"])
@pytest.mark.parametrize("database", ["missing.db", "no/such/folder/data.db", "."])
def test_database_that_is_not_there(directory, startup, database):
    """Waiting cannot help, so that the program ends however it was told to start."""
    adapters = {"db": {"connector": "sqlite", "connection_string": f"sqlite:{database}"}}
    write_project(directory, configuration({"one": "SELECT 1"}, adapters=adapters, server={"startup": startup}))
    said = refused(directory, "run", "-f", "config.terse", "--port", "0")
    assert str(directory) in said and "db" in said
    assert not (directory / "missing.db").exists()


@pytest.mark.parametrize("content", [b"This is not a database. " * 200, b"SQLite format 3\0" + b"\xff" * 5000])
def test_corrupt_database_file(directory, content):
    write_project(directory, ONE, files={"data.db": content})
    assert "data.db" in refused(directory, "run", "-f", "config.terse", "--port", "0")
    assert (directory / "data.db").read_bytes() == content


def test_a_broken_init_script_is_an_error_and_leaves_no_database(directory):
    write_project(directory, config_with(startup="strict"), "CREATE TABLE t (n); CREATE TABEL u (n);")
    said = refused(directory, "run", "-f", "config.terse", "--port", "0")
    assert "schema.sql" in said or "TABEL" in said
    assert not (directory / "data.db").exists()


def test_runs_as_many_workers_as_asked_for(directory):
    threads = {}
    for workers in (1, 4):
        with serve(directory, ONE, arguments=["--workers", workers]) as server:
            threads[workers] = len(os.listdir(f"/proc/{server.pid}/task"))
            assert server.query("one").results == [{"n": 1}]
    assert threads[4] - threads[1] == 3
