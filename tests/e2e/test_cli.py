"""The command line: help, versions, errors, the schema, completions, and what `init` writes."""

import json
import subprocess

import pytest
from harness import ROOT, launch, run_program

COMMANDS = ["run", "validate", "init", "schema", "version", "completion"]


def succeeded(directory, *arguments):
    """Runs the program, which has to succeed without a word on standard error; returns its output."""
    ended = run_program(*arguments, cwd=directory)
    assert (ended.returncode, ended.stderr) == (0, ""), ended
    return ended.stdout


def failed(directory, *arguments):
    """Runs the program, which has to fail with status 1 and nothing on standard output; returns its stderr."""
    ended = run_program(*arguments, cwd=directory)
    assert ended.returncode == 1 and ended.stdout == "" and ended.stderr, ended
    return ended.stderr


# Help and versions


def test_without_arguments_it_prints_help(directory):
    assert succeeded(directory) == succeeded(directory, "--help") == succeeded(directory, "-h")


def test_help_shows_a_newcomer_the_way(directory):
    text = succeeded(directory, "--help")
    for command in COMMANDS:
        assert f"  {command} " in text
    for word in ("hyperterse init", "hyperterse run", "curl", "--port", "--file"):
        assert word in text
    assert max(map(len, text.splitlines())) <= 120


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(directory, command):
    assert command in succeeded(directory, command, "--help")


def test_help_of_run_names_every_option(directory):
    text = succeeded(directory, "run", "--help")
    for option in ("--file", "--source", "--lenient", "--port", "--host", "--log-level", "--log-format", "--workers", "--verbose"):
        assert option in text


def test_the_version_is_one_line(directory):
    version = succeeded(directory, "version")
    assert version == succeeded(directory, "--version") == succeeded(directory, "-v")
    assert version.count("\n") == 1 and version[0].isdigit()


@pytest.mark.parametrize(
    "arguments",
    [["--nope"], ["run", "--nope"], ["serve"], ["run", "extra"], ["validate", "--format", "xml", "-f", "x"], ["completion"],
     ["completion", "tcsh"], ["init", "--connector", "oracle"], ["-f"], ["--port"], ["run", "--workers", "many"],
     ["run", "--workers", "+4"], ["run", "--workers", "0"], ["run", "--workers", "1025"], ["-p", "0x1F90"], ["-p", " 80"],
     ["-p", "65536"]],
)
def test_a_wrong_command_line_says_so_on_standard_error(directory, arguments):
    said = failed(directory, *arguments)
    assert "--help" in said or arguments[-1] in said


def test_the_file_may_be_named_before_or_after_the_command(directory):
    (directory / "other.terse").write_text(
        "name: other\nadapters: { db: { connector: sqlite, connection_string: ':memory:' } }\n"
        "queries: { one: { use: db, description: One, statement: SELECT 1 AS one } }\n"
    )
    before = succeeded(directory, "-f", "other.terse", "validate")
    assert before == succeeded(directory, "validate", "-f", "other.terse") == "Configuration is valid: other.terse\n"


def test_a_live_check_tells_tools_the_columns(directory):
    succeeded(directory, "init")
    said = json.loads(succeeded(directory, "validate", "--live", "--format", "json"))
    assert said["valid"] and said["diagnostics"] == []
    columns = {query["name"]: [column["name"] for column in query["columns"]] for query in said["queries"]}
    assert columns["get-user"] == ["id", "name", "email", "role", "created_at"]
    assert {query["name"]: query["effect"] for query in said["queries"]}["create-user"] == "write"


# Schema


def test_the_schema_is_the_one_in_the_repository(directory):
    text = succeeded(directory, "schema")
    assert text == (ROOT / "schema" / "terse.schema.json").read_text(encoding="utf-8")
    schema = json.loads(text)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert {"name", "adapters", "queries"} <= set(schema["properties"])


# Completion


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_completion_script_knows_commands_and_options(directory, shell):
    script = succeeded(directory, "completion", shell)
    for word in (*COMMANDS, "lenient", "live", "connector"):
        assert word in script


def bash_completes(script, *words):
    """What bash offers for the last of `words`."""
    quoted = " ".join(f"'{word}'" for word in words)
    program = f"{script}\nCOMP_WORDS=({quoted}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); _hyperterse; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    ended = subprocess.run(["bash", "-c", program], capture_output=True, text=True, check=True)
    return ended.stdout.split()


