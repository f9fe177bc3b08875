"""The REST contract: methods, bodies, statuses, media types, headers."""

import csv
import gzip
import http.client
import io
import json

import pytest
from harness import DEADLINE, RawConnection, configuration, exchange, send, serve

SCHEMA = """
CREATE TABLE users (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    email TEXT UNIQUE,
    note TEXT
);
INSERT INTO users VALUES (1, 'Ada', 'ada@example.com', NULL), (2, 'Grace', 'grace@example.com', ''),
                         (3, 'Edgar "Ted", Codd', 'edgar@example.com', 'two
lines');
CREATE TABLE log (id INTEGER PRIMARY KEY, text TEXT);
CREATE TABLE kinds (flag BOOLEAN, day DATE, at DATETIME, doc JSON, bytes BLOB, big INTEGER, real REAL);
INSERT INTO kinds VALUES (1, '2024-02-29', '2024-02-29 12:30:00', '{"a": [1, 2.50, null]}', x'00ff10',
                          9223372036854775807, 0.1);
CREATE TRIGGER reject BEFORE INSERT ON log WHEN new.text = 'reject' BEGIN SELECT raise(ABORT, 'secret reason'); END;
"""

QUERIES = {
    "users": "SELECT id, name, email, note FROM users ORDER BY id",
    "user": {"statement": "SELECT id, name FROM users WHERE id = {{ inputs.id }}", "inputs": {"id": {"type": "int"}}},
    "some": {
        "statement": "SELECT id FROM users WHERE id IN ({{ inputs.ids }}) ORDER BY id",
        "inputs": {"ids": {"type": "int[]", "min_items": 1, "max_items": 3}},
    },
    "columns": "SELECT 1 AS zebra, 2 AS apple, 3 AS mango",
    "kinds": "SELECT * FROM kinds",
    "add": {
        "statement": "INSERT INTO log (text) VALUES ({{ inputs.text }})",
        "inputs": {"text": {"type": "string"}},
    },
    "add-returning": {
        "statement": "INSERT INTO log (text) VALUES ({{ inputs.text }}) RETURNING text, length(text) AS length",
        "inputs": {"text": {"type": "string"}},
    },
    "clear": "DELETE FROM log",
    "count-log": "SELECT count(*) AS n FROM log",
    "numbers": {
        "statement": "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {{ inputs.n }}) "
                     "SELECT n FROM c",
        "inputs": {"n": {"type": "int", "min": 1}},
        "max_rows": 1000,
    },
    "internal-only": {"statement": "SELECT 1 AS n", "expose": ["mcp"]},
    "shown": {
        "statement": "SELECT id, name, email FROM users WHERE id = 1",
        "data": {
            "name": {"type": "string", "map_to": "full_name"},
            "email": {"type": "string", "redact": True},
        },
    },
    "filtered": {
        "statement": "SELECT id FROM users {{#if inputs.name}} WHERE name = {{ inputs.name }} {{/if}} "
                     "ORDER BY {{ inputs.sort }}",
        "inputs": {
            "name": {"type": "string", "optional": True, "default": None},
            "sort": {"type": "choice", "choices": {"up": "id", "down": "id DESC"}, "default": "up", "optional": True},
        },
    },
    "claims-to-read": {"statement": "INSERT INTO log (text) VALUES ('x') RETURNING id", "effect": "write"},
}


@pytest.fixture(scope="module")
def server(module_directory):
    limits = {"request_body": "64KiB"}
    with serve(module_directory, configuration(QUERIES, server={"limits": limits}), SCHEMA) as running:
        yield running


# Reads


def test_post_answers_the_rows(server):
    answer = server.query("user", {"id": 2})
    assert answer.json == {"success": True, "error": "", "results": [{"id": 2, "name": "Grace"}]}
    assert answer.headers["Content-Type"] == "application/json"
    assert int(answer.headers["Content-Length"]) == len(answer.body)


def test_get_answers_the_same_bytes(server):
    assert server.get("user", {"id": 2}).body == server.query("user", {"id": 2}).body


def test_head_answers_the_headers_of_get_without_a_body(server):
    shown = server.get("user", {"id": 2})
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=DEADLINE)
    for _ in range(2):  # the connection goes on
        answer = exchange(connection, "HEAD", "/query/user?id=2")
        assert answer.status == 200 and answer.body == b""
        for name in ("Content-Type", "Content-Length", "ETag"):
            assert answer.headers[name] == shown.headers[name]
    connection.close()


def test_no_rows_is_a_success(server):
    assert server.query("user", {"id": 4}).json == {"success": True, "error": "", "results": []}


