"""PostgreSQL: the program against pgbench, which runs the same prepared statements over the same unix socket."""

import contextlib
import json
import random
import re
import statistics
import sys

import harness
from harness import BenchError, Load, Program, Row, costs, rates, read_stream, take_turns, wrk_on

sys.path.insert(0, str(harness.ROOT / "tests/servers"))
from postgres import Postgres, binaries

USERS = 100_000
STREAMED_ROWS = 10_000_000
REFERENCE_CLIENTS = 8
# At 40,000 requests per second, 1 % that take 50 ms hold 20 connections.
FOR_SLOW_ONES = 40

SETTINGS = {"shared_buffers": "128MB", "max_connections": "100"}
LOAD = f"""
CREATE TABLE users (
    id integer PRIMARY KEY, name text NOT NULL, email text NOT NULL, role text NOT NULL, created_at timestamptz NOT NULL
);
INSERT INTO users
SELECT id, 'User number ' || id, 'user' || id || '@example.com', (ARRAY['admin', 'editor', 'reader'])[id % 3 + 1],
       timestamptz '2024-01-01 00:00Z' + id * interval '1 minute 7.25 seconds'
FROM generate_series(1, {USERS}) AS id;
VACUUM ANALYZE users;
"""

COLUMNS = "id, name, email, role, created_at"
# Name: statement, with %s for the id. The ids leave the larger ones all their rows.
BY_ID = {
    "user": f"SELECT {COLUMNS} FROM users WHERE id = %s",
    "slow-for-some": f"SELECT {COLUMNS}, pg_sleep(CASE WHEN id %% 100 = 0 THEN 0.05 ELSE 0 END) FROM users WHERE id = %s",
    "hundred": f"SELECT {COLUMNS} FROM users WHERE id > %s ORDER BY id LIMIT 100",
    "ten-thousand": f"SELECT {COLUMNS} FROM users WHERE id > %s ORDER BY id LIMIT 10000",
}
LARGEST_ID = USERS - 10_000
WITHOUT_INPUTS = {
    "wait": {"statement": "SELECT pg_sleep(0.05)"},
    "stream": {
        "statement": "SELECT id, 'row number ' || id AS name, id * 0.5 AS amount "
                     f"FROM (SELECT generate_series(1, {STREAMED_ROWS}) AS id) AS numbers",
        "max_rows": STREAMED_ROWS,
        "timeout": "10m",
    },
}


class Database:
    """A private PostgreSQL with the users, and what its measurements share, in a directory."""

    def __init__(self, server, directory):
        self.server = server
        self.directory = directory
        self.ids = directory / "ids"
        self.ids.write_text("\n".join(map(str, random.Random(1).sample(range(1, LARGEST_ID), 20_000))) + "\n")

    def config(self, name="config", **options):
        """The path of a configuration with these options of the adapter."""
        by_id = {
            query: {"statement": statement % "{{ inputs.id }}", "inputs": {"id": {"type": "int"}}}
            for query, statement in BY_ID.items()
        }
        queries = {
            query: {"use": "db", "description": query} | described
            for query, described in (by_id | WITHOUT_INPUTS).items()
        }
        adapter = {"connector": "postgres", "connection_string": self.server.connection_string, "options": options}
        path = self.directory / f"{name}.terse"
        path.write_text(json.dumps({
            "name": "users",
            "server": {"limits": {"request_timeout": "10m"}},
            "adapters": {"db": adapter},
            "queries": queries,
        }))
        return path

    def pgbench(self, query, seconds, clients=REFERENCE_CLIENTS, *options):
        """The load of pgbench with one prepared statement per round trip and random ids."""
        script = self.directory / "script.sql"
        script.write_text(f"\\set id random(1, {LARGEST_ID})\n{BY_ID[query] % ':id'};\n")
        command = [binaries() / "pgbench", "--no-vacuum", "--protocol=prepared", f"--client={clients}",
                   f"--jobs={min(clients, 2)}", f"--time={seconds}", f"--file={script}", *options]
        text = harness.run_load(command + [self.server.connection_string], seconds)
        rate = re.search(r"^tps = ([\d.]+)", text, re.MULTILINE)
        if not rate or re.search(r"failed transactions: [1-9]", text):
            raise BenchError(f"pgbench:\n{text}")
        return Load(float(rate[1]))

    def pgbench_latency(self, query, seconds):
        """As pgbench() of one client, with the median of its latencies."""
        prefix = self.directory / "transactions"
        load = self.pgbench(query, seconds, 1, "--log", f"--log-prefix={prefix}")
        microseconds = []
        for path in self.directory.glob("transactions.*"):
            microseconds += [int(line.split()[2]) for line in path.read_text().splitlines()]
            path.unlink()
        load.p50 = statistics.median(microseconds) / 1000
        return load


@contextlib.contextmanager
def database(directory):
    with Postgres(settings=SETTINGS) as server:
        server.psql(LOAD)
        yield Database(server, directory)


