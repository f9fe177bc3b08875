"""Every kind of bad input: it is refused, all problems at once, in upstream's words; and what is good passes exactly."""

import json

import pytest
from harness import configuration, serve

MIB = 1024 * 1024
ECHO = {
    name: {"statement": "SELECT {{ inputs.v }} AS v", "inputs": {"v": {"type": kind}}}
    for name, kind in {
        "string": "string", "int": "int", "float": "float", "boolean": "boolean", "uuid": "uuid",
        "datetime": "datetime", "date": "date", "decimal": "decimal", "json": "json", "ints": "int[]",
    }.items()
}
QUERIES = ECHO | {
    "none": "SELECT 1 AS n",
    "large": {"statement": "SELECT length({{ inputs.v }}) AS n",
              "inputs": {"v": {"type": "string", "max_length": 2 * MIB}}},
    "nullable": {"statement": "SELECT {{ inputs.v }} AS v",
                 "inputs": {"v": {"type": "int", "optional": True, "default": None}}},
    "defaulted": {"statement": "SELECT {{ inputs.a }} AS a, {{ inputs.b }} AS b, {{ inputs.c }} AS c",
                  "inputs": {"a": {"type": "int", "optional": True, "default": "20"},
                             "b": {"type": "string", "default": 7},
                             "c": {"type": "boolean", "optional": True, "default": "true"}}},
    "hyphenated": {"statement": "SELECT {{ inputs.user-id }} AS v", "inputs": {"user-id": {"type": "int"}}},
    "ten": {
        "statement": "SELECT " + ", ".join(f"{{{{ inputs.i{n} }}}} AS v{n}" for n in range(10)),
        "inputs": {f"i{n}": {"type": "int"} for n in range(10)},
    },
    "bounded": {
        "statement": "SELECT {{ inputs.n }} + length({{ inputs.s }}) + length({{ inputs.p }}) + length({{ inputs.e }}) "
                     "+ length({{ inputs.m }}) + length({{ inputs.u }}) + count(*) AS v FROM json_each({{ inputs.a }})",
        "inputs": {
            "n": {"type": "int", "min": 1, "max": 10, "default": 5},
            "s": {"type": "string", "min_length": 2, "max_length": 4, "default": "abc"},
            "p": {"type": "string", "pattern": "[A-Z]{2}", "default": "DE"},
            "e": {"type": "string", "enum": ["red", "green"], "default": "red"},
            "m": {"type": "string", "format": "email", "default": "a@b.example"},
            "u": {"type": "string", "format": "uri", "default": "https://example.com/"},
            "a": {"type": "json", "default": "[]"},
        },
    },
    "items": {"statement": "SELECT {{ inputs.v }} AS v",
              "inputs": {"v": {"type": "int[]", "min_items": 1, "max_items": 2, "max": 9}}},
}


@pytest.fixture(scope="module")
def server(module_directory):
    with serve(module_directory, configuration(QUERIES)) as running:
        yield running


def echoed(server, name, value):
    rows = server.query(name, {"v": value}).results
    assert len(rows) == 1
    return rows[0]["v"]


def message(server, name, value, via="post"):
    """The message of the only problem, without what wraps every one."""
    answer = server.get(name, {"v": value}) if via == "get" else server.query(name, {"v": value})
    body = answer.failed_as(400, "invalid_input")
    assert [problem["field"] for problem in body["details"]] == ["v"]
    text = body["details"][0]["message"]
    assert body["error"] == f"input validation failed: validation error for field 'v': {text}"
    return text


# Bodies that are no inputs

NOT_INPUTS = {
    "not JSON": b"hello",
    "cut": b'{"v": 1',
    "an array": b"[1]",
    "a string": b'"v"',
    "a number": b"1",
    "null": b"null",
    "two values": b'{"v":1}{"v":2}',
    "text behind the object": b'{"v":1} x',
    "a trailing comma": b'{"v":1,}',
    "a comment": b'{"v":1 /* one */}',
    "single quotes": b"{'v':1}",
    "a bare key": b"{v:1}",
    "a duplicate key": b'{"v":1,"v":1}',
    "a duplicate key, escaped": b'{"v":1,"\\u0076":1}',
    "a duplicate key inside": b'{"v":{"a":1,"a":2}}',
    "NaN": b'{"v":NaN}',
    "Infinity": b'{"v":Infinity}',
    "a plus sign": b'{"v":+1}',
    "a leading zero": b'{"v":01}',
    "a hexadecimal number": b'{"v":0x10}',
    "invalid UTF-8": b'{"v":"\xff"}',
    "overlong UTF-8": b'{"v":"\xc0\xaf"}',
    "a surrogate in UTF-8": b'{"v":"\xed\xa0\x80"}',
    "cut UTF-8": b'{"v":"\xe2\x82"}',
    "half a surrogate pair": b'{"v":"\\ud800"}',
    "NUL, escaped": b'{"v":"a\\u0000b"}',
    "NUL, raw": b'{"v":"a\x00b"}',
    "NUL behind the object": b'{"v":1}\x00',
    "a raw control character": b'{"v":"a\nb"}',
    "a byte order mark": b'\xef\xbb\xbf{"v":1}',
    "UTF-16": '{"v":1}'.encode("utf-16"),
}


