"""Memory of real processes."""

import os
import subprocess
import sys
import time

import pytest

from benchmarks.memory import Sampler, family, peak, proportional
from benchmarks.protocol import Competitor, CompetitorFailed

BIG = 120 * 2**20


def test_descendants_count_and_one_that_ended_is_kept_apart():
    child = f"block = bytearray({BIG}); block[::4096] = b'1' * len(block[::4096]); input()"
    start = f"subprocess.run([sys.executable, '-c', {child!r}])"
    parent = f"import subprocess, sys; {start}; input()"
    process = subprocess.Popen([sys.executable, "-c", parent], stdin=subprocess.PIPE, text=True)
    with Sampler(process.pid, every=0.02) as memory:
        _until(lambda: proportional(family(process.pid)) > BIG / 2**20)
        assert len(family(process.pid)) == 2
        assert peak(family(process.pid)[1]) > BIG / 2**20 > peak(process.pid)
        time.sleep(0.3)  # the sampler, too, has to have seen it
        process.stdin.write("go\n")
        process.stdin.flush()
        _until(lambda: len(family(process.pid)) == 1)
        time.sleep(0.1)
    assert memory.brief > BIG / 2**20 > memory.each
    assert memory.together > BIG / 2**20
    process.communicate("go\n")


def test_a_competitor_answers_fails_and_ends(tmp_path):
    (tmp_path / "rival.py").write_text(
        "from benchmarks.protocol import serve\n"
        "def add(a, b): print('noise'); return {'sum': a + b}\n"
        "serve({'add': add})\n"
    )
    rival = Competitor("rival", sys.executable, "rival", {"PYTHONPATH": str(tmp_path)}, tmp_path / "log")
    assert rival.ask("add", a=1, b=2) == {"sum": 3}
    with pytest.raises(CompetitorFailed, match="TypeError"):
        rival.ask("add", a=1, b="x")
    assert rival.ask("add", a=2, b=2) == {"sum": 4}
    assert "noise" in (tmp_path / "log").read_text()
    os.kill(rival.pid, 9)
    with pytest.raises(CompetitorFailed, match="rival ended"):
        rival.ask("add", a=1, b=2)
    rival.close()


def _until(condition) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
