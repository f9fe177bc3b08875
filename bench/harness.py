"""Servers, load and figures for the comparisons: private processes in temporary directories, ended by pid."""

import contextlib
import dataclasses
import json
import os
import pathlib
import re
import socket
import statistics
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BENCH = ROOT / "bench"
WORKERS = 2
CONNECTIONS = 64
PATIENCE = 30  # seconds for a process to start or to end


class BenchError(Exception):
    """Something that the measurement needs went wrong; the text is for the user."""


@dataclasses.dataclass
class Row:
    """One figure: the program's rounds, those of what it is compared with, and the target of the outcome."""

    name: str
    unit: str
    figures: list
    reference_name: str = ""
    reference: list = dataclasses.field(default_factory=list)
    at_least: float | None = None
    at_most: float | None = None
    enforced: bool = False  # the figure does not depend on time: a missed target fails the run
    note: str = ""

    @property
    def median(self):
        return statistics.median(self.figures)

    @property
    def ratio(self):
        return self.median / statistics.median(self.reference) if self.reference else None

    @property
    def met(self):
        """None: the row has no target."""
        outcome = self.ratio if self.reference else self.median
        if self.at_least is not None:
            return outcome >= self.at_least
        return None if self.at_most is None else outcome <= self.at_most

    def as_json(self):
        computed = {"median": self.median, "ratio": self.ratio, "met": self.met}
        return dataclasses.asdict(self) | computed


def binary():
    return pathlib.Path(os.environ.get("HYPERTERSE_BINARY", ROOT / "build/release/hyperterse")).resolve()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def end(process):
    """Ends a process that this script started, by its pid."""
    process.terminate()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class Program:
    """The gateway, ready, on a free port, serving `config`; logs at WARN."""

    def __init__(self, config, environment=None):
        command = [binary(), "run", "-f", config, "--host", "127.0.0.1", "--port", "0",
                   "--workers", str(WORKERS), "--log-level", "2", "--log-format", "json"]
        started = time.monotonic()
        self.log_path = pathlib.Path(config).with_suffix(".log")
        with open(self.log_path, "w") as log:
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True,
                                            env=os.environ | (environment or {}), start_new_session=True)
        try:
            self.port = json.loads(self.process.stdout.readline())["port"]
        except ValueError:
            end(self.process)
            raise BenchError(f"the program did not start:\n{self.log_path.read_text()}") from None
        self.seconds_to_ready = time.monotonic() - started

    def __enter__(self):
        return self

    def __exit__(self, *_):
        end(self.process)
        self.process.stdout.close()

    def memory(self, field):
        """MiB; `field` is VmRSS or VmHWM."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"{field}:\s+(\d+) kB", status)[1]) / 1024

    def cpu_seconds(self):
        ticks = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def nginx(directory, content_type, body, padding):
    """A private nginx that answers every request with `body`; yields its port."""
    port = free_port()
    paths = "".join(f"{kind}_temp_path {directory}/{kind};\n"
                    for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    config = directory / "nginx.conf"
    config.write_text(f"""
daemon off;
worker_processes {WORKERS};
pid {directory}/nginx.pid;
events {{ worker_connections 1024; }}
http {{
    {paths}
    access_log off;
    server_tokens off;
    keepalive_requests 1000000000;
    default_type '{content_type}';
    add_header X-Request-Id '{padding}';
    server {{
        listen 127.0.0.1:{port} reuseport;
        return 200 '{body}';
    }}
}}
""")
    process = subprocess.Popen(["/usr/sbin/nginx", "-e", "stderr", "-p", directory, "-c", config],
                               start_new_session=True)
    try:
        wait_for_answer(port, "/heartbeat", time.monotonic() + PATIENCE)
        yield port
    finally:
        end(process)


class Client:
    """One HTTP connection, for requests one after the other."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.socket.close()

    def send(self, path, inputs=None, accept="*/*"):
        """Sends a GET, or with inputs a POST; returns the answer's head, through its empty line."""
        body = b"" if inputs is None else json.dumps(inputs).encode()
        head = f"{'GET' if inputs is None else 'POST'} {path} HTTP/1.1\r\nHost: localhost\r\nAccept: {accept}\r\n"
        if inputs is not None:
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        self.socket.sendall(head.encode() + b"\r\n" + body)
        answer = b""
        while line := self.file.readline():
            answer += line
            if line == b"\r\n":
                break
        if not answer.startswith(b"HTTP/1.1 200 "):
            raise BenchError(f"{path}: {answer.decode(errors='replace').splitlines()[:1] or 'no answer'}")
        return answer

    def ask(self, path, inputs=None):
        """As send(), for an answer with Content-Length; returns its head and its body."""
        head = self.send(path, inputs)
        length = int(re.search(rb"(?i)content-length: (\d+)", head)[1])
        return head, self.file.read(length)