@pytest.mark.parametrize("body", NOT_INPUTS.values(), ids=NOT_INPUTS.keys())
@pytest.mark.parametrize("query", ["string", "int", "json"])
def test_a_body_that_is_no_object_of_inputs_is_refused(server, query, body):
    problem = server.query(query, body).failed_as(400, "invalid_request")
    assert problem["error"].startswith("Invalid JSON")


def nested(levels):
    """An object of inputs with that many levels, the object itself included."""
    return b'{"v":' + b"[" * (levels - 1) + b"]" * (levels - 1) + b"}"


def test_thirty_two_levels_are_accepted_and_thirty_three_are_not(server):
    assert server.query("json", nested(32)).status == 200
    server.query("json", nested(33)).failed_as(400, "invalid_request")
    server.query("json", b'{"v":' + b'{"a":' * 32 + b"1" + b"}" * 32 + b"}").failed_as(400, "invalid_request")
    server.query("json", b'{"v":' + b"[" * 500_000).failed_as(400, "invalid_request")


def test_one_mebibyte_is_accepted_and_one_byte_more_is_not(server):
    frame = len('{"v":""}')
    exact = b'{"v":"' + b"x" * (MIB - frame) + b'"}'
    assert len(exact) == MIB
    assert server.query("large", exact).results == [{"n": MIB - frame}]
    server.query("large", exact.replace(b'"}', b'x"}')).failed_as(413, "too_large")


# Names


def test_a_missing_input(server):
    problem = server.query("int", {}).failed_as(400, "invalid_input")
    assert problem["error"] == "input validation failed: validation error for field 'v': required input 'v' is missing"
    assert problem["details"] == [{"field": "v", "message": "required input 'v' is missing"}]


def test_an_unknown_input(server):
    problem = server.query("none", {"x": 1}).failed_as(400, "invalid_input")
    assert problem["error"] == "input validation failed: validation error for field 'x': unknown input field 'x'"
    server.get("none", {"x": 1}).failed_as(400, "invalid_input")


def test_names_of_inputs_are_case_sensitive(server):
    problem = server.query("int", {"V": 1}).failed_as(400, "invalid_input")
    assert sorted(each["field"] for each in problem["details"]) == ["V", "v"]


def test_an_input_name_with_a_hyphen(server):
    assert server.query("hyphenated", {"user-id": 5}).results == [{"v": 5}]
    assert server.get("hyphenated", {"user-id": 5}).results == [{"v": 5}]


def test_ten_wrong_inputs_are_reported_at_once_in_file_order(server):
    problem = server.query("ten", {f"i{n}": "x" for n in reversed(range(10))}).failed_as(400, "invalid_input")
    assert [each["field"] for each in problem["details"]] == [f"i{n}" for n in range(10)]
    assert "'i0'" in problem["error"]


def test_missing_unknown_and_wrong_inputs_are_reported_together(server):
    given = {"i0": "x", "i1": None, "extra": 1} | {f"i{n}": n for n in range(3, 10)}
    problem = server.query("ten", given).failed_as(400, "invalid_input")
    assert {each["field"] for each in problem["details"]} == {"i0", "i1", "i2", "extra"}


def test_thousands_of_unknown_inputs_make_a_bounded_answer(server):
    answer = server.query("none", {f"x{n}": n for n in range(20_000)})
    answer.failed_as(400, "invalid_input")
    assert len(answer.body) < 100_000


def test_defaults_are_of_the_declared_type_however_written(server):
    assert server.query("defaulted").results == [{"a": 20, "b": "7", "c": 1}]
    assert server.query("defaulted", {"a": 1, "c": False}).results == [{"a": 1, "b": "7", "c": 0}]


# Values: (query, JSON text of the value, message)

SYNTAX = "invalid syntax"
RANGE = "value out of range"


def int_message(text, why):
    return f'type validation failed: cannot convert \'{text}\' to int: strconv.ParseInt: parsing "{text}": {why}'


def float_message(text, why=SYNTAX):
    return f'type validation failed: cannot convert \'{text}\' to float: strconv.ParseFloat: parsing "{text}": {why}'


