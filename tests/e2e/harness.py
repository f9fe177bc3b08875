"""Starts the built program and talks to it: what the end-to-end tests share.

Every wait has a generous deadline and none of them decides a test: they turn a hang into a failure.
"""

import contextlib
import dataclasses
import gzip
import http.client
import io
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("HYPERTERSE_BINARY", str(ROOT / "build" / "dev" / "hyperterse"))
sys.path.insert(0, str(ROOT / "tests" / "servers"))  # the private servers of the tests
DEADLINE = 60.0  # seconds, for anything that ought to happen at once
JSON = {"Content-Type": "application/json"}

figures = []  # what tests measured, for the summary of the run
running = []  # every server that was started, for the report of a failure; conftest.py forgets those that ended


def environment(extra=None):
    """The environment of a process under test: nothing of ours changes its behaviour."""
    kept = {name: text for name, text in os.environ.items() if name not in ("PORT", "HOST")}
    return kept | (extra or {})


def wait_until(condition, what, seconds=DEADLINE):
    """Polls until `condition()` is true and returns its value."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f"did not happen in {seconds:.0f} s: {what}"
        time.sleep(0.01)


def free_port():
    """A port that is free at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def run_program(*arguments, cwd, env=None, stdin=None):
    """Runs the program to its end: a CompletedProcess with text output."""
    return subprocess.run(
        [BINARY, *map(str, arguments)],
        cwd=cwd, env=environment(env), input=stdin, capture_output=True, text=True, timeout=DEADLINE,
    )


def configuration(queries, *, server=None, options=None, adapters=None, **top):
    """A configuration as text, over one SQLite database that schema.sql creates. (JSON is YAML.)

    A query that is a plain string is its statement.
    """
    adapter = {
        "connector": "sqlite",
        "connection_string": "sqlite:data.db",
        "options": {"init": "schema.sql"} | (options or {}),
    }
    described = {
        name: {"use": "db", "description": name} | ({"statement": query} if isinstance(query, str) else query)
        for name, query in queries.items()
    }
    return json.dumps(
        {"name": "test"}
        | ({"server": server} if server else {})
        | {"adapters": adapters or {"db": adapter}, "queries": described}
        | top,
        indent=1,
        ensure_ascii=False,
    )


def write_project(directory, config, schema="", files=None):
    """Writes config.terse, schema.sql and `files`; returns the path of the first."""
    contents = {"config.terse": config, "schema.sql": schema or "-- no tables\n"} | (files or {})
    for name, content in contents.items():
        path = pathlib.Path(directory, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content, encoding="utf-8")
    return pathlib.Path(directory, "config.terse")


