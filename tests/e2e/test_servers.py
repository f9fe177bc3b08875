"""The private servers and the fault proxy of the other tests do what those rely on."""

import os
import pathlib
import signal
import socket
import subprocess
import sys

import pytest
from fault_proxy import FaultProxy
from harness import ROOT, wait_until
from pgbouncer import PgBouncer
from postgres import Postgres

TIMEOUT = 30.0


@pytest.fixture(scope="module")
def server():
    with Postgres(tcp=True) as running:
        yield running


def client_of(port):
    return socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT)


def receive(connection, length):
    """Exactly so many bytes, or fewer at the end of the connection."""
    received = b""
    while len(received) < length and (more := connection.recv(length - len(received))):
        received += more
    return received


@pytest.fixture
def target():
    """A server whose every byte the test decides."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield Target(listener)


class Target:
    """Accepts one connection at a time and gives it to the test."""

    def __init__(self, listener):
        listener.settimeout(TIMEOUT)
        self.listener = listener
        self.port = listener.getsockname()[1]

    def accept(self):
        connection, _ = self.listener.accept()
        connection.settimeout(TIMEOUT)
        return connection


# PostgreSQL


def test_a_cluster_serves_over_its_socket_and_over_tcp(server):
    assert server.psql("SELECT 1") == "1"
    done = subprocess.run(["psql", "-XAtc", "SELECT 2", server.connection("postgres", host="127.0.0.1")],
                          capture_output=True, text=True, timeout=TIMEOUT)
    assert done.stdout == "2\n"
    with pytest.raises(RuntimeError, match="no_such"):
        server.psql("SELECT no_such")


def test_a_session_keeps_its_transaction(server):
    with server.session() as session:
        assert session.run("BEGIN; CREATE TABLE kept (n int); INSERT INTO kept VALUES (1), (2)") == ""
        assert session.run("SELECT n FROM kept ORDER BY n") == "1\n2"
        assert server.psql("SELECT to_regclass('kept') IS NULL") == "t"


def test_a_killed_cluster_starts_again_with_what_was_committed():
    with Postgres() as server:
        server.psql("CREATE TABLE t (n int); INSERT INTO t VALUES (1); CHECKPOINT")
        server.kill()
        with pytest.raises(RuntimeError):
            server.psql("SELECT 1")
        server.start()
        assert server.psql("SELECT n FROM t") == "1"
        server.stop("immediate")
        server.start()
        assert server.psql("SELECT n FROM t") == "1"


def test_nothing_is_left_of_a_cluster():
    with Postgres() as server:
        directory, pid = server.directory, server.process.pid
    assert not directory.exists() and not pathlib.Path(f"/proc/{pid}").exists()


LAUNCHER = [sys.executable, ROOT / "tests" / "servers" / "postgres.py", "--"]


def test_the_command_line_runs_a_command_beside_a_cluster():
    script = 'psql -XAtc "SELECT 3" "$HYPERTERSE_TEST_POSTGRES"; echo "$HYPERTERSE_TEST_POSTGRES"; exit 7'
    done = subprocess.run([*LAUNCHER, "sh", "-c", script], capture_output=True, text=True, timeout=60)
    assert done.returncode == 7, done.stderr
    answer, connection = done.stdout.splitlines()
    assert answer == "3"
    assert not pathlib.Path(connection.split()[0].removeprefix("host=")).exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_command_and_the_cluster(number):
    script = 'echo "$HYPERTERSE_TEST_POSTGRES"; exec sleep 600'
    with subprocess.Popen([*LAUNCHER, "sh", "-c", script], stdout=subprocess.PIPE, text=True) as process:
        directory = pathlib.Path(process.stdout.readline().split()[0].removeprefix("host="))
        pid = int((directory / "data" / "postmaster.pid").read_text().split()[0])
        process.send_signal(number)
        assert process.wait(60) == 128 + number
    assert not directory.exists() and not pathlib.Path(f"/proc/{pid}").exists()


def test_a_cluster_ends_with_a_launcher_that_was_killed():
    with subprocess.Popen([*LAUNCHER, "sh", "-c", 'echo "$PPID $HYPERTERSE_TEST_POSTGRES"; read nothing'],
                          stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True) as process:
        directory = pathlib.Path(process.stdout.readline().split()[1].removeprefix("host="))
        pid = int((directory / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(process.pid, signal.SIGKILL)
    wait_until(lambda: not pathlib.Path(f"/proc/{pid}").exists(), "the server ended")
    subprocess.run(["rm", "-r", directory], check=True)


# PgBouncer


def test_pgbouncer_shares_the_server_connections_of_transactions(server):
    with PgBouncer(server, pool_size=1) as pooler:
        for _ in range(2):
            done = subprocess.run(["psql", "-XAtc", "SELECT 4", pooler.connection_string],
                                  capture_output=True, text=True, timeout=TIMEOUT)
            assert done.stdout == "4\n", done.stderr
        directory = pooler.directory
    assert not directory.exists()


# The fault proxy


def test_the_proxy_passes_and_stalls_and_passes_again(target):
    with FaultProxy(target.port) as proxy, client_of(proxy.port) as client, target.accept() as server:
        client.sendall(b"one")
        assert server.recv(10) == b"one"
        proxy.stall()
        server.sendall(b"two")
        with client_of(proxy.port) as second:
            client.settimeout(0.2)
            with pytest.raises(TimeoutError):
                client.recv(10)
            assert proxy.connections() == 2
            proxy.passing()
            client.settimeout(TIMEOUT)
            assert client.recv(10) == b"two"
            with target.accept() as served:
                second.sendall(b"three")
                assert served.recv(10) == b"three"


def test_the_proxy_refuses_and_listens_on_its_port_again(target):
    with FaultProxy(target.port) as proxy:
        proxy.refuse()
        with pytest.raises(ConnectionRefusedError):
            client_of(proxy.port)
        proxy.passing()
        with client_of(proxy.port) as client, target.accept() as server:
            client.sendall(b"x")
            assert server.recv(10) == b"x"


def test_the_proxy_resets(target):
    with FaultProxy(target.port) as proxy, client_of(proxy.port) as client, target.accept() as server:
        client.sendall(b"x")
        assert server.recv(10) == b"x"
        proxy.reset()
        with pytest.raises(ConnectionResetError):
            client.recv(10)
        with pytest.raises(ConnectionResetError):
            client_of(proxy.port).recv(10)
        proxy.passing()
        with client_of(proxy.port) as again, target.accept() as served:
            served.sendall(b"y")
            assert again.recv(10) == b"y"


def test_the_proxy_cuts_after_so_many_bytes(target):
    with FaultProxy(target.port) as proxy:
        proxy.cut_after(5)
        with client_of(proxy.port) as client, target.accept() as server:
            server.sendall(b"1234567")
            assert receive(client, 5) == b"12345"
            assert client.recv(1) == b""


def test_the_proxy_drips(target):
    with FaultProxy(target.port) as proxy:
        proxy.drip(1, 0.001)
        with client_of(proxy.port) as client, target.accept() as server:
            server.sendall(b"1" * 50)
            assert receive(client, 50) == b"1" * 50


def test_the_proxy_ends_a_sender_that_nobody_reads_from(target):
    with FaultProxy(target.port) as proxy, client_of(proxy.port), target.accept() as server:
        server.settimeout(0.5)
        with pytest.raises(TimeoutError):
            while True:
                server.send(b"x" * 65536)
        proxy.close_open()
        wait_until(lambda: proxy.connections() == 0, "the connection ended")
