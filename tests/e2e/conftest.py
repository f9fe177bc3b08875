"""Fixtures of every end-to-end test, and the server's log in the report of a failure."""

import pathlib
import signal
import tempfile

import harness
import pytest

signal.signal(signal.SIGTERM, signal.default_int_handler)  # an early end removes the servers and directories too


@pytest.fixture
def directory():
    """A temporary directory of this test."""
    with tempfile.TemporaryDirectory(prefix="hyperterse-e2e-") as path:
        yield pathlib.Path(path)


@pytest.fixture(scope="module")
def module_directory():
    """A temporary directory that the tests of a file share."""
    with tempfile.TemporaryDirectory(prefix="hyperterse-e2e-") as path:
        yield pathlib.Path(path)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport():
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        for server in filter(lambda each: each.log_path.exists(), harness.running):
            report.sections.append((f"standard error of process {server.pid}", server.stderr[-10_000:]))
    if report.when == "teardown":
        harness.running[:] = [server for server in harness.running if server.process.poll() is None]


def pytest_terminal_summary(terminalreporter):
    for figure in harness.figures:
        terminalreporter.write_line(figure)
