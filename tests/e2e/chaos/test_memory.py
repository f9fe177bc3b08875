"""Results of ten million rows and rows of 64 MiB: the memory of the process stays where it was."""

import threading
import time

import pytest
from harness import figures, wait_until
from postgres import Postgres
from postgres_support import adapter_status, counters, measure_recovery, serve_postgres, wait_for_statements

MIB = 1024 * 1024
ROWS = 10_000_000
LARGE = 64 * MIB
QUERIES = {
    "one": "SELECT 1 AS n",
    "many": {"statement": f"SELECT generate_series(1, {ROWS}) AS n /* many-rows */", "max_rows": ROWS, "timeout": "10m"},
    "wide": {"statement": f"SELECT generate_series(1, {ROWS}) AS n, repeat('x', 1000) AS x /* wide-rows */",
             "max_rows": ROWS, "timeout": "10m"},
    "few-or-many": {"statement": "SELECT n, repeat('x', 1000) AS x FROM generate_series(1, {{ inputs.rows }}) AS n",
                    "inputs": {"rows": {"type": "int"}}, "max_rows": ROWS, "timeout": "10m"},
    "large": {"statement": f"SELECT repeat('x', {LARGE}) AS x", "timeout": "1m"},
    "large-bytes": {"statement": f"SELECT decode(repeat('00', {LARGE // 2}), 'hex') AS x", "timeout": "1m"},
    "large-rows": {"statement": f"SELECT repeat('x', {LARGE // 4}) AS x FROM generate_series(1, 8)", "timeout": "1m"},
}
STREAM = "Accept: application/x-ndjson"


@pytest.fixture(scope="module")
def postgres():
    with Postgres() as running:
        yield running


@pytest.fixture
def server(directory, postgres):
    limits = {"request_timeout": "10m", "write_timeout": "10m"}
    with serve_postgres(directory, postgres, QUERIES, server={"limits": limits}) as running:
        for _ in range(20):
            assert running.query("one").status == 200
        yield running


class Peak:
    """The most memory that a process has while the block runs, above what it had before."""

    def __init__(self, server):
        self.server = server
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._watch)

    def __enter__(self):
        self.before = self.most = self.server.resident_bytes()
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.thread.join()

    @property
    def growth(self):
        return self.most - self.before

    def _watch(self):
        while not self.stopping.wait(0.02):
            self.most = max(self.most, self.server.resident_bytes())


def taken(server, postgres, marker):
    """Waits until the server's backend waits for a reader that does not read."""
    query = (f"SELECT count(*) > 0 FROM pg_stat_activity WHERE query LIKE '%{marker}%' AND wait_event = 'ClientWrite'"
             " AND pid <> pg_backend_pid()")
    postgres.wait_for(query, "the reader's pause reaches the server")


@pytest.mark.parametrize("name", ["many", "wide"])
def test_ten_million_rows_to_a_reader_that_stops(server, postgres, name):
    with Peak(server) as peak, server.connect(receive_buffer=65536) as raw:
        raw.post(f"/query/{name}", b"{}", STREAM)
        raw.take(2 * MIB)
        taken(server, postgres, f"{name}-rows")
        time.sleep(0.5)  # as long as the reader pauses, nothing grows
        for _ in range(20):
            raw.take(MIB)
    figures.append(f"memory while streaming {name} rows to a reader that pauses: + {peak.growth / MIB:.1f} MiB")
    assert peak.growth < 32 * MIB
    wait_for_statements(postgres, f"{name}-rows", 0)
    measure_recovery("the reader left", lambda: server.query("one").status == 200)


def test_ten_million_rows_to_eight_readers_that_stop(server, postgres):
    with Peak(server) as peak:
        raws = [server.connect(receive_buffer=65536) for _ in range(8)]
        for raw in raws:
            raw.post("/query/wide", b"{}", STREAM)
        for raw in raws:
            raw.take(2 * MIB)
        taken(server, postgres, "wide-rows")
        assert server.query("one").status == 200
        for raw in raws:
            raw.close()
    figures.append(f"memory while eight readers pause: + {peak.growth / MIB:.1f} MiB")
    assert peak.growth < 64 * MIB
    wait_for_statements(postgres, "wide-rows", 0)


def test_ten_million_rows_of_a_read_that_was_short_so_far(server):
    before = counters(server)
    for _ in range(3):
        assert server.query("few-or-many", {"rows": 1}).status == 200
    assert counters(server)["shared"] > before["shared"]
    with Peak(server) as peak, server.connect(receive_buffer=65536) as raw:
        raw.post("/query/few-or-many", b'{"rows":%d}' % ROWS, STREAM)
        raw.take(20 * MIB)
    figures.append(f"memory while a read returns {ROWS} rows for the first time: + {peak.growth / MIB:.1f} MiB")
    assert counters(server)["moved"] == before["moved"] + 1
    assert peak.growth < 32 * MIB


def test_ten_million_rows_all_of_them(server):
    with Peak(server) as peak, server.connect() as raw:
        raw.post("/query/many", b"{}", STREAM)
        while raw.take_line():
            pass
        lines = 0
        last = b""
        while size := int(raw.take_line(), 16):
            piece = raw.take(size)
            lines += piece.count(b"\n")
            last = (last + piece)[-200:]
            assert raw.take(2) == b"\r\n"
    figures.append(f"memory while streaming {ROWS} rows: + {peak.growth / MIB:.1f} MiB")
    assert lines == ROWS and f'"n":{ROWS}'.encode() in last
    assert peak.growth < 32 * MIB


@pytest.mark.parametrize("name,length", [("large", LARGE), ("large-bytes", (LARGE // 2 + 2) // 3 * 4)])
def test_a_row_of_64_mib(server, name, length):
    with Peak(server) as peak:
        (row,) = server.query(name).results
    assert len(row["x"]) == length and set(row["x"][:1000]) <= {"x", "A"}
    figures.append(f"memory with a row of 64 MiB ({name}): + {peak.growth / MIB:.1f} MiB")
    assert peak.growth < 5 * LARGE
    assert server.query("one").results == [{"n": 1}]


def test_large_rows_one_after_the_other_take_the_memory_of_one(server):
    with Peak(server) as peak:
        rows = server.query("large-rows").results
    assert [len(row["x"]) for row in rows] == [LARGE // 4] * 8
    figures.append(f"memory with eight rows of 16 MiB: + {peak.growth / MIB:.1f} MiB")
    assert peak.growth < 2 * LARGE


def test_a_row_of_64_mib_to_a_reader_that_leaves(server, postgres):
    for _ in range(3):
        with server.connect(receive_buffer=65536) as raw:
            raw.post("/query/large")
            raw.take(MIB)
    measure_recovery("the reader of a large row left", lambda: server.query("one").status == 200)
    wait_until(lambda: adapter_status(server)["connections_in_use"] <= 1, "its connection is free")
