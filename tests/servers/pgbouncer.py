"""A private PgBouncer in transaction mode before a private PostgreSQL cluster."""

import pathlib
import shutil
import socket
import subprocess

from daemon import as_service, end_process, give_to_service, private_directory, wait_until

PORT = 6432  # only a part of the socket's name: it does not listen on TCP


class PgBouncer:
    """Listens on a unix socket in `directory` and lets in everybody; `pool_size` connections to the server."""

    def __init__(self, server, *, pool_size=2, settings=None):
        self.directory = private_directory("pgbouncer")
        self.log_path = self.directory / "log"
        self.process = None
        self.settings = {
            "unix_socket_dir": self.directory,
            "listen_port": PORT,
            "auth_type": "any",
            "pool_mode": "transaction",
            "default_pool_size": pool_size,
            "max_client_conn": 500,
        } | (settings or {})
        configuration = self.directory / "pgbouncer.ini"
        lines = [f"{name} = {value}" for name, value in self.settings.items()]
        configuration.write_text("\n".join(
            ["[databases]", f"postgres = {server.connection_string}", "[pgbouncer]", *lines, ""]))
        give_to_service(configuration)
        try:
            self.start()
        except BaseException:
            self.remove()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.remove()

    @property
    def connection_string(self):
        return f"host={self.directory} port={PORT} user=postgres dbname=postgres"

    def start(self):
        """Starts it; returns when it accepts connections. It ends with the calling thread."""
        program = shutil.which("pgbouncer", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
        if program is None:
            raise FileNotFoundError("PgBouncer is not installed: run ./scripts/setup --tests")
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                as_service(program, self.directory / "pgbouncer.ini"),
                cwd=self.directory, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )
        wait_until(self._is_ready, "PgBouncer accepts connections")

    def stop(self):
        if self.process is not None:
            end_process(self.process)
            self.process = None

    def remove(self):
        """Ends it and removes its directory."""
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def _is_ready(self):
        if self.process.poll() is not None:
            log = pathlib.Path(self.log_path).read_text(encoding="utf-8", errors="replace")
            raise RuntimeError(f"PgBouncer ended with {self.process.returncode}:\n{log[-4000:]}")
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(self.directory / f".s.PGSQL.{PORT}")) == 0
