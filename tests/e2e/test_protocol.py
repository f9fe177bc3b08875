"""HTTP/1.1 as bytes: connections, framing, request smuggling, time-outs, limits."""

import json
import threading

import pytest
from harness import DEADLINE, configuration, serve, statements_running, wait_until

HEADER_LIMIT = 4096
SLOW = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT count(*) AS n FROM c"
QUERIES = {
    "echo": {"statement": "SELECT {{ inputs.v }} AS v", "inputs": {"v": {"type": "string"}}},
    "one": "SELECT 1 AS n",
    "rows": {
        "statement": "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 50000) SELECT n FROM c",
        "max_rows": 50_000,
    },
    "slow": SLOW,
}


def config(**limits):
    return configuration(QUERIES, server={"limits": limits, "admin": {"host": "127.0.0.1", "port": 0}})


@pytest.fixture(scope="module")
def server(module_directory):
    with serve(module_directory, config(request_header=HEADER_LIMIT)) as running:
        yield running


@pytest.fixture
def raw(server):
    with server.connect() as connection:
        yield connection


# Connections


def test_a_connection_serves_many_requests(raw):
    for n in range(50):
        raw.post("/query/echo", json.dumps({"v": str(n)}).encode())
        answer = raw.answer()
        assert answer.results == [{"v": str(n)}] and answer.headers["Connection"] != "close"


def test_pipelined_requests_are_answered_in_order(raw):
    for n in range(200):
        raw.post("/query/echo", json.dumps({"v": str(n)}).encode())
        raw.get("/heartbeat")
    for n in range(200):
        assert raw.answer().results == [{"v": str(n)}]
        assert raw.answer().json == {"success": True}


def test_pipelining_goes_on_behind_an_error_and_a_large_answer(raw):
    raw.post("/query/echo", b"{")
    raw.post("/query/rows")
    raw.get("/query/nothing")
    raw.get("/query/echo?v=last", "Connection: close")
    assert raw.answer().status == 400
    assert len(raw.answer().results) == 50_000
    assert raw.answer().status == 404
    assert raw.answer().results == [{"v": "last"}]
    assert raw.ended()


def test_a_request_may_arrive_byte_by_byte(raw):
    body = b'{"v":"x"}'
    head = f"POST /query/echo HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    for byte in head.encode() + body:
        raw.send(bytes([byte]))
    assert raw.answer().results == [{"v": "x"}]


def test_connection_close_is_honoured(raw):
    raw.get("/heartbeat", "Connection: close")
    assert raw.answer().headers["Connection"] == "close"
    assert raw.ended()


@pytest.mark.parametrize("value", ["Close", "keep-alive, close", "foo, CLOSE"])
def test_connection_close_in_any_spelling(raw, value):
    raw.get("/heartbeat", f"Connection: {value}")
    assert raw.answer().status == 200
    assert raw.ended()


def test_http_1_0_closes_after_the_answer(raw):
    raw.send("GET /query/one HTTP/1.0\r\n\r\n")
    answer = raw.answer()
    assert answer.results == [{"n": 1}] and answer.headers["Transfer-Encoding"] is None
    assert raw.ended()


def test_http_1_0_gets_a_large_answer_without_chunks(raw):
    raw.send("GET /query/rows HTTP/1.0\r\n\r\n")
    answer = raw.answer()
    assert answer.headers["Transfer-Encoding"] is None
    assert len(answer.results) == 50_000


