"""Large answers: constant memory, back-pressure, truncation said, failures that cannot be mistaken for an end."""

import http.client
import json
import time

import pytest
from harness import DEADLINE, configuration, serve, wait_until

MIB = 1024 * 1024
ROWS = 5_000_000
COUNT_TO = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {{ inputs.n }}) "
N = {"n": {"type": "int"}}
QUERIES = {
    "many": {"statement": COUNT_TO + "SELECT n FROM c", "inputs": N, "max_rows": ROWS, "timeout": "10m"},
    "cut": {"statement": COUNT_TO + "SELECT n, 'some text that takes room' AS text FROM c", "inputs": N,
            "max_rows": 100_000},
    "fails-late": {  # the integer overflow comes with row 50,000
        "statement": COUNT_TO + "SELECT n, CASE WHEN n = 50000 THEN abs(-9223372036854775808) ELSE 0 END AS x FROM c",
        "inputs": N,
        "max_rows": 1_000_000,
    },
    "endless": {"statement": "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) "
                             "SELECT n, hex(zeroblob(500)) AS text FROM c",
                "max_rows": 1_000_000_000, "timeout": "10m"},
    "one": "SELECT 1 AS n",
}
LIMITS = {"request_timeout": "10m", "write_timeout": "2m"}


@pytest.fixture(scope="module")
def server(module_directory):
    with serve(module_directory, configuration(QUERIES, server={"limits": LIMITS}, options={"max_connections": 2})) as s:
        yield s


class Watermark:
    """The growth of the server's memory since now."""

    def __init__(self, server):
        self.server = server
        self.start = server.resident_bytes()
        self.highest = self.start

    def look(self):
        self.highest = max(self.highest, self.server.resident_bytes())
        return self.highest


def chunks(raw):
    """The data of a chunked answer, chunk by chunk; the trailer is left unread."""
    while size := int(raw.take_line(), 16):
        yield raw.take(size)
        assert raw.take(2) == b"\r\n"


def take_head(raw):
    lines = []
    while line := raw.take_line():
        lines.append(line)
    return lines


def test_five_million_rows_take_constant_memory(server):
    server.query("one")
    memory = Watermark(server)
    with server.connect(receive_buffer=64 * 1024) as raw:
        raw.post("/query/many", b'{"n":%d}' % ROWS)
        take_head(raw)
        received = newlines = number = 0
        previous = b""
        for number, chunk in enumerate(chunks(raw)):
            if number < 40:  # slow at first: the server has to wait, not to buffer
                time.sleep(0.05)
                memory.look()
            elif number % 100 == 0:
                memory.look()
            received += len(chunk)
            newlines += chunk.count(b'"n":') + (previous[-3:] + chunk[:3]).count(b'"n":')
            previous = chunk
        assert raw.take_line() == b""
    assert newlines == ROWS
    assert previous.endswith(b'{"n":%d}]}\n' % ROWS)
    assert memory.look() < 64 * MIB, f"{memory.highest / MIB:.0f} MiB after {received / MIB:.0f} MiB"


def test_a_reader_that_stops_stops_the_database(server):
    """With nobody reading, the statement makes no progress: the processor time of the process stands still."""
    memory = Watermark(server)
    with server.connect(receive_buffer=64 * 1024) as raw:
        raw.post("/query/endless")
        take_head(raw)

        def stands_still():
            before = processor_ticks(server)
            time.sleep(0.5)
            memory.look()
            return processor_ticks(server) - before <= 2

        wait_until(stands_still, "the server waits for its reader")
        assert server.query("one").results == [{"n": 1}]  # and serves others meanwhile
        taken = raw.take(2 * MIB)  # and goes on when read
        assert len(taken) == 2 * MIB
    assert memory.look() < 64 * MIB