def wait_for_answer(port, path, until, inputs=None):
    """Asks until the answer is a success; returns when it was, by the monotonic clock."""
    while True:
        try:
            with Client(port) as client:
                client.ask(path, inputs)
                return time.monotonic()
        except (OSError, BenchError):
            if time.monotonic() > until:
                raise BenchError(f"no answer from {path} on port {port}") from None
            time.sleep(0.0005)


@dataclasses.dataclass
class Load:
    rate: float  # requests per second
    p50: float = 0.0  # milliseconds
    p99: float = 0.0
    transfer: float = 0.0  # MiB per second
    cpu: float = 0.0  # microseconds of the program per request


def run_load(command, seconds):
    """What a load of some seconds prints. A session of its own, as the program and each process of PostgreSQL have,
    is a share of its own for the scheduler."""
    return subprocess.run(command, capture_output=True, text=True, timeout=seconds + PATIENCE, check=True,
                          start_new_session=True).stdout


def wrk(port, path, seconds, ids=None, connections=CONNECTIONS, slow_path=""):
    """Load on some connections; with `ids`, a file, a POST of {"id": …} each, of which with `slow_path` each
    hundredth goes there instead. Every answer must be a success."""
    command = ["wrk", f"-t{min(connections, 2)}", f"-c{connections}", f"-d{seconds}s", "--latency"]
    command += ["-s", BENCH / "post_ids.lua"] if ids else []
    command += [f"http://127.0.0.1:{port}{path}"]
    command += ["--", ids, slow_path] if ids else []
    text = run_load(command, seconds)
    figures = [re.search(pattern, text) for pattern in (
        r"Requests/sec:\s+([\d.]+)()", r"50%\s+([\d.]+)(us|ms|s)", r"99%\s+([\d.]+)(us|ms|s)",
        r"Transfer/sec:\s+([\d.]+)(B|KB|MB|GB)")]
    if not all(figures) or "Non-2xx" in text or "Socket errors" in text:
        raise BenchError(f"wrk on {path}:\n{text}")
    return Load(*(float(figure[1]) * UNITS[figure[2]] for figure in figures))


# To milliseconds and to MiB.
UNITS = {"": 1, "us": 0.001, "ms": 1, "s": 1000, "B": 2**-20, "KB": 2**-10, "MB": 1, "GB": 2**10}


def wrk_on(program, path, seconds, ids=None, **further):
    """As wrk(), with the processor time that the program takes for it."""
    before = program.cpu_seconds()
    load = wrk(program.port, path, seconds, ids, **further)
    load.cpu = (program.cpu_seconds() - before) / (load.rate * seconds) * 1e6
    return load


def read_stream(program, path, expected_rows):
    """Reads a long answer; the resident memory on the way and the speed, in words."""
    resident = {}
    with Client(program.port) as client:
        client.send(path, {}, accept="application/x-ndjson")
        begun = time.monotonic()
        rows = bytes_read = 0
        while rows < expected_rows:
            piece = client.file.read1(1 << 20)
            if not piece:
                raise BenchError(f"the answer ended after {rows} rows")
            rows += piece.count(b"}\n")
            bytes_read += len(piece)
            for percent in (10, 50, 100):
                if percent not in resident and rows >= expected_rows * percent // 100:
                    resident[percent] = program.memory("VmRSS")
        seconds = time.monotonic() - begun
    at = ", ".join(f"{mib:.1f} at {percent} %" for percent, mib in resident.items())
    return f"resident {at}; {rows / seconds / 1e6:.2f} million rows/s, {bytes_read >> 20} MiB"


def take_turns(options, *sides):
    """The loads of each side: `side(seconds)` makes one. A first, short round of each only warms up."""
    for side in sides:
        side(1)
    rounds = [[side(options.seconds) for side in sides] for _ in range(options.rounds)]
    return list(zip(*rounds))


def rates(loads):
    return [load.rate for load in loads]


def costs(loads):
    cpu = statistics.median(load.cpu for load in loads)
    p99 = statistics.median(load.p99 for load in loads)
    return f"{cpu:.1f} µs of processor per request, p99 {p99:.1f} ms"


def compile_c(source, output, *options):
    command = ["clang-19", "-std=c11", "-D_GNU_SOURCE", "-O2", "-Wall", "-Wextra", "-o", output, BENCH / source]
    subprocess.run(command + list(options), check=True)
    return output
