"""Requests take no more allocations than bench/comparisons.py allows: a count, which does not depend on time."""

import os
import pathlib
import subprocess

import pytest
from harness import BINARY, ROOT


def test_a_request_takes_no_more_allocations_than_are_allowed():
    if any(name in pathlib.Path(BINARY).read_bytes() for name in (b"__asan_init", b"__tsan_init")):
        pytest.skip("a sanitizer has an allocator of its own")
    counted = subprocess.run(
        [ROOT / "bench" / "run", "--only", "allocations"],
        env=os.environ | {"HYPERTERSE_BINARY": BINARY}, capture_output=True, text=True, timeout=200,
    )
    assert counted.returncode == 0, counted.stdout + counted.stderr