def test_http_1_0_may_keep_the_connection(raw):
    for _ in range(2):
        raw.send("GET /query/one HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        answer = raw.answer()
        assert answer.results == [{"n": 1}] and answer.headers["Connection"] == "keep-alive"


def test_an_absolute_target_is_served(raw):
    raw.send("GET http://elsewhere/query/one?x HTTP/1.1\r\nHost: test\r\n\r\n")
    assert raw.answer().status == 400  # x is an unknown input: path and query were read
    raw.send("GET http://elsewhere/heartbeat HTTP/1.1\r\nHost: test\r\n\r\n")
    assert raw.answer().status == 200


def test_empty_lines_before_a_request_are_skipped(raw):
    raw.get("/heartbeat")
    assert raw.answer().status == 200
    raw.send("\r\n")
    raw.get("/heartbeat")
    assert raw.answer().status == 200


def test_head_has_the_length_and_no_body(raw):
    raw.send("HEAD /query/one HTTP/1.1\r\nHost: test\r\n\r\n")
    raw.get("/heartbeat")
    assert raw.answer(to_head=True).headers["Content-Length"] == str(len('{"success":true,"error":"","results":[{"n":1}]}\n'))
    assert raw.answer().json == {"success": True}


# Bodies


def post_chunked(raw, *chunks, end=b"0\r\n\r\n", lines=()):
    head = ["POST /query/echo HTTP/1.1", "Host: t", "Content-Type: application/json", "Transfer-Encoding: chunked", *lines]
    raw.send("\r\n".join(head), "\r\n\r\n", b"".join(chunks), end)


def test_chunked_bodies(raw):
    post_chunked(raw, b'3\r\n{"v\r\n', b'6;name="x\\"y"\r\n":"abc\r\n', b'0002\r\n"}\r\n')
    assert raw.answer().results == [{"v": "abc"}]
    post_chunked(raw, b'A\r\n{"v":"abc"\r\n', b"1\r\n}\r\n", end=b"0\r\nTrailer: x\r\nAnother: y\r\n\r\n")
    assert raw.answer().results == [{"v": "abc"}]
    raw.get("/heartbeat")
    assert raw.answer().status == 200


def test_a_chunked_body_is_bounded_like_any_other(raw):
    limit = 1024 * 1024
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    post_chunked(raw, b'9\r\n{"v":"x"}\r\n', *[chunk] * (limit // 0x10000 - 1))
    assert raw.answer().status == 200
    post_chunked(raw, *[chunk] * (limit // 0x10000), end=b"1\r\n")
    raw.answer().failed_as(413, "too_large")
    assert raw.ended()


def test_expect_100_continue(raw):
    body = b'{"v":"x"}'
    head = f"POST /query/echo HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    raw.send(head, "Expect: 100-continue\r\n\r\n")
    assert raw.answer().status == 100
    raw.send(body)
    assert raw.answer().results == [{"v": "x"}]


@pytest.mark.parametrize(
    ("path", "lines", "status"),
    [
        ("/query/nothing", ["Content-Type: application/json", "Content-Length: 9"], 404),
        ("/query/echo", ["Content-Type: text/plain", "Content-Length: 9"], 415),
        ("/query/echo", ["Content-Type: application/json", "Content-Length: 1048577"], 413),
    ],
)
def test_a_refused_request_that_expects_100_gets_its_answer_instead(raw, path, lines, status):
    raw.send("\r\n".join([f"POST {path} HTTP/1.1", "Host: t", "Expect: 100-continue", *lines]), "\r\n\r\n")
    assert raw.answer().status == status


def test_an_unknown_expectation_is_refused(raw):
    raw.get("/heartbeat", "Expect: 200-ok")
    assert raw.answer().status == 417


def test_a_declared_length_over_the_limit_is_refused_before_the_body(raw):
    raw.send("POST /query/echo HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\nContent-Length: 1048577\r\n\r\n")
    raw.answer().failed_as(413, "too_large")
    assert raw.ended()


# Request smuggling: a head that another server could read differently is refused, and the connection ends

POST = "POST /query/one HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n"
SMUGGLED = "GET /query/echo?v=smuggled HTTP/1.1\r\nHost: t\r\n\r\n"
CHUNKED = "Transfer-Encoding: chunked\r\n"
SMUGGLING = {
    "both lengths": POST + "Content-Length: 4\r\n" + CHUNKED + "\r\n0\r\n\r\n",
    "both lengths, the other way": POST + CHUNKED + "Content-Length: 4\r\n\r\n0\r\n\r\n",
    "two lengths that differ": POST + "Content-Length: 0\r\nContent-Length: 2\r\n\r\n{}",
    "two lengths that agree": POST + "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
    "a list of lengths": POST + "Content-Length: 2, 2\r\n\r\n{}",
    "a length with a sign": POST + "Content-Length: +2\r\n\r\n{}",
    "a negative length": POST + "Content-Length: -2\r\n\r\n{}",
    "a hexadecimal length": POST + "Content-Length: 0x2\r\n\r\n{}",
    "a length with a fraction": POST + "Content-Length: 2.0\r\n\r\n{}",
    "an empty length": POST + "Content-Length: \r\n\r\n{}",
    "a length that overflows": POST + "Content-Length: 18446744073709551618\r\n\r\n{}",
    "xchunked": POST + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "identity": POST + "Transfer-Encoding: identity\r\n\r\n{}",
    "gzip, chunked": POST + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "chunked, identity": POST + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "chunked twice": POST + CHUNKED + CHUNKED + "\r\n0\r\n\r\n",
    "chunked, chunked": POST + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "quoted chunked": POST + 'Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n',
    "chunked with a vertical tab": POST + "Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
    "chunked on 1.0": "POST /query/one HTTP/1.0\r\nContent-Type: application/json\r\n" + CHUNKED + "\r\n0\r\n\r\n",
    "folded header": POST + "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
    "folded first header": "POST /query/one HTTP/1.1\r\n Host: t\r\n\r\n",
    "space before the colon": POST + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "tab before the colon": POST + "Content-Length\t: 2\r\n\r\n{}",
    "space in a name": POST + "Content Length: 2\r\n\r\n{}",
    "empty name": POST + ": x\r\n\r\n",
    "no colon": POST + "Content-Length\r\n\r\n",
    "NUL in a name": POST + "Content-\x00Length: 2\r\n\r\n{}",
    "NUL in a value": POST + "X: a\x00b\r\n\r\n",
    "bare LF ends a line": POST + "X: y\nContent-Length: 2\r\n\r\n{}",
    "bare LF ends the head": "GET /query/one HTTP/1.1\r\nHost: t\n\n",
    "bare CR in a value": POST + "X: a\rContent-Length: 2\r\n\r\n{}",
    "no Host": "GET /query/one HTTP/1.1\r\n\r\n",
    "two Hosts": "GET /query/one HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
    "Host with a path": "GET /query/one HTTP/1.1\r\nHost: a/b\r\n\r\n",
    "Host with a space": "GET /query/one HTTP/1.1\r\nHost: a b\r\n\r\n",
    "Host that is a list": "GET /query/one HTTP/1.1\r\nHost: a, b\r\n\r\n",
    "HTTP/2.0": "GET /query/one HTTP/2.0\r\nHost: t\r\n\r\n",
    "HTTP/1.2 with a letter": "GET /query/one HTTP/1.x\r\nHost: t\r\n\r\n",
    "HTTP/0.9": "GET /query/one\r\n\r\n",
    "lower-case protocol": "GET /query/one http/1.1\r\nHost: t\r\n\r\n",
    "two spaces": "GET  /query/one HTTP/1.1\r\nHost: t\r\n\r\n",
    "a tab in the request line": "GET\t/query/one HTTP/1.1\r\nHost: t\r\n\r\n",
    "a control character in the target": "GET /query/\x01one HTTP/1.1\r\nHost: t\r\n\r\n",
    "a TLS hello": "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "a HTTP/2 preface": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "nothing but letters": "hello\r\n\r\n",
}


@pytest.mark.parametrize("bytes_sent", SMUGGLING.values(), ids=SMUGGLING.keys())
def test_an_ambiguous_request_is_refused_and_ends_the_connection(raw, bytes_sent):
    raw.send(bytes_sent, SMUGGLED)
    answer = raw.answer()
    assert answer.headers["Connection"] == "close"
    answer.failed_as(400, "invalid_request")
    assert raw.ended()  # no second answer


BAD_CHUNKS = {
    "no size": b"\r\n{}\r\n",
    "size with a sign": b"+2\r\n{}\r\n",
    "size with 0x": b"0x2\r\n{}\r\n",
    "size with a space before": b" 2\r\n{}\r\n",
    "size with a letter": b"2g\r\n{}\r\n",
    "size that overflows": b"10000000000000002\r\n{}\r\n",
    "size ended by LF": b"2\n{}\r\n",
    "more data than size": b"1\r\n{}\r\n",
    "data ended by LF": b"2\r\n{}\n",
    "control character in an extension": b"2;a=\x01\r\n{}\r\n",
}


@pytest.mark.parametrize("chunk", BAD_CHUNKS.values(), ids=BAD_CHUNKS.keys())
def test_a_malformed_chunk_is_refused_and_ends_the_connection(raw, chunk):
    post_chunked(raw, chunk, end=b"0\r\n\r\n" + SMUGGLED.encode())
    status = raw.answer().status
    assert status in (400, 413)
    assert raw.ended()


def test_endless_chunk_extensions_and_trailers_are_bounded(server):
    for chunk in (b"2;" + b"x" * 60_000, b"0\r\n" + b"X: y\r\n" * 20_000, b"0" * 60_000):
        with server.connect() as raw:
            post_chunked(raw, chunk, end=b"")
            assert raw.answer().status in (400, 413, 431)
            assert raw.ended()


# Limits, each reached and exceeded by one


def head_of(length):
    """A request head of exactly that many bytes."""
    start = "GET /heartbeat HTTP/1.1\r\nHost: t\r\nX: "
    return start + "x" * (length - len(start) - 4) + "\r\n\r\n"


def test_header_limit(server):
    with server.connect() as raw:
        raw.send(head_of(HEADER_LIMIT))
        assert raw.answer().status == 200
        raw.send(head_of(HEADER_LIMIT + 1))
        raw.answer().failed_as(431, "too_large")
        assert raw.ended()


def test_a_request_line_over_the_header_limit(server):
    with server.connect() as raw:
        raw.send("GET /" + "x" * HEADER_LIMIT)
        raw.answer().failed_as(414, "too_large")
        assert raw.ended()


def test_connections_limit(directory):
    with serve(directory, config(connections=4)) as server:
        open_ones = [server.connect() for _ in range(4)]
        for raw in open_ones:
            raw.get("/query/one")
            assert raw.answer().status == 200
        with server.connect() as surplus:
            surplus.get("/query/one")
            answer = surplus.answer()
            answer.failed_as(503, "overloaded")
            assert answer.headers["Retry-After"] and answer.headers["Connection"] == "close"
            assert surplus.ended()
        open_ones.pop().close()

        def served_again():
            with server.connect() as raw:
                raw.get("/query/one")
                return raw.answer().status == 200

        wait_until(served_again, "a closed connection makes room")
        for raw in open_ones:
            raw.close()


def test_in_flight_limit(directory):
    with serve(directory, config(in_flight=2)) as server:
        slow = [server.connect() for _ in range(2)]
        for raw in slow:
            raw.post("/query/slow")
        wait_until(lambda: statements_running(server) == 2, "both slow queries are in flight")
        answer = server.query("one")
        answer.failed_as(503, "overloaded")
        assert answer.headers["Retry-After"]
        assert server.request("GET", "/heartbeat").status == 200  # a probe is never refused
        assert server.request("GET", "/livez").status == 200
        for raw in slow:
            raw.close()
        wait_until(lambda: server.query("one").status == 200, "the slow queries are cancelled")


def test_many_connections_at_once(server):
    failures = []

    def client(number):
        try:
            with server.connect() as raw:
                for n in range(20):
                    raw.post("/query/echo", json.dumps({"v": f"{number}-{n}"}).encode())
                    assert raw.answer().results == [{"v": f"{number}-{n}"}]
        except Exception as failure:  # noqa: BLE001
            failures.append(failure)

    threads = [threading.Thread(target=client, args=(number,)) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE)
    assert failures == []


# Time-outs


@pytest.fixture(scope="module")
def impatient(module_directory):
    limits = {"header_timeout": "300ms", "body_timeout": "300ms", "idle_timeout": "300ms", "request_timeout": "500ms"}
    with serve(module_directory / "impatient", config(**limits)) as running:
        yield running


def test_a_slow_header_is_answered_with_408(impatient):
    with impatient.connect() as raw:
        raw.send("GET /heartbeat HTTP/1.1\r\nHost: t\r\n")
        raw.answer().failed_as(408, "timeout")
        assert raw.ended()


def test_a_header_that_trickles_in_is_answered_with_408(impatient):
    """One deadline for the whole head: bytes that keep coming do not move it."""
    with impatient.connect() as raw:
        raw.send("GET /heartbeat HTTP/1.1\r\nX: ")
        stop = threading.Event()

        def trickle():
            try:
                while not stop.wait(0.05):
                    raw.send("x")
            except OSError:
                pass

        thread = threading.Thread(target=trickle)
        thread.start()
        try:
            raw.answer().failed_as(408, "timeout")
        finally:
            stop.set()
            thread.join()


def test_a_slow_body_is_answered_with_408(impatient):
    with impatient.connect() as raw:
        head = "POST /query/echo HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n"
        raw.send(head, "Content-Length: 10\r\n\r\n", b'{"v"')
        raw.answer().failed_as(408, "timeout")
        assert raw.ended()


def test_an_idle_connection_is_closed_without_an_answer(impatient):
    with impatient.connect() as raw:
        raw.get("/heartbeat")
        assert raw.answer().status == 200
        assert raw.ended()


def test_a_connection_that_never_says_anything_is_closed(impatient):
    with impatient.connect() as raw:
        raw.rest()


def test_a_connection_that_is_used_lives_on(impatient):
    with impatient.connect() as raw:
        for _ in range(20):
            raw.get("/query/one")
            assert raw.answer().status == 200


def test_request_timeout_ends_a_slow_query_with_504(impatient):
    impatient.query("slow").failed_as(504, "timeout")


def test_a_connection_is_usable_after_a_timeout_of_its_query(impatient):
    with impatient.connect() as raw:
        raw.post("/query/slow")
        raw.get("/query/one")
        raw.answer().failed_as(504, "timeout")
        assert raw.answer().results == [{"n": 1}]
