"""Broken configurations: exit status 1, every problem at its place, all at once, with hints, and no secrets."""

import json
import re

import pytest
from harness import configuration, run_program, write_project

GOOD = """\
name: test
adapters:
  db:
    connector: sqlite
    connection_string: 'sqlite:data.db'
    options: { init: schema.sql }
queries:
  one:
    use: db
    description: d
    statement: SELECT {{ inputs.id }} AS id
    inputs:
      id: { type: int }
"""

# What is replaced in GOOD by what, and what has to be said at the place marked with ¦ (of the hint: a part of it).
CASES = {
    "not YAML": ("queries:", "queries: [", "not valid YAML", None),
    "a tab for indentation": ("    use: db", "\tuse: db", "not valid YAML", None),
    "unknown top-level key": ("name: test", "¦nmae: x\nname: test", "unknown key 'nmae'", "name"),
    "unknown key of a query": ("    use: db", "    ¦usee: db\n    use: db", "unknown key 'usee'", "use"),
    "unknown key of an input": ("{ type: int }", "{ type: int, ¦maxx: 5 }", "unknown key 'maxx'", "max"),
    "a key twice": ("    use: db", "    use: db\n    ¦use: db", "use", None),
    "a query twice": ("queries:\n", "queries:\n  one: { use: db, description: d, statement: SELECT 1 }\n", "one", None),
    "wrong type": ("description: d", "description: ¦[d]", "must be text", None),
    "a map for a list": ("    use: db", "    use: ¦{ a: db }", "use", None),
    "a list for a map": ("      id: { type: int }", "      ¦id: [int]", "must be a map", None),
    "missing key": ("    description: d\n", "", "'description' is required", None),
    "missing name": ("name: test\n", "", "'name' is required", None),
    "bad name": ("name: test", "name: ¦Test", "lower-case", None),
    "bad query name": ("  one:", "  ¦One:", "One", None),
    "dangling adapter": ("use: db", "use: ¦dbb", "adapter 'dbb' is not defined", "did you mean 'db'? (adapters: db)"),
    "undefined input": ("{{ inputs.id }}", "¦{{ inputs.ix }}", "has no input 'ix'", "inputs: id"),
    "bad default": ("{ type: int }", "{ type: int, default: ¦abc }", "invalid default value", None),
    "default out of bounds": ("{ type: int }", "{ type: int, max: 5, default: ¦6 }", "at most 5", None),
    "optional without default": ("      id: { type: int }", "      ¦id: { type: int, optional: true }", "does not have a default value", "null"),
    "unknown input type": ("{ type: int }", "{ type: ¦integer }", "must be one of", None),
    "choice without choices": ("{ type: int }", "{ type: ¦choice }", "choices", None),
    "bad pattern": ("{ type: int }", "{ type: string, pattern: ¦'(' }", "RE2", None),
    "min over max": ("{ type: int }", "{ type: int, min: 5, max: ¦4 }", "max", None),
    "table placeholder": ("SELECT {{ inputs.id }} AS id", "SELECT * FROM ¦{{ inputs.id }}", "name must be", "choice"),
    "column placeholder": ("SELECT {{ inputs.id }} AS id", "SELECT t.¦{{ inputs.id }} FROM t", "name", "choice"),
    "alias placeholder": ("{{ inputs.id }} AS id", "1 AS ¦{{ inputs.id }}", "name", "choice"),
    "sort placeholder": ("{{ inputs.id }} AS id", "1 ORDER BY ¦{{ inputs.id }}", "sort key", "choice"),
    "quoted name placeholder": ("{{ inputs.id }} AS id", '1 AS "¦{{ inputs.id }}"', "quoted name", None),
    "malformed placeholder": ("{{ inputs.id }} AS", "¦{{ inputs. }} AS", "not a correct placeholder", None),
    "unclosed placeholder": ("{{ inputs.id }} AS id", "¦{{ inputs.id", "}}", None),
    "unclosed literal": ("AS id", "AS id, ¦'x", "no end", None),
    "unclosed condition": ("AS id", "AS id ¦{{#if inputs.id}}", "{{/if}}", None),
    "two statements": ("AS id", "AS id; DELETE FROM t", "statement", None),
    "a parameter of one's own": ("AS id", "AS id, ¦?1", "parameter", "{{ inputs.NAME }}"),
    "a read that writes": ("    statement: SELECT {{ inputs.id }} AS id",
                           "    effect: ¦read\n    statement: DELETE FROM t WHERE id = {{ inputs.id }}", "writes", None),
    "authentication": ("{{ inputs.id }} AS id", "{{ inputs.id }} AS id, ¦{{ auth.subject }}", "auth", None),
    "unset variable": ("sqlite:data.db", "sqlite:¦{{ env.NOT_SET_ANYWHERE }}", "NOT_SET_ANYWHERE", None),
    "missing secret file": ("sqlite:data.db", "sqlite:¦{{ file./no/such/secret }}", "", None),
    "missing statement file": ("    statement: SELECT {{ inputs.id }} AS id", "    statement_file: ¦none.sql", "none.sql", None),
    "bad connection string": ("'sqlite:data.db'", "¦'mysql://localhost/x'", "sqlite:", None),
    "unknown connector": ("connector: sqlite", "connector: ¦oracle", "must be one of", None),
    "connector of later": ("connector: sqlite", "connector: ¦redis", "not in this build", "sqlite"),
    "unknown option": ("init: schema.sql", "init: schema.sql, ¦initt: x", "unknown option 'initt'", "did you mean 'init'?"),
    "bad option": ("init: schema.sql", "init: schema.sql, max_connections: ¦0", "max_connections", None),
    "feature of later": ("adapters:", "server: { ¦tls: { key: x } }\nadapters:", "not supported by this build yet", None),
    "bad port": ("adapters:", "server: { port: ¦65536 }\nadapters:", "port", None),
    "bad duration": ("adapters:", "server: { limits: { idle_timeout: ¦soon } }\nadapters:", "duration", None),
    "bad size": ("adapters:", "server: { limits: { request_body: ¦1XB } }\nadapters:", "size", None),
    "bad startup": ("adapters:", "server: { startup: ¦eventually }\nadapters:", "must be one of", None),
    "missing include": ("adapters:", "include: [¦none.terse]\nadapters:", "none.terse", None),
}