def test_columns_keep_the_order_of_the_statement(server):
    pairs = json.loads(server.query("columns").body, object_pairs_hook=list)
    assert dict(pairs)["results"] == [[("zebra", 1), ("apple", 2), ("mango", 3)]]


def test_values_have_the_json_form_of_their_declared_types(server):
    assert server.query("kinds").results == [{
        "flag": True, "day": "2024-02-29", "at": "2024-02-29 12:30:00", "doc": {"a": [1, 2.5, None]},
        "bytes": "AP8Q", "big": 9223372036854775807, "real": 0.1,
    }]
    assert b'{"a": [1, 2.50, null]}' in server.query("kinds").body  # untouched


@pytest.mark.parametrize("body", [b"", b" \r\n\t", b"{}"])
def test_an_empty_body_means_no_inputs(server, body):
    assert server.query("columns", body).results == [{"zebra": 1, "apple": 2, "mango": 3}]


def test_a_post_without_body_and_content_type(server):
    with RawConnection(server.port) as raw:
        raw.send("POST /query/columns HTTP/1.1\r\nHost: test\r\n\r\n")
        assert raw.answer().status == 200


def test_a_repeated_key_of_the_query_string_is_an_array(server):
    expected = [{"id": 1}, {"id": 3}]
    assert server.get("some", {"ids": [3, 1]}).results == expected
    assert server.query("some", {"ids": [3, 1]}).results == expected
    assert server.get("some", {"ids": 2}).results == [{"id": 2}]


def test_optional_parts_and_choices(server):
    ids = lambda **inputs: [row["id"] for row in server.query("filtered", inputs).results]  # noqa: E731
    assert ids() == ids(sort="up") == ids(name=None) == [1, 2, 3]
    assert ids(sort="down") == [3, 2, 1]
    assert ids(name="Ada") == [1]
    assert ids(name="id DESC; DROP TABLE users", sort="down") == []
    problem = server.query("filtered", {"sort": "id DESC"}).failed_as(400, "invalid_input")
    assert problem["details"][0]["field"] == "sort"


def test_data_renames_and_redacts(server):
    assert server.query("shown").results == [{"id": 1, "full_name": "Ada", "email": "***"}]


def test_a_percent_encoded_path_is_the_same_query(server):
    assert server.request("GET", "/query/%63olumns").status == 200


# Writes


def test_a_write_without_rows_says_how_many_it_affected(server):
    server.query("clear")
    body = server.query("add", {"text": "a"}).json
    assert body["success"] is True and body["results"] == [] and body["rows_affected"] == 1
    server.query("add", {"text": "b"})
    assert server.query("clear").json["rows_affected"] == 2
    assert server.query("clear").json["rows_affected"] == 0


def test_a_write_with_returning_answers_rows(server):
    body = server.query("add-returning", {"text": "été"}).json
    assert body["results"] == [{"text": "été", "length": 3}]


def test_a_refused_write_changes_nothing(server):
    before = server.query("count-log").results
    problem = server.query("add", {"text": "reject"}).failed_as(409, "conflict")
    assert "secret reason" not in json.dumps(problem)
    assert server.query("count-log").results == before


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("query", ["add?text=x", "clear", "add-returning?text=x", "claims-to-read"])
def test_a_write_does_not_answer_get(server, method, query):
    before = server.query("count-log").results
    answer = server.request(method, f"/query/{query}")
    assert answer.status == 405 and answer.headers["Allow"] == "POST"
    assert server.query("count-log").results == before


# Statuses and error bodies


def test_the_body_of_an_error_is_regular(server):
    answer = server.query("user", {"id": "x"})
    body = answer.failed_as(400, "invalid_input")
    message = "type validation failed: cannot convert 'x' to int: strconv.ParseInt: parsing \"x\": invalid syntax"
    assert body == {
        "success": False,
        "error": f"input validation failed: validation error for field 'id': {message}",
        "results": [],
        "code": "invalid_input",
        "request_id": answer.headers["X-Request-Id"],
        "details": [{"field": "id", "message": message}],
    }


