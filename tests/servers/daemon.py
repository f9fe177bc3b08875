"""What the private servers share: their user, their directory, their process and their certificates."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

DEADLINE = 60.0  # seconds, for anything that ought to happen at once
SERVICE_USER = "postgres"  # whom a server runs as when the tests run as root, as which these servers refuse to


def as_service(*command):
    """The command line that runs `command` as a user whom the servers accept, and ends it with the calling thread."""
    drop = [f"--reuid={SERVICE_USER}", f"--regid={SERVICE_USER}", "--init-groups"] if os.getuid() == 0 else []
    return ["setpriv", *drop, "--pdeathsig=QUIT", "--", *map(str, command)]


def give_to_service(path):
    """Makes the service's user the owner of a file or directory."""
    if os.getuid() == 0:
        shutil.chown(path, SERVICE_USER, SERVICE_USER)


def private_directory(name):
    """A temporary directory of the service's user, with a path short enough for unix sockets."""
    directory = pathlib.Path(tempfile.mkdtemp(prefix=f"hyperterse-{name}-", dir="/tmp"))
    directory.chmod(0o755)
    give_to_service(directory)
    return directory


def free_port():
    """A TCP port that is free at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(condition, what, seconds=DEADLINE):
    """Polls until `condition()` is true and returns its value."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > end:
            raise TimeoutError(f"did not happen in {seconds:.0f} s: {what}")
        time.sleep(0.01)
    return value


def end_process(process, number=signal.SIGTERM):
    """Sends a signal to a process of ours and waits for its end; SIGKILL when it does not obey."""
    if process.poll() is None:
        process.send_signal(number)
    try:
        process.wait(DEADLINE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(DEADLINE)


class Certificates:
    """A certification authority of one test run, and what it issues: files in `directory`."""

    def __init__(self, directory, name="authority"):
        self.directory = pathlib.Path(directory)
        self.name = name
        self._openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
                      "-subj", f"/CN=test {name}", "-keyout", self._path(name, "key"), "-out", self.authority)

    @property
    def authority(self):
        """The file that trusting clients and servers need."""
        return self._path(self.name, "crt")

    def issue(self, name, common_name, *, alternatives=(), expired=False):
        """A certificate and its key: two paths. `alternatives`: such as DNS:localhost, IP:127.0.0.1."""
        key, request, certificate = (self._path(name, suffix) for suffix in ("key", "csr", "crt"))
        extensions = self._path(name, "ext")
        extensions.write_text(f"subjectAltName={','.join(alternatives)}\n" if alternatives else "")
        self._openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
                      f"/CN={common_name}", "-keyout", key, "-out", request)
        self._openssl("x509", "-req", "-in", request, "-CA", self.authority, "-CAkey", self._path(self.name, "key"),
                      "-CAcreateserial", "-days", "-1" if expired else "1", "-extfile", extensions, "-out", certificate)
        key.chmod(0o600)
        return certificate, key

    def _path(self, name, suffix):
        return self.directory / f"{name}.{suffix}"

    @staticmethod
    def _openssl(*arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, timeout=DEADLINE)