def broken(case):
    """The text of a case and the place that is to be named: (line, column), counted in bytes from 1, or None."""
    old, new, *_ = CASES[case]
    assert GOOD.count(old) == 1
    text = GOOD.replace(old, new)
    if "¦" not in text:
        return text, None
    before = text[: text.index("¦")]
    return text.replace("¦", ""), (before.count("\n") + 1, len(before.rsplit("\n", 1)[-1].encode()) + 1)


FORM = re.compile(r"(?P<file>[^:\n]+):(?:(?P<line>\d+):(?P<column>\d+):)? (?P<severity>error|warning): (?P<message>.+)"
                  r"(?:\n  hint: (?P<hint>.+))?")


def diagnostics(text):
    """The diagnostics of a text, each a dict; everything in the text must be one."""
    found = [match.groupdict() for match in FORM.finditer(text)]
    rest = FORM.sub("", text).strip()
    assert rest == "", f"not a diagnostic: {rest}"
    return [each | {"line": int(each["line"] or 0), "column": int(each["column"] or 0)} for each in found]


def test_the_configuration_that_the_cases_break_is_good(directory):
    write_project(directory, GOOD)
    ended = run_program("validate", "-f", "config.terse", cwd=directory)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "Configuration is valid: config.terse\n", "")


@pytest.mark.parametrize("case", CASES)
def test_a_broken_configuration_does_not_start(directory, case):
    text, place = broken(case)
    *_, message, hint = CASES[case]
    write_project(directory, text)
    ended = run_program("run", "-f", "config.terse", "--port", "0", cwd=directory)
    assert ended.returncode == 1 and ended.stdout == ""
    found = diagnostics(ended.stderr)
    errors = [each for each in found if each["severity"] == "error"]
    assert errors, ended.stderr
    assert all(each["file"].endswith("config.terse") for each in errors)
    wanted = [
        each for each in errors
        if message in each["message"] and (place is None or (each["line"], each["column"]) == place)
    ]
    assert wanted, f"{place} {message!r}:\n{ended.stderr}"
    assert hint is None or hint in (wanted[0]["hint"] or ""), ended.stderr


