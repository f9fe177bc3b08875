#!/usr/bin/env python3
"""A private PostgreSQL cluster in a temporary directory, gone without a trace afterwards.

For Python tests the class; for others a command that is run beside it and finds it in HYPERTERSE_TEST_POSTGRES,
a libpq connection string:

    python3 tests/servers/postgres.py -- COMMAND [ARGUMENT ...]
"""

import argparse
import os
import pathlib
import shutil
import signal
import subprocess
import sys

from daemon import as_service, end_process, free_port, give_to_service, private_directory, wait_until

SOCKET_PORT = 5432  # only a part of the socket's name when there is no TCP
SETTINGS = {
    "autovacuum": "off",
    "dynamic_shared_memory_type": "mmap",
    "fsync": "off",
    "full_page_writes": "off",
    "jit": "off",
    "listen_addresses": "",
    "max_wal_senders": "0",
    "port": str(SOCKET_PORT),
    "shared_buffers": "16MB",
    "superuser_reserved_connections": "3",
    "synchronous_commit": "off",
    "wal_level": "minimal",
}
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# Whatever a test configures: its own way in stays open.
ADMINISTRATION = "local all postgres trust"
TRUSTING = ("local all all trust", "host all all 127.0.0.1/32 trust")


def binaries():
    """The directory of the newest installed server's programs."""
    found = pathlib.Path("/usr/lib/postgresql").glob("*/bin/postgres")
    newest = max(found, key=lambda path: int(path.parts[-3]), default=None)
    if newest is None:
        raise FileNotFoundError("no PostgreSQL server is installed: run ./scripts/setup --tests")
    return newest.parent


