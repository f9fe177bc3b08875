"""A corpus of hostile strings goes through every placeholder form and comes back byte for byte."""

import csv
import io
import json
import urllib.parse

import pytest
from harness import configuration, serve

CONTROLS = {f"control {code:02x}": f"a{chr(code)}b" for code in [*range(1, 0x20), 0x7F]}
CORPUS = CONTROLS | {
    "empty": "",
    "space": " ",
    "quote": "'",
    "two quotes": "''",
    "quoted": "'x'",
    "escaped quote": "\\'",
    "double quote": '"',
    "back tick": "`",
    "brackets": "[x]",
    "backslash": "\\",
    "backslashes at the end": "x\\\\\\",
    "line comment": "x' -- ",
    "block comment": "/* x */ '*/ /*",
    "hash comment": "# x",
    "union": "' UNION SELECT sql FROM sqlite_master --",
    "or true": "' OR '1'='1",
    "second statement": "1; DROP TABLE kept; --",
    "template": "{{ inputs.v }}",
    "template of another input": "{{inputs.other}}",
    "environment": "{{ env.HOME }}",
    "file": "{{ file./etc/passwd }}",
    "condition": "{{#if inputs.v}}x{{else}}y{{/if}}",
    "braces": "{{ }} }}{{ {%x%} ${x} $(x) #{x} <%= x %>",
    "question mark": "?",
    "numbered parameters": "?1 ?2 $1 $2 :v @v :1 $v",
    "dollar quotes": "$$x$$ $tag$x$tag$",
    "percent": "%s %d %1$s %% %n",
    "wild cards": "%_*?[a-z]^",
    "casts": "1::int x::text",
    "null word": "NULL",
    "number": "1e309",
    "zero": "0",
    "json": '{"v":"x","a":[1,null]}',
    "json end": '"}],"success":false}',
    "csv": 'a,"b";c\td',
    "formula": "=1+1",
    "csv line ends": "a\r\nb\rc\nd",
    "html": "<script>alert(1)</script>&amp;",
    "url": "a=1&b=2#c;d+e%20f?g",
    "path": "../../etc/passwd",
    "unicode": "é ß 漢字 עברית العربية ไทย",
    "outside the basic plane": "😀𝄞👩‍👩‍👧‍👦",
    "combining and normal forms": "é é Å Å ﬁ",
    "confusable quotes": "ʼ ’ ＇ ‚ ´ ″",
    "direction and width": "\u202e\u200b\u200d\ufeff\u00ad",
    "line separators": "\u2028\u2029\u0085",
    "byte order mark first": "\ufeffx",
    "non-characters": "\ufffe\uffff\U0010ffff",
    "replacement": "\ufffd",
    "all latin": "".join(map(chr, range(1, 256))),
    "64 KiB": ("'\\\"{{ inputs.v }}%_\n" * 4000)[: 64 * 1024],
    "64 KiB of quotes": "'" * 64 * 1024,
}
NAMES = list(CORPUS)

V = {"v": {"type": "string"}}
ONE_VALUE = {
    "bare": "SELECT {{ inputs.v }} AS v",
    "literal": "SELECT '{{ inputs.v }}' AS v",
    "tight": "SELECT {{inputs.v}} AS v",
    "twice": "SELECT {{ inputs.v }} AS v WHERE {{ inputs.v }} = '{{ inputs.v }}'",
    "compared": "SELECT v FROM (SELECT {{ inputs.v }} AS v) WHERE v = '{{ inputs.v }}' -- {{ inputs.v }}",
    "in-function": "SELECT substr({{ inputs.v }} || '', 1) AS v",
    "in-list": "SELECT v FROM (SELECT {{ inputs.v }} AS v) WHERE v IN ('x', {{ inputs.v }}, '{{ inputs.v }}')",
    "cte": "WITH c(v) AS (VALUES ({{ inputs.v }})) SELECT v FROM c",
    "condition": "SELECT v FROM (SELECT {{ inputs.v }} AS v) {{#if inputs.v}} WHERE v = {{ inputs.v }} {{/if}}",
    "instr": "SELECT v FROM (SELECT {{ inputs.v }} AS v) WHERE instr('<{{ inputs.v }}>', v || '>') = 2",
}
QUERIES = {name: {"statement": text, "inputs": V} for name, text in ONE_VALUE.items()} | {
    "concatenated": {"statement": "SELECT '<{{ inputs.v }}|''|{{ inputs.v }}>' AS v", "inputs": V},
    "like": {"statement": "SELECT v FROM (SELECT {{ inputs.v }} AS v) WHERE v LIKE '%{{ inputs.v }}%'", "inputs": V},
    "array": {"statement": "SELECT value AS v FROM json_each({{ inputs.vs }})",
              "inputs": {"vs": {"type": "json"}}},
    "array-in": {
        "statement": "SELECT v FROM (SELECT {{ inputs.v }} AS v) WHERE v IN ({{ inputs.vs }})",
        "inputs": V | {"vs": {"type": "string[]", "max_length": 2 * 65_536}},
    },
    "stored": {"statement": "INSERT INTO kept (v) VALUES ({{ inputs.v }}) RETURNING id", "inputs": V},
    "stored-literal": {"statement": "INSERT INTO kept (v) VALUES ('{{ inputs.v }}') RETURNING v", "inputs": V},
    "fetched": {"statement": "SELECT v FROM kept WHERE id = {{ inputs.id }}", "inputs": {"id": {"type": "int"}}},
    "two": {"statement": "SELECT '{{ inputs.a }}{{ inputs.b }}' AS v, {{ inputs.b }} AS b",
            "inputs": {"a": {"type": "string"}, "b": {"type": "string"}}},
    "enum": {"statement": "SELECT {{ inputs.v }} AS v", "inputs": {"v": {"type": "string", "enum": ["x"]}}},
    "choice": {"statement": "SELECT id FROM kept ORDER BY {{ inputs.v }}",
               "inputs": {"v": {"type": "choice", "choices": {"up": "id", "down": "id DESC"}}}},
}