@pytest.mark.parametrize("case", CASES)
def test_validate_says_the_same_as_run(directory, case):
    text, _ = broken(case)
    write_project(directory, text)
    run = run_program("run", "-f", "config.terse", "--port", "0", cwd=directory)
    validated = run_program("validate", "-f", "config.terse", cwd=directory)
    live = run_program("validate", "--live", "-f", "config.terse", cwd=directory)
    as_json = run_program("validate", "--format", "json", "-f", "config.terse", cwd=directory)
    assert validated.returncode == live.returncode == as_json.returncode == 1
    summary = re.fullmatch(r"(.*)config\.terse: (\d+) error\(s\), (\d+) warning\(s\)\n", validated.stderr, re.DOTALL)
    assert summary[1] == run.stderr and live.stderr == validated.stderr
    found = diagnostics(run.stderr)
    shown = json.loads(as_json.stdout)
    assert shown["valid"] is False
    assert [each | {"hint": each.get("hint")} for each in shown["diagnostics"]] == found
    assert int(summary[2]) == sum(each["severity"] == "error" for each in found)


def test_every_problem_is_found_at_once_and_sorted_by_place(directory):
    text = """\
nmae: x
name: Bad Name
server:
  port: 99999
adapters:
  db: { connector: sqlite, connection_string: 'sqlite:data.db', options: { what: 1 } }
queries:
  one:
    use: dbb
    description: d
    statement: SELECT 1
  two:
    use: db
    description: 5
    statement: SELECT {{ inputs.x }}
  three:
    use: db
    statement: SELECT 1
"""
    write_project(directory, text)
    ended = run_program("validate", "-f", "config.terse", cwd=directory)
    places = [(each["line"], each["column"]) for each in diagnostics(ended.stderr.rsplit("config.terse:", 1)[0])]
    assert places == sorted(places)
    assert {line for line, _ in places} >= {1, 2, 4, 9}
    assert len(places) >= 5


def test_statements_and_inputs_are_checked_together(directory):
    queries = {
        f"q{n}": {"statement": "SELECT * FROM {{ inputs.a }} WHERE x = {{ inputs.b }}",
                  "inputs": {"a": {"type": "string"}, "c": {"type": "int", "default": "x"}}}
        for n in range(5)
    }
    write_project(directory, configuration(queries))
    found = json.loads(run_program("validate", "--format", "json", "-f", "config.terse", cwd=directory).stdout)
    for n in range(5):
        messages = [each["message"] for each in found["diagnostics"] if f"'q{n}'" in each["message"]]
        assert len(messages) >= 3, messages


def test_a_warning_alone_does_not_keep_it_from_starting(directory):
    text = GOOD.replace("      id: { type: int }", "      id: { type: int }\n      more: { type: int, default: 1 }")
    write_project(directory, text)
    ended = run_program("validate", "-f", "config.terse", cwd=directory)
    (warning,) = diagnostics(ended.stderr)
    assert ended.returncode == 0 and warning["severity"] == "warning" and "never used" in warning["message"]


def test_lenient_turns_unknown_keys_into_warnings(directory):
    text = GOOD.replace("name: test", "nmae: x\nname: test").replace("    use: db", "    usee: db\n    use: db")
    write_project(directory, text)
    strict = run_program("validate", "-f", "config.terse", cwd=directory)
    assert strict.returncode == 1 and strict.stderr.count("error: ") == 2
    lenient = run_program("validate", "--lenient", "-f", "config.terse", cwd=directory)
    assert lenient.returncode == 0
    assert [each["severity"] for each in diagnostics(lenient.stderr)] == ["warning", "warning"]


