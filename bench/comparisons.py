"""What is measured. Each function yields rows; docs/performance.md says why and what came out."""

import mmap
import random
import re
import shutil
import subprocess
import time

import harness
import postgres_comparisons as postgres
from harness import BenchError, Client, Load, Program, Row, costs, rates, take_turns, wrk, wrk_on

STREAMED_ROWS = 5_000_000
MANY_QUERIES = 10_000
ITEMS = 1_000
STARTS = 11
WARM_UP_REQUESTS = 200
COUNTED_REQUESTS = 2_000
# What a request may take. A change that needs more has to say why.
ALLOWED_ALLOCATIONS = {"/heartbeat": 0, "/query/get-city": 24, "/query/user": 24}

# The statement of get-city in examples/cities/config.terse as the program prepares it.
GET_CITY = """SELECT id, name, country, admin_code, feature_code, population, latitude, longitude
FROM cities WHERE id = ?"""

STREAM_CONFIG = f"""
name: stream
adapters:
  db: {{ connector: sqlite, connection_string: ':memory:' }}
server:
  limits: {{ request_timeout: 5m }}
queries:
  rows:
    use: db
    description: Many rows, made as they are read
    statement: |
      WITH RECURSIVE numbers(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM numbers WHERE id < {STREAMED_ROWS})
      SELECT id, 'row number ' || id AS name, id * 0.5 AS amount FROM numbers
    timeout: 5m
    max_rows: {STREAMED_ROWS}
"""


def new_directory(parent, name):
    directory = parent / name
    directory.mkdir()
    return directory


def cities(directory):
    """A copy of the example, its database created; returns the configuration and a file of random ids."""
    example = harness.ROOT / "examples/cities"
    if not (example / "cities.sql").exists():
        subprocess.run([example / "load"], check=True)
    for name in ("config.terse", "cities.sql"):
        shutil.copy(example / name, directory)
    config = directory / "config.terse"
    # On a busy machine the script takes longer than the usual time to connect.
    config.write_text(config.read_text().replace("init: cities.sql", "init: cities.sql\n      connect_timeout: 60s"))
    known = re.findall(r"^\((\d+),", (directory / "cities.sql").read_text(), re.MULTILINE)
    ids = directory / "ids"
    ids.write_text("\n".join(random.Random(1).sample(known, 20_000)) + "\n")
    with Program(config):  # creates the database
        pass
    return config, ids


def heartbeat(directory, options):
    """GET /heartbeat against nginx `return 200` with as many bytes"""
    config = directory / "config.terse"
    config.write_text(STREAM_CONFIG)
    with Program(config) as program:
        with Client(program.port) as client:
            head, body = client.ask("/heartbeat")
        content_type = re.search(rb"(?i)content-type: ([^\r]+)", head)[1].decode()
        answer = {"content_type": content_type, "body": body.decode()}
        padding = pad_for(directory, answer, len(head + body))
        with harness.nginx(new_directory(directory, "nginx"), **answer, padding=padding) as port:
            ours, theirs = take_turns(
                options,
                lambda seconds: wrk_on(program, "/heartbeat", seconds),
                lambda seconds: wrk(port, "/heartbeat", seconds),
            )
    yield Row("GET /heartbeat", "requests/s", rates(ours), "nginx, return 200", rates(theirs), at_least=0.8,
              note=f"{costs(ours)}; {len(head + body)} bytes each")


def pad_for(directory, answer, wanted):
    """A header value that makes nginx's answer `wanted` bytes long."""
    with harness.nginx(new_directory(directory, "nginx-padding"), **answer, padding="0") as port:
        with Client(port) as client:
            missing = wanted - len(b"".join(client.ask("/heartbeat")))
    if missing < 0:
        raise BenchError(f"nginx answers {-missing} bytes more than the program at least")
    return "0" * (1 + missing)


def sqlite(directory, options):
    """POST /query/get-city against the same prepared statement in a C loop on as many threads"""
    config, ids = cities(directory)
    loop = harness.compile_c("sqlite_loop.c", directory / "sqlite_loop", "-lsqlite3", "-lpthread")
    command = [loop, directory / "cities.db", GET_CITY, ids, str(harness.WORKERS)]

    def run_loop(seconds):
        made = subprocess.run(command + [str(seconds)], capture_output=True, check=True)
        return Load(float(made.stdout))

    with Program(config) as program:
        ours, theirs = take_turns(
            options, lambda seconds: wrk_on(program, "/query/get-city", seconds, ids), run_loop)
    yield Row("POST /query/get-city, one row by key", "queries/s", rates(ours), "C loop, no server",
              rates(theirs), note=costs(ours))