def processor_ticks(server):
    with open(f"/proc/{server.pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def test_write_timeout_ends_a_reader_that_stops(directory):
    config = configuration(QUERIES, server={"limits": LIMITS | {"write_timeout": "500ms"}}, options={"max_connections": 1})
    with serve(directory, config) as server:
        with server.connect(receive_buffer=64 * 1024) as raw:
            raw.post("/query/endless")
            take_head(raw)
            wait_until(lambda: server.query("one").status == 200, "the only connection is free again")
            with pytest.raises(AssertionError, match="the connection ended"):  # behind what was buffered
                for chunk in chunks(raw):
                    assert chunk


def test_a_large_answer_is_chunked_and_goes_on_the_same_connection(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=DEADLINE)
    for _ in range(2):
        connection.request("GET", "/query/many?n=100000")
        response = connection.getresponse()
        assert response.headers["Transfer-Encoding"] == "chunked"
        assert len(json.loads(response.read())["results"]) == 100_000
    connection.close()


def test_a_large_answer_is_compressed_as_it_streams(server):
    answer = server.get("many", {"n": 200_000}, {"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.results) == 200_000


def test_head_of_a_large_answer_has_no_body(server):
    with server.connect() as raw:
        raw.send("HEAD /query/many?n=1000000 HTTP/1.1\r\nHost: t\r\n\r\n")
        assert raw.answer(to_head=True).status == 200
        raw.get("/heartbeat")
        assert raw.answer().json == {"success": True}


def test_truncation_is_said_in_json(server):
    body = server.query("cut", {"n": 100_001}).json
    assert body["truncated"] is True and body["truncated_by"] == "max_rows"
    assert len(body["results"]) == 100_000
    assert "truncated" not in server.query("cut", {"n": 100_000}).json


@pytest.mark.parametrize("media_type", ["application/x-ndjson", "text/csv"])
def test_truncation_is_said_in_the_trailer_of_a_stream(server, media_type):
    for rows, trailer in ((100_001, b"Hyperterse-Truncated: max_rows\r\n"), (100_000, b"")):
        with server.connect() as raw:
            raw.get(f"/query/cut?n={rows}", f"Accept: {media_type}", "Connection: close")
            head = take_head(raw)
            assert b"Trailer: Hyperterse-Truncated" in head
            body = b"".join(chunks(raw))
            assert body.count(b"\n") == 100_000 + (media_type == "text/csv")
            assert raw.rest() == trailer + b"\r\n"


@pytest.mark.parametrize("media_type", ["application/x-ndjson", "text/csv"])
def test_truncation_of_a_small_answer_is_said_in_a_header(directory, media_type):
    config = configuration({"cut": {"statement": "VALUES (1), (2), (3)", "max_rows": 2}})
    with serve(directory, config) as server:
        answer = server.query("cut", headers={"Accept": media_type})
        assert answer.headers["Hyperterse-Truncated"] == "max_rows"
        assert answer.headers["Content-Length"] is not None


def test_a_failure_before_the_first_byte_is_an_error_answer(directory):
    config = configuration({"fails": "SELECT abs(-9223372036854775808) AS x"})
    with serve(directory, config) as server:
        assert server.query("fails").failed_as(500, "internal")["error"]
        server.wait_for_log(detail=lambda text: text is not None and "overflow" in text)


@pytest.mark.parametrize("accept", ["application/json", "application/x-ndjson", "text/csv"])
@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_a_failure_after_the_first_byte_closes_without_the_last_chunk(server, accept, coding):
    with server.connect() as raw:
        raw.post("/query/fails-late", b'{"n":1000000}', f"Accept: {accept}", f"Accept-Encoding: {coding}")
        head = take_head(raw)
        assert head[0] == b"HTTP/1.1 200 OK" and b"Transfer-Encoding: chunked" in head
        with pytest.raises(AssertionError, match="the connection ended"):
            for chunk in chunks(raw):
                assert chunk
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=DEADLINE)
    connection.request("GET", "/query/fails-late?n=1000000", headers={"Accept": accept, "Accept-Encoding": coding})
    with pytest.raises(http.client.IncompleteRead):
        connection.getresponse().read()
    connection.close()
    server.wait_for_log(level="warn", message=lambda text: "cut off" in text, query="fails-late")


def test_a_failure_after_the_first_byte_resets_an_http_1_0_connection(server):
    """There the end of the connection would be the end of the answer."""
    with server.connect() as raw:
        raw.send("GET /query/fails-late?n=1000000 HTTP/1.0\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            while raw.socket.recv(65536):
                pass


def test_many_streams_at_once(server):
    """More streams than connections to the database: each is whole, one after the other."""
    raws = [server.connect() for _ in range(4)]
    for raw in raws:
        raw.get("/query/many?n=50000")
    for raw in raws:
        assert len(raw.answer().results) == 50_000
        raw.close()