def test_lenient_forgives_nothing_else(directory):
    write_project(directory, GOOD.replace("use: db", "use: dbb"))
    assert run_program("validate", "--lenient", "-f", "config.terse", cwd=directory).returncode == 1


def test_text_of_the_command_line_is_named_source(directory):
    write_project(directory, GOOD)
    ended = run_program("validate", "-s", GOOD.replace("use: db", "use: dbb"), cwd=directory)
    assert ended.returncode == 1 and ended.stderr.startswith("<source>:9:10: error: ")


def test_a_problem_of_an_included_file_names_that_file(directory):
    more = "queries:\n  two:\n    use: nowhere\n    description: d\n    statement: SELECT 1\n"
    write_project(directory, GOOD.replace("adapters:", "include: [more.terse]\nadapters:"), files={"more.terse": more})
    ended = run_program("validate", "-f", "config.terse", cwd=directory)
    assert "more.terse:3:10: error: " in ended.stderr


def test_a_name_defined_twice_names_both_places(directory):
    more = "queries:\n  one:\n    use: db\n    description: d\n    statement: SELECT 1\n"
    write_project(directory, GOOD.replace("adapters:", "include: [more.terse]\nadapters:"), files={"more.terse": more})
    ended = run_program("validate", "-f", "config.terse", cwd=directory)
    assert "more.terse:2:3" in ended.stderr and "config.terse:9:3" in ended.stderr


@pytest.mark.parametrize(
    "content", [b"", b"# only a comment\n", b"- a\n- b\n", b"text\n", b"42\n", b"null\n", b"\xff\xfe\x00", b"a: \x00\n"],
)
def test_a_file_that_is_no_configuration(directory, content):
    (directory / "config.terse").write_bytes(content)
    ended = run_program("validate", "-f", "config.terse", cwd=directory)
    assert ended.returncode == 1 and "config.terse" in ended.stderr and "error: " in ended.stderr


def test_a_hostile_file_is_an_error_not_a_crash(directory):
    """Deep nesting, and a small file whose aliases would make a huge tree."""
    laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12)
    )
    for content in ("name: " + "[" * 100_000, "{" * 100_000, laughs, "name: &a [*a]\n", "<<: *nothing\n"):
        (directory / "config.terse").write_text(content)
        ended = run_program("validate", "-f", "config.terse", cwd=directory)
        assert ended.returncode == 1 and "error: " in ended.stderr


# Secrets

SECRET = "s3cr3t-pa55word"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("'sqlite:data.db'", "'mysql://user:{{ env.SECRET }}@host/db'"),
        ("'sqlite:data.db'", "'{{ env.SECRET }}://x/y'"),
        ("'sqlite:data.db'", "'sqlite://{{ env.SECRET }}/data.db'"),
        ("'sqlite:data.db'", "'sqlite:data.db?{{ env.SECRET }}=1'"),
        ("use: db", "use: '{{ env.SECRET }}'"),
        ("{ type: int }", "{ type: int, default: '{{ env.SECRET }}' }"),
        ("{ type: int }", "{ type: '{{ env.SECRET }}' }"),
        ("{ type: int }", "{ type: string, pattern: '{{ env.SECRET }}(' }"),
        ("{ type: int }", "{ type: int, min: '{{ env.SECRET }}' }"),
        ("{ type: int }", "{ type: int, enum: ['{{ env.SECRET }}'] }"),
        ("connector: sqlite", "connector: '{{ env.SECRET }}'"),
        ("init: schema.sql", "busy_timeout: '{{ env.SECRET }}'"),
        ("init: schema.sql", "max_connections: '{{ env.SECRET }}'"),
        ("init: schema.sql", "journal_mode: '{{ file.secret.txt }}'"),
        ("adapters:", "server: { port: '{{ env.SECRET }}' }\nadapters:"),
        ("adapters:", "server: { host: '{{ env.SECRET }}', limits: { idle_timeout: '{{ env.SECRET }}' } }\nadapters:"),
        ("adapters:", "server: { trusted_proxies: ['{{ env.SECRET }}'] }\nadapters:"),
        ("adapters:", "include: ['{{ env.SECRET }}.terse']\nadapters:"),
        ("    statement: SELECT {{ inputs.id }} AS id", "    statement_file: '{{ env.SECRET }}'"),
        ("SELECT {{ inputs.id }} AS id", "SELECT '{{ env.SECRET }}' FROM {{ inputs.id }}"),
        ("name: test", "name: '{{ env.SECRET }}!'"),
    ],
)
def test_a_value_from_the_environment_or_a_file_is_never_shown(directory, old, new):
    text = GOOD.replace(old, new)
    write_project(directory, text, files={"secret.txt": SECRET + "\n"})
    env = {"SECRET": SECRET}
    for arguments in (["validate"], ["validate", "--format", "json"], ["validate", "--live"]):
        ended = run_program(*arguments, "-f", "config.terse", cwd=directory, env=env)
        assert ended.returncode == 1, ended
        assert SECRET not in ended.stdout + ended.stderr