@pytest.mark.parametrize("path", ["/query/nothing", "/query/", "/query", "/query/user/", "/", "/nothing", "//heartbeat"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_unknown_queries_and_paths(server, method, path):
    server.request(method, path, {} if method == "POST" else None).failed_as(404, "not_found")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"])
@pytest.mark.parametrize(
    ("path", "allowed"),
    [("/query/users", "GET, HEAD, POST"), ("/query/add", "POST"), ("/heartbeat", "GET, HEAD")],
)
def test_other_methods_are_refused_with_allow(server, method, path, allowed):
    answer = server.request(method, path)
    answer.failed_as(405, "method_not_allowed")
    assert sorted(answer.headers["Allow"].split(", ")) == sorted(allowed.split(", "))


def test_post_to_the_probes_is_refused(server):
    for path in ("/heartbeat", "/livez", "/readyz"):
        answer = server.request("POST", path, {})
        answer.failed_as(405, "method_not_allowed")
        assert "GET" in answer.headers["Allow"]


def test_a_query_that_is_not_exposed_does_not_exist(server):
    server.query("internal-only").failed_as(404, "not_found")


@pytest.mark.parametrize(
    "content_type",
    [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonp",
     "application/json; charset=utf-16", "text/plain, application/json"],
)
def test_a_body_of_another_media_type_is_refused(server, content_type):
    lines = [f"Content-Type: {content_type}"] if content_type else []
    with RawConnection(server.port) as raw:
        head = ["POST /query/user HTTP/1.1", "Host: test", "Content-Length: 8", *lines]
        raw.send("\r\n".join(head), "\r\n\r\n", b'{"id":1}')
        raw.answer().failed_as(415, "unsupported_media")


@pytest.mark.parametrize(
    "content_type", ["application/json", "Application/JSON", "application/json; charset=UTF-8", 'application/json;charset="utf-8"']
)
def test_json_in_any_spelling_is_accepted(server, content_type):
    assert server.query("user", {"id": 1}, {"Content-Type": content_type}).status == 200


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "application/json;q=0", "image/*"])
def test_other_representations_are_not_acceptable(server, accept):
    server.query("users", headers={"Accept": accept}).failed_as(406, "not_acceptable")
    server.get("users", headers={"Accept": accept}).failed_as(406, "not_acceptable")


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("text/*", "text/csv; charset=utf-8"),
        ("text/html, application/json;q=0.5", "application/json"),
        ("application/json;q=0.5, text/csv", "text/csv; charset=utf-8"),
        ("application/x-ndjson", "application/x-ndjson"),
        ("application/json, text/csv;q=0.9, */*;q=0.1", "application/json"),
    ],
)
def test_accept_chooses_the_representation(server, accept, content_type):
    assert server.get("users", headers={"Accept": accept}).headers["Content-Type"] == content_type


def test_request_body_limit(server):
    limit = 64 * 1024
    padding = lambda length: b'{"id":1' + b" " * (length - 8) + b"}"  # noqa: E731
    assert server.query("user", padding(limit)).status == 200
    server.query("user", padding(limit + 1)).failed_as(413, "too_large")


def test_request_target_limit(server):
    answer = server.request("GET", "/query/user?id=1&" + "&" * 9000)
    answer.failed_as(414, "too_large")


# Representations


def test_ndjson_is_one_object_per_line(server):
    answer = server.get("users", headers={"Accept": "application/x-ndjson"})
    lines = answer.text.split("\n")
    assert lines.pop() == ""
    assert [json.loads(line) for line in lines] == server.get("users").results
    assert server.get("user", {"id": 9}, {"Accept": "application/x-ndjson"}).body == b""


def test_csv_has_a_header_line_and_tells_null_from_empty(server):
    answer = server.get("users", headers={"Accept": "text/csv"})
    assert answer.body.startswith(b"id,name,email,note\r\n1,Ada,ada@example.com,\r\n2,Grace,grace@example.com,\"\"\r\n")
    rows = list(csv.reader(io.StringIO(answer.text, newline="")))
    assert rows[3] == ["3", 'Edgar "Ted", Codd', "edgar@example.com", "two\nlines"]
    assert server.get("user", {"id": 9}, {"Accept": "text/csv"}).body == b"id,name\r\n"


def test_errors_are_json_whatever_was_asked_for(server):
    server.query("user", {"id": "x"}, {"Accept": "text/csv"}).failed_as(400, "invalid_input")


def test_a_result_cut_at_max_rows_says_so(server):
    body = server.query("numbers", {"n": 1001}).json
    assert len(body["results"]) == 1000
    assert body["truncated"] is True and body["truncated_by"] == "max_rows"


def test_a_result_of_exactly_max_rows_is_whole(server):
    body = server.query("numbers", {"n": 1000}).json
    assert len(body["results"]) == 1000 and "truncated" not in body