def boolean_message(text):
    return f'type validation failed: cannot convert \'{text}\' to boolean: strconv.ParseBool: parsing "{text}": {SYNTAX}'


REFUSED = [
    ("int", "9223372036854775808", int_message("9223372036854775808", RANGE)),
    ("int", "-9223372036854775809", int_message("-9223372036854775809", RANGE)),
    ("int", '"9223372036854775808"', int_message("9223372036854775808", RANGE)),
    ("int", '"-9223372036854775809"', int_message("-9223372036854775809", RANGE)),
    ("int", "1e100", int_message("1e100", RANGE)),
    ("int", "3.9", int_message("3.9", SYNTAX)),
    ("int", "-3.9", int_message("-3.9", SYNTAX)),
    ("int", '"3.0"', int_message("3.0", SYNTAX)),
    ("int", '"1e3"', int_message("1e3", SYNTAX)),
    ("int", '"NaN"', int_message("NaN", SYNTAX)),
    ("int", '""', int_message("", SYNTAX)),
    ("int", '" 1"', int_message(" 1", SYNTAX)),
    ("int", '"0x10"', int_message("0x10", SYNTAX)),
    ("int", '"1_000"', int_message("1_000", SYNTAX)),
    ("int", '"\u0661"', int_message("\u0661", SYNTAX)),
    ("int", "true", "type validation failed: cannot convert bool to int"),
    ("int", "null", "type validation failed: cannot convert <nil> to int"),
    ("int", "[1]", "type validation failed: cannot convert []interface {} to int"),
    ("int", '{"a":1}', "type validation failed: cannot convert map[string]interface {} to int"),
    ("float", '"NaN"', float_message("NaN")),
    ("float", '"inf"', float_message("inf")),
    ("float", '"-Infinity"', float_message("-Infinity")),
    ("float", '"1,5"', float_message("1,5")),
    ("float", '"0x1p3"', float_message("0x1p3")),
    ("float", '"1e999"', float_message("1e999", RANGE)),
    ("float", "null", "type validation failed: cannot convert <nil> to float"),
    ("float", "false", "type validation failed: cannot convert bool to float"),
    ("boolean", '"yes"', boolean_message("yes")),
    ("boolean", '""', boolean_message("")),
    ("boolean", '"tRUE"', boolean_message("tRUE")),
    ("boolean", "null", "type validation failed: cannot convert <nil> to boolean"),
    ("boolean", "[]", "type validation failed: cannot convert []interface {} to boolean"),
    ("datetime", '"2024-01-15T10:30:00"', "type validation failed: cannot parse '2024-01-15T10:30:00' as datetime"),
    ("datetime", '"2024-02-30"', "type validation failed: cannot parse '2024-02-30' as datetime"),
    ("datetime", '"2023-02-29 00:00:00"', "type validation failed: cannot parse '2023-02-29 00:00:00' as datetime"),
    ("datetime", '"20240115"', "type validation failed: cannot parse '20240115' as datetime"),
    ("datetime", '""', "type validation failed: cannot parse '' as datetime"),
    ("datetime", "5", "type validation failed: cannot convert float64 to datetime"),
    ("datetime", "true", "type validation failed: cannot convert bool to datetime"),
    ("uuid", '"not-a-uuid"', "type validation failed: cannot parse 'not-a-uuid' as uuid"),
    ("date", '"2024-13-01"', "type validation failed: cannot parse '2024-13-01' as date"),
    ("string", "null", "type validation failed: cannot convert <nil> to string"),
    ("string", "[1]", "type validation failed: cannot convert []interface {} to string"),
    ("string", "{}", "type validation failed: cannot convert map[string]interface {} to string"),
]


@pytest.mark.parametrize(("query", "text", "expected"), REFUSED)
def test_a_wrong_value_is_refused_in_upstreams_words(server, query, text, expected):
    body = server.query(query, f'{{"v":{text}}}').failed_as(400, "invalid_input")
    assert body["details"] == [{"field": "v", "message": expected}]
    assert body["error"] == f"input validation failed: validation error for field 'v': {expected}"


@pytest.mark.parametrize(
    ("query", "text"),
    [("decimal", '"1.2.3"'), ("decimal", '"NaN"'), ("decimal", "true"), ("ints", "1"), ("ints", '[1, "x"]'),
     ("ints", "[1, 2.5]"), ("ints", "[null]"), ("ints", "null"), ("uuid", "5"), ("json", "null")],
)
def test_wrong_values_of_types_that_upstream_does_not_have(server, query, text):
    body = server.query(query, f'{{"v":{text}}}').failed_as(400, "invalid_input")
    assert [each["field"] for each in body["details"]] == ["v"]