def test_a_secret_of_a_connection_string_is_not_in_the_log_of_a_failed_start(directory):
    text = GOOD.replace("sqlite:data.db", "sqlite:/no/such/{{ env.SECRET }}/data.db")
    write_project(directory, text)
    ended = run_program("run", "-f", "config.terse", "--port", "0", "--verbose", cwd=directory, env={"SECRET": SECRET})
    assert ended.returncode == 1 and SECRET not in ended.stdout + ended.stderr


def test_an_env_file_that_does_not_parse_is_a_warning_without_its_values(directory):
    """Its variables may not be wanted; one that is wanted is an error of its own."""
    files = {".env": f'DATABASE=data.db\nPASSWORD="{SECRET}\n'}
    for name, status in (("DATABASE", 0), ("PASSWORD", 1)):
        write_project(directory, GOOD.replace("data.db", f"{{{{ env.{name} }}}}"), files=files)
        ended = run_program("validate", "-f", "config.terse", cwd=directory)
        assert ended.returncode == status, ended
        assert ".env:2:10: warning: " in ended.stderr and SECRET not in ended.stdout + ended.stderr


# validate --live


def test_live_validation_prints_the_contract(directory):
    queries = {
        "users": "SELECT id, name FROM users",
        "add": {"statement": "INSERT INTO users (name) VALUES ({{ inputs.name }})", "inputs": {"name": {"type": "string"}}},
    }
    write_project(directory, configuration(queries), "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);")
    ended = run_program("validate", "--live", "-f", "config.terse", cwd=directory)
    assert ended.returncode == 0 and ended.stderr == ""
    assert ended.stdout == (
        "users (read)\n  id: INTEGER\n  name: TEXT\nadd (write)\n  no rows\nConfiguration is valid: config.terse\n"
    )


def test_live_validation_reports_what_the_database_rejects_at_its_place(directory):
    text = GOOD.replace("SELECT {{ inputs.id }} AS id", "SELECT absent FROM t WHERE id = {{ inputs.id }}")
    write_project(directory, text, "CREATE TABLE t (id);")
    assert run_program("validate", "-f", "config.terse", cwd=directory).returncode == 0
    ended = run_program("validate", "--live", "-f", "config.terse", cwd=directory)
    assert ended.returncode == 1
    assert ended.stderr.startswith("config.terse:11:") and "no such column: absent" in ended.stderr


def test_live_validation_reports_a_database_that_is_not_there(directory):
    write_project(directory, GOOD.replace("    options: { init: schema.sql }\n", ""))
    ended = run_program("validate", "--live", "-f", "config.terse", cwd=directory)
    assert ended.returncode == 1 and ended.stderr.startswith("config.terse:5:")


def test_live_validation_warns_of_declared_columns_that_are_not_returned(directory):
    text = GOOD.replace("    inputs:", "    data:\n      nothing: { type: int }\n    inputs:")
    write_project(directory, text)
    ended = run_program("validate", "--live", "-f", "config.terse", cwd=directory)
    assert ended.returncode == 0 and "warning: " in ended.stderr and "nothing" in ended.stderr