def test_large_answers_are_compressed_when_accepted(server):
    plain = server.query("numbers", {"n": 1000})
    assert plain.headers["Content-Encoding"] is None
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=DEADLINE)
    connection.request("GET", "/query/numbers?n=1000", headers={"Accept-Encoding": "gzip"})
    response = connection.getresponse()
    received = response.read()
    connection.close()
    assert response.headers["Content-Encoding"] == "gzip"
    assert "accept-encoding" in response.headers["Vary"].lower()
    assert len(received) < len(plain.body) / 2
    assert gzip.decompress(received) == plain.body


def test_small_answers_are_not_compressed(server):
    assert server.get("user", {"id": 1}, {"Accept-Encoding": "gzip"}).headers["Content-Encoding"] is None


@pytest.mark.parametrize("coding", ["identity", "gzip;q=0", "br"])
def test_a_client_that_does_not_accept_gzip_gets_none(server, coding):
    assert server.get("numbers", {"n": 1000}, {"Accept-Encoding": coding}).headers["Content-Encoding"] is None


# Validators


def test_an_entity_tag_names_the_bytes(server):
    tag = server.get("users").headers["ETag"]
    assert tag.startswith('"') and tag.endswith('"')
    assert server.get("users").headers["ETag"] == tag
    assert server.get("user", {"id": 1}).headers["ETag"] != tag
    assert server.get("users", headers={"Accept": "text/csv"}).headers["ETag"] != tag


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "*"])
def test_if_none_match_that_matches_answers_304(server, form):
    tag = server.get("users").headers["ETag"]
    answer = server.get("users", headers={"If-None-Match": form.format(tag)})
    assert answer.status == 304 and answer.body == b""
    assert answer.headers["ETag"] == tag


def test_if_none_match_that_does_not_match_answers_200(server):
    assert server.get("users", headers={"If-None-Match": '"other"'}).status == 200


def test_a_post_has_no_entity_tag(server):
    answer = server.query("users", headers={"If-None-Match": "*"})
    assert answer.status == 200 and answer.headers["ETag"] is None


# Request ids and other headers


@pytest.mark.parametrize("given", ["abc", "A.b_c-9", "x" * 128])
def test_a_sane_request_id_is_kept(server, given):
    assert server.query("users", headers={"X-Request-Id": given}).headers["X-Request-Id"] == given
    failed = server.query("nothing", headers={"X-Request-Id": given})
    assert failed.failed_as(404, "not_found")["request_id"] == given


@pytest.mark.parametrize("given", ["", "x" * 129, "a b", 'a"b', "a\tb", "é", "a;b", "<script>"])
def test_any_other_request_id_is_replaced(server, given):
    made = server.query("users", headers={"X-Request-Id": given.encode()}).headers["X-Request-Id"]
    assert made and made != given and len(made) == 26


def test_every_answer_has_its_own_request_id(server):
    answers = [
        server.query("users"), server.get("users"), server.request("HEAD", "/heartbeat"), server.query("nothing"),
        server.request("DELETE", "/heartbeat"), server.query("user", b"{"), server.request("GET", "/readyz"),
    ]
    assert len({answer.headers["X-Request-Id"] for answer in answers}) == len(answers)


def test_answers_have_a_date_and_forbid_sniffing(server):
    for answer in (server.query("users"), server.query("nothing")):
        assert answer.headers["Date"].endswith(" GMT")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_two_requests_with_one_answer_each_on_one_connection(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=DEADLINE)
    for id in (1, 2, 3):
        assert exchange(connection, "POST", "/query/user", {"id": id}).results[0]["id"] == id
        exchange(connection, "POST", "/query/user", {"id": "x"}).failed_as(400, "invalid_input")
        exchange(connection, "POST", "/query/nothing", {}).failed_as(404, "not_found")
    connection.close()


# Probes


def test_probes_answer(server):
    assert server.request("GET", "/heartbeat").body == b'{"success":true}\n'
    assert server.request("HEAD", "/heartbeat").status == 200
    assert server.request("GET", "/livez").status == 200
    assert server.request("GET", "/readyz").status == 200


def test_readiness_tells_details_on_the_admin_listener_only(directory):
    config = configuration({"good": "SELECT 1", "bad": "SELECT absent FROM nowhere"},
                           server={"admin": {"host": "127.0.0.1", "port": 0}})
    with serve(directory, config) as server:
        shown = server.request("GET", "/readyz")
        assert b"nowhere" not in shown.body and b"bad" not in shown.body
        detailed = send(server.admin_port, "GET", "/readyz")
        assert "bad" in detailed.text and "nowhere" in detailed.text
        assert send(server.admin_port, "GET", "/livez").status == 200
        assert send(server.admin_port, "POST", "/query/good", {}).status == 404