def postgres(directory, options):
    """One row by key over REST on 64, 256 and 16 connections, against pgbench -M prepared -c 8 -j 2"""
    with database(directory) as users, Program(users.config()) as program:
        def on(connections):
            return lambda seconds: wrk_on(program, "/query/user", seconds, users.ids, connections=connections)

        by_64, by_256, by_16, theirs = take_turns(
            options, on(64), on(256), on(16), lambda seconds: users.pgbench("user", seconds))
    for connections, ours, wanted in ((64, by_64, 1.1), (256, by_256, 1.2), (16, by_16, 0.8)):
        yield Row(f"one row by key, {connections} connections", "requests/s", rates(ours), "pgbench, 8 clients",
                  rates(theirs), at_least=wanted, note=costs(ours))
    yield Row("p99 of 256 connections", "ms", [load.p99 for load in by_256], "of 64 connections",
              [load.p99 for load in by_64], at_most=5)


def postgres_latency(directory, options):
    """One row by key on one connection: median latency, against pgbench -M prepared -c 1"""
    with database(directory) as users, Program(users.config()) as program:
        ours, theirs = take_turns(
            options,
            lambda seconds: wrk_on(program, "/query/user", seconds, users.ids, connections=1),
            lambda seconds: users.pgbench_latency("user", seconds),
        )
    yield Row("one row by key, 1 connection, median", "µs", [load.p50 * 1000 for load in ours], "pgbench, 1 client",
              [load.p50 * 1000 for load in theirs], at_most=1.6, note=costs(ours))


def postgres_exclusive(directory, options):
    """One row by key with `pipeline: off` and 16 connections to the database, against pgbench"""
    with database(directory) as users, Program(users.config(pipeline="off", max_connections=16)) as program:
        ours, theirs = take_turns(
            options,
            lambda seconds: wrk_on(program, "/query/user", seconds, users.ids),
            lambda seconds: users.pgbench("user", seconds),
        )
    yield Row("one row by key, pipeline: off, pool 16", "requests/s", rates(ours), "pgbench, 8 clients",
              rates(theirs), at_least=0.55, note=costs(ours))


def postgres_mixed(directory, options):
    """One row by key while 1 % of the requests wait 50 ms in the server, against the same without them"""
    with database(directory) as users, Program(users.config(max_connections=FOR_SLOW_ONES)) as program:
        plain, other_query, other_value = take_turns(
            options,
            lambda seconds: wrk_on(program, "/query/user", seconds, users.ids),
            lambda seconds: wrk_on(program, "/query/user", seconds, users.ids, slow_path="/query/wait"),
            lambda seconds: wrk_on(program, "/query/slow-for-some", seconds, users.ids),
        )
    yield Row("one row by key, 1 % are a query that waits", "requests/s", rates(other_query), "without them",
              rates(plain), at_least=0.8, note=costs(other_query))
    yield Row("the same query waits for 1 % of its values", "requests/s", rates(other_value), "without them",
              rates(plain), note=costs(other_value))


def postgres_rows(directory, options):
    """100 rows against pgbench; 10,000 rows against this program with `pipeline: off`"""
    with database(directory) as users:
        automatic, exclusive = users.config(), users.config("exclusive", pipeline="off")
        with Program(automatic) as program, Program(exclusive) as one_each:
            hundred, theirs = take_turns(
                options,
                lambda seconds: wrk_on(program, "/query/hundred", seconds, users.ids),
                lambda seconds: users.pgbench("hundred", seconds),
            )
            many, many_exclusive = take_turns(
                options,
                lambda seconds: wrk_on(program, "/query/ten-thousand", seconds, users.ids),
                lambda seconds: wrk_on(one_each, "/query/ten-thousand", seconds, users.ids),
            )
            peak = program.memory("VmHWM")
    yield Row("100 rows", "requests/s", rates(hundred), "pgbench, 8 clients", rates(theirs), at_least=0.8,
              note=costs(hundred))
    yield Row("10,000 rows", "MiB/s", [load.transfer for load in many], "pipeline: off",
              [load.transfer for load in many_exclusive], at_least=1.0,
              note=f"{costs(many)}; peak memory {peak:.1f} MiB")


def postgres_stream(directory, _options):
    """Resident memory while 10 million rows are read, above that of the idle program"""
    with database(directory) as users, Program(users.config()) as program:
        harness.wrk(program.port, "/query/user", 1, users.ids)
        idle = program.memory("VmRSS")
        note = read_stream(program, "/query/stream", STREAMED_ROWS)
        yield Row("10 million rows streamed, above idle", "MiB", [program.memory("VmHWM") - idle], at_most=32,
                  note=f"idle {idle:.1f}; {note}")


ALL = (postgres, postgres_latency, postgres_exclusive, postgres_mixed, postgres_rows, postgres_stream)