@pytest.fixture(scope="module")
def server(module_directory):
    limits = {"request_body": "4MiB"}
    schema = "CREATE TABLE kept (id INTEGER PRIMARY KEY, v TEXT);"
    with serve(module_directory, configuration(QUERIES, server={"limits": limits}), schema) as running:
        yield running


def only(answer):
    assert len(answer.results) == 1
    return answer.results[0]["v"]


@pytest.mark.parametrize("query", ONE_VALUE)
@pytest.mark.parametrize("name", NAMES)
def test_comes_back_through_a_placeholder(server, query, name):
    assert only(server.query(query, {"v": CORPUS[name]})) == CORPUS[name]


@pytest.mark.parametrize("name", NAMES)
def test_comes_back_from_utf8_and_from_escapes(server, name):
    for ascii_only in (True, False):
        body = json.dumps({"v": CORPUS[name]}, ensure_ascii=ascii_only)
        assert only(server.query("literal", body)) == CORPUS[name]


@pytest.mark.parametrize("name", NAMES)
def test_comes_back_inside_a_literal(server, name):
    value = CORPUS[name]
    assert only(server.query("concatenated", {"v": value})) == f"<{value}|'|{value}>"
    assert server.query("two", {"a": value, "b": "{{ inputs.a }}"}).results == [
        {"v": value + "{{ inputs.a }}", "b": "{{ inputs.a }}"}
    ]


@pytest.mark.parametrize("name", [name for name in NAMES if len(CORPUS[name]) < 10_000])  # SQLite bounds a pattern
def test_comes_back_through_like(server, name):
    assert only(server.query("like", {"v": CORPUS[name]})) == CORPUS[name]


@pytest.mark.parametrize("name", NAMES)
def test_comes_back_through_an_array(server, name):
    value = CORPUS[name]
    assert only(server.query("array", {"vs": [value]})) == value
    assert only(server.query("array-in", {"v": value, "vs": ["other", value]})) == value
    assert server.query("array-in", {"v": value, "vs": [value + "x"]}).results == []


@pytest.mark.parametrize("name", NAMES)
def test_comes_back_from_the_database(server, name):
    value = CORPUS[name]
    (row,) = server.query("stored", {"v": value}).results
    assert only(server.query("fetched", {"id": row["id"]})) == value
    assert only(server.query("stored-literal", {"v": value})) == value


@pytest.mark.parametrize("name", [name for name in NAMES if len(CORPUS[name]) < 1000])
def test_comes_back_from_the_query_string(server, name):
    value = CORPUS[name]
    assert only(server.get("bare", {"v": value})) == value
    assert only(server.get("literal", {"v": value})) == value
    everything = "".join(f"%{byte:02X}" for byte in value.encode())
    assert only(server.request("GET", f"/query/bare?v={everything}")) == value
    assert only(server.get("array-in", {"v": value, "vs": ["x", value]})) == value


@pytest.mark.parametrize("name", NAMES)
def test_comes_back_in_every_representation(server, name):
    value = CORPUS[name]
    line = server.query("bare", {"v": value}, {"Accept": "application/x-ndjson"}).body
    assert line.endswith(b"\n") and line.count(b"\n") == 1 and json.loads(line) == {"v": value}
    text = server.query("bare", {"v": value}, {"Accept": "text/csv"}).text
    assert list(csv.reader(io.StringIO(text, newline=""), strict=True))[0] == ["v"]
    assert text[len("v\r\n"):-len("\r\n")] in (value, '"' + value.replace('"', '""') + '"')


@pytest.mark.parametrize("name", NAMES)
def test_never_becomes_a_fragment_or_a_name(server, name):
    value = CORPUS[name]
    for query in ("enum", "choice"):
        server.query(query, {"v": value}).failed_as(400, "invalid_input")
    server.query("bare", {"v": "x", value + "'": "x"}).failed_as(400, "invalid_input")
    if value and len(value) < 1000:
        path = "/query/" + urllib.parse.quote(value, safe="")
        assert server.request("POST", path, {}).status in (400, 404)


def test_nothing_was_executed(server):
    """After all of it the table is there and has exactly what was stored."""
    for value in ("'); DROP TABLE kept; --", "x"):
        assert only(server.query("stored-literal", {"v": value})) == value
    assert server.query("fetched", {"id": 1}).status == 200