@dataclasses.dataclass
class Answer:
    """One complete HTTP answer."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes
    version: int = 11

    @property
    def text(self):
        return self.body.decode("utf-8")

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def results(self):
        """The rows of a success."""
        body = self.json
        assert self.status == 200 and body["success"] is True, f"{self.status} {self.body[:2000]!r}"
        return body["results"]

    def failed_as(self, status, code):
        """Asserts a complete, regular error answer; returns its body."""
        assert self.status == status, f"{self.status} {self.body[:2000]!r}"
        assert self.headers["Content-Type"] == "application/json"
        body = self.json
        assert body["success"] is False and body["results"] == [] and body["error"]
        assert body["code"] == code
        assert body["request_id"] == self.headers["X-Request-Id"]
        return body


def send(port, method, path, body=None, headers=None, host="127.0.0.1"):
    """One request on a connection of its own."""
    connection = http.client.HTTPConnection(host, port, timeout=DEADLINE)
    try:
        return exchange(connection, method, path, body, headers)
    finally:
        connection.close()


def exchange(connection, method, path, body=None, headers=None):
    """One request on an open http.client connection."""
    if not isinstance(body, (bytes, str, type(None))):
        body = json.dumps(body)
    sent = ({} if body is None else JSON) | (headers or {})
    connection.request(method, path, body.encode("utf-8") if isinstance(body, str) else body, sent)
    response = connection.getresponse()
    received = response.read()
    if response.headers["Content-Encoding"] == "gzip":
        received = gzip.decompress(received)
    return Answer(response.status, response.headers, received, response.version)


def statements_running(server):
    """How many connections to its one database a server with an admin listener uses now."""
    (adapter,) = send(server.admin_port, "GET", "/readyz").json["adapters"]
    return adapter["connections_in_use"]


class RawConnection:
    """A TCP connection on which the test decides every byte."""

    def __init__(self, port, host="127.0.0.1", receive_buffer=None):
        self.socket = socket.socket()
        self.socket.settimeout(DEADLINE)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.connect((host, port))
        self.pending = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, *parts):
        """Sends text (as Latin-1) and bytes."""
        self.socket.sendall(b"".join(p.encode("latin-1") if isinstance(p, str) else p for p in parts))

    def get(self, path, *lines):
        """Sends a GET with further header lines."""
        self.send("\r\n".join([f"GET {path} HTTP/1.1", "Host: test", *lines]), "\r\n\r\n")

    def post(self, path, body=b"{}", *lines):
        """Sends a POST of JSON with its length and further header lines."""
        head = [f"POST {path} HTTP/1.1", "Host: test", "Content-Type: application/json"]
        self.send("\r\n".join([*head, f"Content-Length: {len(body)}", *lines]), "\r\n\r\n", body)

    def receive(self):
        """More bytes; False at the end of the connection."""
        try:
            received = self.socket.recv(65536)
        except ConnectionResetError:
            received = b""
        self.pending += received
        return bool(received)

    def take_line(self):
        while b"\r\n" not in self.pending:
            assert self.receive(), f"the connection ended in a line: {self.pending!r}"
        line, self.pending = self.pending.split(b"\r\n", 1)
        return line

    def take(self, length):
        while len(self.pending) < length:
            assert self.receive(), f"the connection ended, {length - len(self.pending)} bytes are missing"
        taken, self.pending = self.pending[:length], self.pending[length:]
        return taken

    def answer(self, to_head=False):
        """The next complete answer. `to_head`: it answers a HEAD, so it has no body."""
        version, status, *_ = self.take_line().split(b" ", 2)
        assert version == b"HTTP/1.1"
        lines = []
        while line := self.take_line():
            lines.append(line)
        text = b"\r\n".join(lines) + b"\r\n\r\n"
        headers = http.client.parse_headers(io.BytesIO(text))
        return Answer(int(status), headers, self._body(int(status), headers, to_head))

    def _body(self, status, headers, to_head):
        if to_head or status in (100, 204, 304):
            return b""
        if headers["Transfer-Encoding"] == "chunked":
            body = b""
            while size := int(self.take_line(), 16):
                body += self.take(size)
                assert self.take(2) == b"\r\n"
            assert self.take_line() == b""
            return body
        if headers["Content-Length"] is not None:
            return self.take(int(headers["Content-Length"]))
        return self.rest()

    def rest(self):
        """All bytes up to the end of the connection."""
        while self.receive():
            pass
        taken, self.pending = self.pending, b""
        return taken

    def ended(self):
        """Waits for the end of the connection: True when no byte came before it."""
        return self.rest() == b""


class Server:
    """A running program. Use serve()."""

    def __init__(self, directory, arguments, env, log_format="json"):
        self.directory = pathlib.Path(directory)
        self.log_path = self.directory / f"stderr-{id(self)}.log"
        self.log_format = log_format
        self.output = []  # lines of standard output
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                [BINARY, *map(str, arguments), "--log-format", log_format],
                cwd=directory, env=environment(env), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log,
            )
        self.reader = threading.Thread(target=self._read_output)
        self.reader.start()
        self.ready = None
        running.append(self)

    def _read_output(self):
        for line in self.process.stdout:
            self.output.append(line.decode("utf-8").rstrip("\n"))

    @property
    def pid(self):
        return self.process.pid

    @property
    def port(self):
        return self.ready["port"]

    @property
    def admin_port(self):
        return self.ready["admin_port"]

    def wait_ready(self):
        """Waits for the ready line, or for the banner."""
        lines = 1 if self.log_format == "json" else 3
        wait_until(lambda: len(self.output) >= lines or self.process.poll() is not None, "the program starts")
        assert self.output, f"the program ended with {self.process.returncode}:\n{self.stderr}"
        if self.log_format == "json":
            self.ready = json.loads(self.output[0])
            assert self.ready["event"] == "ready"
        else:
            self.ready = {"port": int(self.output[0].rsplit(":", 1)[1])}
        return self

    @property
    def stderr(self):
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    @property
    def log(self):
        """The complete lines of the log, each an object."""
        return [json.loads(line) for line in self.stderr.split("\n")[:-1] if line.startswith("{")]

    def wait_for_log(self, **fields):
        """Waits for a log line that has these members; returns it. A value may be a predicate."""

        def matches(line):
            return all(
                wanted(line.get(name)) if callable(wanted) else line.get(name) == wanted
                for name, wanted in fields.items()
            )

        return wait_until(lambda: next(filter(matches, self.log), None), f"a log line with {list(fields)}")

    def request(self, method, path, body=None, headers=None):
        return send(self.port, method, path, body, headers)

    def query(self, name, inputs=None, headers=None):
        """POST /query/NAME."""
        return self.request("POST", f"/query/{name}", {} if inputs is None else inputs, headers)

    def get(self, name, inputs=None, headers=None):
        """GET /query/NAME with the inputs in the query string; a list repeats its key."""
        text = urllib.parse.urlencode(inputs or {}, doseq=True)
        return self.request("GET", f"/query/{name}?{text}" if text else f"/query/{name}", None, headers)

    def connect(self, **options):
        return RawConnection(self.port, **options)

    def resident_bytes(self):
        """The memory that the process has in RAM."""
        for line in pathlib.Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise AssertionError("no VmRSS")

    def signal(self, number):
        self.process.send_signal(number)

    def wait_exit(self):
        """Waits for the end of the process; returns its exit status."""
        status = self.process.wait(DEADLINE)
        self.reader.join(DEADLINE)
        self.process.stdout.close()
        return status

    def stop(self):
        """SIGTERM, and what every test ends with: exit status 0."""
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
        status = self.wait_exit()
        assert status == 0, f"exit status {status}:\n{self.stderr[-5000:]}"

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.wait_exit()


@contextlib.contextmanager
def launch(directory, *arguments, env=None, log_format="json"):
    """The program with these arguments; not waited for. Killed at the end if it still runs."""
    server = Server(directory, arguments, env, log_format)
    try:
        yield server
    finally:
        server.kill()


@contextlib.contextmanager
def serve(directory, config, schema="", *, files=None, arguments=(), env=None):
    """Serves a configuration on a free port of 127.0.0.1; ends it with SIGTERM and asserts exit status 0."""
    path = write_project(directory, config, schema, files)
    options = ["run", "-f", path.name, "--host", "127.0.0.1", "--port", "0", *arguments]
    with launch(directory, *options, env=env) as server:
        yield server.wait_ready()
        server.stop()


def copy_example(name, directory):
    """Copies the configuration and SQL files of examples/NAME; returns the directory of the copy."""
    target = pathlib.Path(directory, name)
    target.mkdir()
    for pattern in ("*.terse", "*.sql"):
        for path in (ROOT / "examples" / name).glob(pattern):
            shutil.copy(path, target)
    return target