def test_the_bash_script_completes(directory):
    script = succeeded(directory, "completion", "bash")
    parsed = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True, check=False)
    assert (parsed.returncode, parsed.stderr) == (0, "")
    assert bash_completes(script, "hyperterse", "va") == ["validate"]
    assert bash_completes(script, "hyperterse", "validate", "--l") == ["--lenient", "--live"]
    assert bash_completes(script, "hyperterse", "init", "--c") == ["--connector"]
    assert set(COMMANDS) <= set(bash_completes(script, "hyperterse", ""))


# init


def test_what_init_writes_runs_and_answers(directory):
    said = succeeded(directory, "init")
    assert "config.terse" in said and "schema.sql" in said and "hyperterse run -f config.terse" in said
    succeeded(directory, "validate", "-f", "config.terse")
    live = succeeded(directory, "validate", "--live", "-f", "config.terse")
    assert "create-user (write)" in live and "list-users (read)" in live
    with launch(directory, "run", "--host", "127.0.0.1", "--port", "0") as server:
        server.wait_ready()
        names = lambda answer: [row["name"] for row in answer.results]  # noqa: E731
        assert names(server.query("list-users")) == ["Edgar Codd", "Grace Hopper", "Ada Lovelace"]
        assert names(server.get("list-users", {"limit": 1, "sort": "name"})) == ["Ada Lovelace"]
        assert names(server.get("get-user", {"id": 1})) == ["Ada Lovelace"]
        assert names(server.query("search-users", {"q": "a"})) == ["Ada Lovelace", "Edgar Codd", "Grace Hopper"]
        assert names(server.query("search-users", {"q": "a", "role": "admin"})) == ["Ada Lovelace"]
        new = {"name": "Tony Hoare", "email": "tony@example.com"}
        assert names(server.query("create-user", new)) == ["Tony Hoare"]
        server.query("create-user", new).failed_as(409, "conflict")
        server.query("create-user", new | {"email": "tony"}).failed_as(400, "invalid_input")
        assert names(server.query("list-users", {"limit": 1})) == ["Tony Hoare"]
        server.stop()
    assert "warn" not in {line["level"] for line in server.log}


def test_init_writes_where_it_is_told(directory):
    assert "sub/folder/my.terse" in succeeded(directory, "init", "-o", "sub/folder/my.terse")
    assert succeeded(directory, "validate", "-f", "sub/folder/my.terse") == "Configuration is valid: sub/folder/my.terse\n"


@pytest.mark.parametrize("existing", ["config.terse", "schema.sql"])
def test_init_never_overwrites(directory, existing):
    (directory / existing).write_text("mine")
    said = failed(directory, "init")
    assert f"'{existing}' already exists" in said
    assert (directory / existing).read_text() == "mine"
    assert [path.name for path in directory.iterdir()] == [existing]


def test_init_says_when_it_cannot_write(directory):
    (directory / "file").write_text("")
    assert "file" in failed(directory, "init", "-o", "file/config.terse")


def test_the_template_for_postgres_is_valid(directory):
    succeeded(directory, "init", "--connector", "postgres")
    ended = run_program(
        "validate", "--format", "json", "-f", "config.terse", cwd=directory, env={"DATABASE_URL": "postgres://u:s3cr3t@h/d"}
    )
    assert (ended.returncode, json.loads(ended.stdout)["diagnostics"]) == (0, [])


def test_a_wrong_connection_string_is_found_without_being_shown(directory):
    succeeded(directory, "init", "--connector", "postgres")
    ended = run_program(
        "validate", "--format", "json", "-f", "config.terse", cwd=directory, env={"DATABASE_URL": "postgres://u:s3cr3t%@h/d"}
    )
    (found,) = json.loads(ended.stdout)["diagnostics"]
    lines = (directory / "config.terse").read_text().splitlines()
    assert ended.returncode == 1
    assert found["message"].startswith("the connection string is no URL that PostgreSQL understands")
    assert lines[found["line"] - 1][found["column"] - 1:] == "'{{ env.DATABASE_URL }}'"
    assert "s3cr3t" not in ended.stdout + ended.stderr


def test_the_template_for_postgres_needs_its_variable(directory):
    succeeded(directory, "init", "--connector", "postgres")
    assert "DATABASE_URL" in failed(directory, "run", "-f", "config.terse")