def start(directory, options):
    """From exec to the first answers, resident memory when idle"""
    config, ids = cities(directory)
    one_id = {"id": int(ids.read_text().split()[0])}
    to_heartbeat, to_query, idle = [], [], []
    for _ in range(STARTS):
        port = harness.free_port()
        command = [harness.binary(), "run", "-f", config, "--host", "127.0.0.1", "--port", str(port),
                   "--workers", str(harness.WORKERS), "--log-level", "2"]
        begun = time.monotonic()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            until = begun + harness.PATIENCE
            to_heartbeat.append((harness.wait_for_answer(port, "/heartbeat", until) - begun) * 1000)
            answered = harness.wait_for_answer(port, "/query/get-city", until, one_id)
            to_query.append((answered - begun) * 1000)
        finally:
            harness.end(process)
    for _ in range(options.rounds):
        with Program(config) as program:
            time.sleep(0.5)
            idle.append(program.memory("VmRSS"))
    yield Row("start to first /heartbeat", "ms", to_heartbeat, at_most=50)
    yield Row("start to first query answer", "ms", to_query, at_most=50)
    yield Row("resident memory, idle", "MiB", idle, at_most=25)


def stream(directory, _options):
    """Resident memory while 5 million rows are read"""
    config = directory / "config.terse"
    config.write_text(STREAM_CONFIG)
    with Program(config) as program:
        note = harness.read_stream(program, "/query/rows", STREAMED_ROWS)
        yield Row("peak memory, 5 million rows streamed", "MiB", [program.memory("VmHWM")], at_most=64, note=note)


def many_config(directory, numbers):
    """A configuration with a query for each of the numbers."""
    config = directory / "config.terse"
    items = ",".join(f"({each},'item {each}')" for each in range(1, ITEMS + 1))
    (directory / "items.sql").write_text(
        f"CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT NOT NULL);\nINSERT INTO items VALUES {items};\n")
    queries = "".join(f"""
  item-{number}:
    use: db
    description: One item, query number {number}
    statement: SELECT id, name, {number} AS query FROM items WHERE id = {{{{ inputs.id }}}}
    inputs:
      id: {{ type: int, min: 1, description: The number of the item }}
""" for number in numbers)
    config.write_text(f"""
name: many
adapters:
  db: {{ connector: sqlite, connection_string: 'sqlite:items.db', options: {{ init: items.sql }} }}
queries:
{queries}""")
    with Program(config):  # creates the database
        pass
    return config


def many(directory, options):
    """10,000 queries in one configuration: time to ready, and the rate of one of them"""
    ids = directory / "ids"
    ids.write_text("\n".join(map(str, random.Random(1).sample(range(1, ITEMS + 1), ITEMS))) + "\n")
    chosen = MANY_QUERIES // 2
    many_queries = many_config(new_directory(directory, "many"), range(MANY_QUERIES))
    one_query = many_config(new_directory(directory, "one"), [chosen])
    to_ready, resident = [], []
    for _ in range(options.rounds):
        with Program(many_queries) as program:
            to_ready.append(program.seconds_to_ready * 1000)
            resident.append(program.memory("VmRSS"))
    yield Row(f"{MANY_QUERIES:,} queries: start to ready", "ms", to_ready, at_most=1000,
              note=f"{max(resident):.1f} MiB resident")
    path = f"/query/item-{chosen}"
    with Program(many_queries) as of_many, Program(one_query) as of_one:
        ours, theirs = take_turns(
            options,
            lambda seconds: wrk_on(of_many, path, seconds, ids),
            lambda seconds: wrk_on(of_one, path, seconds, ids),
        )
    yield Row(f"{MANY_QUERIES:,} queries: one of them", "queries/s", rates(ours), "the only query",
              rates(theirs), at_least=0.95)


def allocations(directory, _options):
    """Allocations per request, on one connection; more than are allowed fail the run"""
    on_sqlite, ids = cities(new_directory(directory, "sqlite"))
    a_city = {"id": int(ids.read_text().split()[0])}
    library = harness.compile_c("count_allocations.c", directory / "count_allocations.so", "-shared", "-fPIC")
    count = directory / "count"
    environment = {"LD_PRELOAD": str(library), "ALLOCATION_COUNT": str(count)}
    with postgres.database(new_directory(directory, "postgres")) as users:
        for config, paths in (
            (on_sqlite, {"/heartbeat": None, "/query/get-city": a_city}),
            (users.config(), {"/query/user": {"id": 1}}),
        ):
            count.write_bytes(bytes(8))
            with Program(config, environment) as program:
                for path, inputs in paths.items():
                    made = count_allocations(program, count, path, inputs)
                    yield Row(f"allocations per request, {path}", "allocations", [made],
                              at_most=ALLOWED_ALLOCATIONS[path], enforced=True)


def count_allocations(program, count, path, inputs):
    """Whole allocations per request; what the program does beside them is a small part of one."""
    with open(count, "rb") as file, mmap.mmap(file.fileno(), 8, access=mmap.ACCESS_READ) as counter:
        with Client(program.port) as client:
            for _ in range(WARM_UP_REQUESTS):
                client.ask(path, inputs)
            before = int.from_bytes(counter, "little")
            for _ in range(COUNTED_REQUESTS):
                client.ask(path, inputs)
            return (int.from_bytes(counter, "little") - before) // COUNTED_REQUESTS


ALL = {each.__name__: each for each in (heartbeat, sqlite, start, stream, many, allocations, *postgres.ALL)}
