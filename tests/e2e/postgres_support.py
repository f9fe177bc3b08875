"""What the tests over a real PostgreSQL share, beside harness.py."""

import dataclasses
import http.client
import threading
import time

from harness import DEADLINE, Answer, configuration, exchange, figures, send, serve, wait_until

ADMIN = {"admin": {"host": "127.0.0.1", "port": 0}}


def postgres_configuration(connection, queries, *, options=None, server=None, **top):
    """A configuration with an admin listener over one database, which a connection string or a Postgres names."""
    text = connection if isinstance(connection, str) else connection.connection_string
    adapter = {"connector": "postgres", "connection_string": text, "options": options or {}}
    return configuration(queries, server=ADMIN | (server or {}), adapters={"db": adapter}, **top)


def serve_postgres(directory, connection, queries, *, env=None, **configured):
    """serve() of a postgres_configuration()."""
    return serve(directory, postgres_configuration(connection, queries, **configured), env=env)


def adapter_status(server):
    """The one adapter as the admin listener shows it."""
    (adapter,) = send(server.admin_port, "GET", "/readyz").json["adapters"]
    return adapter


def counters(server):
    return adapter_status(server)["counters"]


def is_ready(server):
    return send(server.admin_port, "GET", "/readyz").status == 200


def statements(postgres, marker):
    """How many statements that hold `marker` the server executes now."""
    return int(postgres.psql(
        "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid()"
        f" AND query LIKE '%{marker}%'"))


def wait_for_statements(postgres, marker, count):
    """Waits until the server executes so many statements that hold `marker`."""
    wait_until(lambda: statements(postgres, marker) == count, f"{count} statements with {marker} run")


def measure_recovery(what, condition):
    """Waits until `condition()` holds again, and notes for the summary of the run how long that took."""
    began = time.monotonic()
    wait_until(condition, f"recovery: {what}")
    figures.append(f"recovered in {time.monotonic() - began:.2f} s: {what}")


@dataclasses.dataclass
class Call:
    """One request of a client, with the times of its begin and end."""

    began: float
    ended: float
    answer: Answer | None  # None: the connection failed

    @property
    def seconds(self):
        return self.ended - self.began


class Clients:
    """Threads that send one request after the other, each on a connection of its own, until the block ends.

    `inputs`: a function from the number of a request to its inputs.
    """

    def __init__(self, server, query, count, inputs=lambda number: {}):
        self.server = server
        self.query = query
        self.inputs = inputs
        self.calls = []
        self.numbers = iter(range(10**9))
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self._run) for _ in range(count)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    def wait_for_answers(self, count, status=200):
        """Waits until so many requests that begin from now on were answered with this status."""
        now = time.monotonic()

        def enough():
            return sum(1 for call in self.since(now) if call.answer and call.answer.status == status) >= count

        wait_until(enough, f"{count} answers {status}")

    def since(self, time):
        """The requests that ended and began after `time`."""
        return [call for call in list(self.calls) if call.began >= time]

    def during(self, begin, end):
        """The requests that began after `begin` and ended before `end`."""
        return [call for call in self.since(begin) if call.ended <= end]

    @property
    def statuses(self):
        """The statuses of all answers."""
        return {call.answer.status for call in list(self.calls) if call.answer}

    def _run(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=DEADLINE)
        while not self.stopping.is_set():
            began = time.monotonic()
            try:
                answer = exchange(connection, "POST", f"/query/{self.query}", self.inputs(next(self.numbers)))
            except (OSError, http.client.HTTPException):
                answer = None
                connection.close()
            self.calls.append(Call(began, time.monotonic(), answer))
        connection.close()


def in_background(function, *arguments):
    """Calls in a thread. The result is a function that waits for the end and returns what the call did."""
    results = []
    thread = threading.Thread(target=lambda: results.append(function(*arguments)))
    thread.start()

    def result():
        thread.join(DEADLINE)
        assert results, "the call failed or did not end"
        return results[0]

    return result