@pytest.mark.parametrize("text", ["9223372036854775808", "-9223372036854775809", "3.9", "NaN", "", " 1", "null", "true"])
def test_a_wrong_value_in_the_query_string_is_refused_the_same(server, text):
    why = RANGE if text.endswith(("808", "809")) else SYNTAX
    assert message(server, "int", text, via="get") == int_message(text, why)


@pytest.mark.parametrize("query", ["v=1&v=2", "v=%zz", "v=%", "v=%f", "v=%ff", "v=%00", "v=%c0%af", "x=1", ""])
def test_a_query_string_that_is_none_is_refused(server, query):
    assert server.request("GET", f"/query/int?{query}").status == 400


# What is accepted comes back as it was

ACCEPTED = [
    ("int", "9223372036854775807", 9223372036854775807),
    ("int", "-9223372036854775808", -9223372036854775808),
    ("int", '"9223372036854775807"', 9223372036854775807),
    ("int", "9007199254740993", 9007199254740993),
    ("int", "3.0", 3),
    ("int", "1e3", 1000),
    ("int", "-0", 0),
    ("int", '"+7"', 7),
    ("float", "0.1", 0.1),
    ("float", "1.7976931348623157e308", 1.7976931348623157e308),
    ("float", "5e-324", 5e-324),
    ("float", '"1.5e3"', 1500),
    ("float", "3", 3),
    ("boolean", "true", 1),
    ("boolean", '"false"', 0),
    ("boolean", '"T"', 1),
    ("string", '""', ""),
    ("string", "5", "5"),
    ("string", "1.50", "1.50"),
    ("string", "true", "true"),
    ("string", '"\\ud83d\\ude00 \\u00e9"', "😀 é"),
    ("uuid", '"123e4567-E89B-12d3-a456-426614174000"', "123e4567-E89B-12d3-a456-426614174000"),
    ("datetime", '"2024-01-15T10:30:00Z"', "2024-01-15T10:30:00Z"),
    ("datetime", '"2024-01-15T10:30:00.25+02:00"', "2024-01-15T10:30:00.25+02:00"),
    ("datetime", '"2024-01-15 10:30:00"', "2024-01-15 10:30:00"),
    ("datetime", '"2024-02-29"', "2024-02-29"),
    ("date", '"2024-02-29"', "2024-02-29"),
    ("ints", "[1, 2]", "[1,2]"),
    ("ints", "[]", "[]"),
    ("ints", "[9223372036854775807]", "[9223372036854775807]"),
    ("json", '{"a": [1.50, "x"]}', '{"a":[1.50,"x"]}'),
    ("nullable", "null", None),
    ("nullable", "1", 1),
]


@pytest.mark.parametrize(("query", "text", "expected"), ACCEPTED)
def test_a_good_value_comes_back_exactly(server, query, text, expected):
    rows = server.query(query, f'{{"v":{text}}}').results
    assert json.dumps(rows) == json.dumps([{"v": expected}])


@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [
        ("n", [1, 10], [0, 11]),
        ("s", ["ab", "abcd", "éééé"], ["a", "abcde", ""]),
        ("p", ["FR"], ["fr", "FRA", "F", "FR\n"]),
        ("e", ["green"], ["blue", "Red", ""]),
        ("m", ["x.y+z@example.org"], ["x", "x@", "@y", "a b@c.d"]),
        ("u", ["urn:isbn:0451450523"], ["/relative", "no scheme", "https://a b/"]),
    ],
)
def test_constraints_hold_to_the_last_value(server, field, good, bad):
    for value in good:
        assert server.query("bounded", {field: value}).status == 200, value
    for value in bad:
        problem = server.query("bounded", {field: value}).failed_as(400, "invalid_input")
        assert [each["field"] for each in problem["details"]] == [field]


def test_bounds_of_arrays(server):
    assert echoed(server, "items", [9]) == "[9]"
    for value in ([], [1, 2, 3], [10]):
        assert message(server, "items", value)


def test_a_string_is_bounded_unless_it_says_more(server):
    assert echoed(server, "string", "é" * 65_536) == "é" * 65_536
    assert "65536" in message(server, "string", "x" * 65_537)


def test_a_pattern_is_matched_in_linear_time(directory):
    config = configuration({"p": {"statement": "SELECT {{ inputs.v }} AS v",
                                  "inputs": {"v": {"type": "string", "pattern": "(a+)+b"}}}})
    with serve(directory, config) as server:
        assert message(server, "p", "a" * 50_000)
        assert echoed(server, "p", "a" * 50_000 + "b")


def test_excerpts_in_messages_are_bounded(server):
    assert len(message(server, "int", "x" * 60_000)) < 1000


def test_messages_are_safe_json_whatever_was_sent(server):
    assert '"' in message(server, "int", 'a"b\\c\u2028<script>')