class Postgres:
    """A cluster with the superuser `postgres`, who may always connect over the unix socket without a password.

    `tcp`: also listens on `port` of 127.0.0.1. `hba`: the lines of pg_hba.conf after the first, which lets the
    superuser in. `certificate`: the paths of a certificate and its key; `client_authority`: of the authority that
    client certificates are checked against. `memory`: the bytes that each of its processes may have, from a start on.
    """

    def __init__(self, *, settings=None, tcp=False, hba=TRUSTING, certificate=None, client_authority=None, memory=None):
        self.directory = private_directory("pg")
        self.data = self.directory / "data"
        self.log_path = self.directory / "log"
        self.process = None
        self.memory = memory
        self.settings = SETTINGS | {"unix_socket_directories": str(self.directory)} | (settings or {})
        try:
            self._initialize()
            if certificate:
                self._use_certificate(*certificate, client_authority)
            if tcp:
                self.settings |= {"listen_addresses": "127.0.0.1", "port": str(free_port())}
            self.set_hba(hba)
            self.start()
        except BaseException:
            self.remove()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.remove()

    @property
    def port(self):
        return int(self.settings["port"])

    @property
    def log(self):
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    @property
    def connection_string(self):
        """Of the superuser over the unix socket."""
        return self.connection("postgres")

    def connection(self, user, database="postgres", **further):
        """A connection string in the key=value form, over the unix socket unless `host` says otherwise."""
        words = {"host": self.directory, "port": self.port, "user": user, "dbname": database} | further
        return " ".join(f"{name}={value}" for name, value in words.items())

    # Life

    def start(self, wait=True):
        """Starts the server; returns when it accepts connections. It ends with the calling thread."""
        (self.data / "postgresql.auto.conf").write_text(
            "".join(f"{name} = '{value}'\n" for name, value in self.settings.items()))
        limit = ["prlimit", f"--as={self.memory}"] if self.memory else []
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                as_service(*limit, binaries() / "postgres", "-D", self.data),
                cwd=self.directory, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )
        if wait:
            self.wait_ready()

    def wait_ready(self):
        wait_until(self._is_ready, "PostgreSQL accepts connections")

    def stop(self, mode="fast"):
        """Ends the server: `fast` rolls back and says goodbye, `immediate` drops everything and recovers at the start."""
        if self.process is not None:
            end_process(self.process, {"fast": signal.SIGINT, "immediate": signal.SIGQUIT}[mode])
            self.process = None

    def kill(self):
        """Ends the server and all of its processes at once, as a crash of the machine does."""
        shared_memory = self._lock_file()[6].split()[-1]
        self.process.send_signal(signal.SIGSTOP)  # so that it replaces none of its children
        children = [int(pid) for pid in pathlib.Path(
            f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()]
        for pid in (self.process.pid, *children):
            os.kill(pid, signal.SIGKILL)
        self.process.wait()
        self.process = None
        wait_until(lambda: not any(_is_running(pid) for pid in children), "the server's processes ended")
        subprocess.run(["ipcrm", "--shmem-id", shared_memory], check=True)
        (self.data / "postmaster.pid").unlink()

    def restart(self):
        self.stop()
        self.start()

    def remove(self):
        """Ends the server and removes its directory."""
        self.stop("immediate")
        shutil.rmtree(self.directory, ignore_errors=True)

    # Configuration

    def set_hba(self, lines):
        """Replaces pg_hba.conf; a running server needs reload()."""
        (self.data / "pg_hba.conf").write_text("\n".join([ADMINISTRATION, *lines]) + "\n")

    def reload(self):
        """Makes a running server read its configuration again; returns when new connections see it."""
        before = self.psql("SELECT pg_conf_load_time()")
        self.psql("SELECT pg_reload_conf()")
        wait_until(lambda: self.psql("SELECT pg_conf_load_time()") != before, "the reload")

    # Use

    def psql(self, statements, database="postgres"):
        """Runs statements as the superuser: their unaligned output. Raises when one fails."""
        done = subprocess.run(
            self._psql_command(database), input=statements, capture_output=True, text=True, timeout=120,
        )
        if done.returncode != 0:
            raise RuntimeError(f"psql: {done.stderr}")
        return done.stdout.rstrip("\n")

    def session(self, database="postgres"):
        """An interactive session of the superuser, for locks and transactions that stay open."""
        return Session(self._psql_command(database))

    def wait_for(self, query, what, seconds=60.0):
        """Waits until a query of one boolean answers true."""
        wait_until(lambda: self.psql(query) == "t", what, seconds)

    def _psql_command(self, database):
        return [binaries() / "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d",
                self.connection("postgres", database)]

    def _initialize(self):
        subprocess.run(
            as_service(binaries() / "initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8",
                       "--no-locale", "--no-sync"),
            cwd=self.directory, check=True, capture_output=True, timeout=120,
        )

    def _use_certificate(self, certificate, key, client_authority):
        files = {"ssl_cert_file": certificate, "ssl_key_file": key}
        if client_authority:
            files["ssl_ca_file"] = client_authority
        self.settings["ssl"] = "on"
        for setting, source in files.items():
            target = self.directory / setting
            shutil.copyfile(source, target)
            target.chmod(0o600)
            give_to_service(target)
            self.settings[setting] = str(target)

    def _lock_file(self):
        return (self.data / "postmaster.pid").read_text().splitlines()

    def _is_ready(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"PostgreSQL ended with {self.process.returncode}:\n{self.log[-4000:]}")
        try:
            lines = self._lock_file()
        except FileNotFoundError:
            return False
        return len(lines) > 7 and lines[0] == str(self.process.pid) and lines[7].strip() == "ready"


class Session:
    """One connection that stays open. Use it with `with`."""

    END = "-- end of the answer --"

    def __init__(self, command):
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Ends the session, and with it its transaction."""
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()

    def send(self, statements):
        """Starts statements without waiting for their end."""
        self.process.stdin.write(f"{statements};\n\\echo {self.END}\n")
        self.process.stdin.flush()

    def answer(self):
        """Waits for the end of what was sent: its unaligned output."""
        lines = []
        while (line := self.process.stdout.readline().rstrip("\n")) != self.END:
            if self.process.poll() is not None:
                raise RuntimeError(f"psql: {self.process.stderr.read()}")
            lines.append(line)
        return "\n".join(lines)

    def run(self, statements):
        self.send(statements)
        return self.answer()


def _is_running(pid):
    try:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def end_by_signal(number, _):
    for each in ENDING:
        signal.signal(each, signal.SIG_IGN)  # nothing interrupts the removal
    raise SystemExit(128 + number)


def main():
    parser = argparse.ArgumentParser(description="Runs a command beside a private PostgreSQL cluster.")
    parser.add_argument("--max-connections", type=int, default=100)
    parser.add_argument("--tcp", action="store_true", help="also listen on a free port of 127.0.0.1")
    parser.add_argument("command", nargs="+", help="what to run, after --")
    options = parser.parse_args()

    for number in ENDING:
        signal.signal(number, end_by_signal)
    with Postgres(settings={"max_connections": options.max_connections}, tcp=options.tcp) as server:
        environment = os.environ | {"HYPERTERSE_TEST_POSTGRES": server.connection_string}
        child = subprocess.Popen(options.command, env=environment)
        try:
            status = child.wait()
        finally:
            end_process(child)
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(main())
