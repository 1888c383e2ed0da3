"""Folders that are taken, finished, read-only or full."""

import json
import os
import shutil
import subprocess
import time

import pytest

from metaspec.runtime.errors import RunError
from metaspec.runtime.events import Checkpointed
from metaspec.runtime.folder import claim, fresh, latest


def test_a_second_run_in_a_live_folder_is_refused(tmp_path, run_small):
    with claim(tmp_path / "run", resume=False) as folder:
        folder.plan.write_text("{}")
        for resume in (False, True):
            with pytest.raises(RunError) as caught:
                run_small(0, resume=resume)
            assert caught.value.diagnostic.code == "E0701"
            assert f"in use by process {os.getpid()}" in caught.value.diagnostic.message


def test_the_lock_of_a_killed_process_is_gone(drive, tmp_path, run_small):
    process = drive(tmp_path / "run")
    process.stdout.readline()
    with pytest.raises(RunError) as caught:
        run_small(2, resume=True)
    assert f"in use by process {process.pid}" in caught.value.diagnostic.message
    process.kill()
    process.wait()
    assert run_small(2, resume=True).iterations == 30


def test_a_folder_with_a_run_is_not_overwritten(tmp_path, run_small):
    run_small(0)
    before = (tmp_path / "run/result.json").read_bytes()
    with pytest.raises(RunError) as caught:
        run_small(0)
    assert caught.value.diagnostic.code == "E0701" and "already holds a finished run" in caught.value.diagnostic.message
    assert "`metaspec report" in caught.value.diagnostic.help[0]
    assert (tmp_path / "run/result.json").read_bytes() == before


def test_a_finished_run_is_not_run_again(tmp_path, run_small):
    made = run_small(0)
    began = time.monotonic()
    assert run_small(2, resume=True) == made
    assert time.monotonic() - began < 0.3, "no worker was started"


def test_nothing_to_resume(run_small, tmp_path):
    with pytest.raises(RunError) as caught:
        run_small(0, resume=True)
    assert caught.value.diagnostic.code == "E0708"
    assert not (tmp_path / "run").exists()


def test_names_are_counted_up(tmp_path):
    runs = tmp_path / "runs"
    assert latest(runs, "a") is None
    assert [fresh(runs, "a").name for _ in range(3)] == ["a", "a-2", "a-3"]
    assert latest(runs, "a") == runs / "a-3"


def test_a_file_in_the_place_of_the_folder(tmp_path, run_small):
    (tmp_path / "file").write_text("mine")
    for path in (tmp_path / "file", tmp_path / "file" / "run"):
        with pytest.raises(RunError) as caught:
            run_small(0, folder=path)
        assert caught.value.diagnostic.code == "E0706"
        assert "a file is in its place" in caught.value.diagnostic.message
    assert (tmp_path / "file").read_text() == "mine"


@pytest.fixture
def mounted(tmp_path):
    """mounted(options) -> an empty file system of its own; needs root."""
    mounts = []

    def mount(options):
        path = tmp_path / f"mount{len(mounts)}"
        path.mkdir()
        made = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(path)], capture_output=True)
        if made.returncode != 0:
            pytest.skip(f"cannot mount here: {made.stderr.decode().strip()}")
        mounts.append(path)
        return path

    yield mount
    for path in mounts:
        subprocess.run(["umount", str(path)], check=True)


def test_a_read_only_folder(mounted, run_small):
    with pytest.raises(RunError) as caught:
        run_small(0, folder=mounted("ro") / "run")
    assert caught.value.diagnostic.code == "E0706"
    assert "its file system is read-only" in caught.value.diagnostic.message


def test_a_folder_that_is_removed_during_the_run(tmp_path, run_small):
    def remove(event) -> None:
        if isinstance(event, Checkpointed) and event.iteration == 10:
            shutil.rmtree(tmp_path / "run")

    with pytest.raises(RunError) as caught:
        run_small(0, sinks=(remove,))
    assert caught.value.diagnostic.code == "E0706"
    assert "no such file or directory" in caught.value.diagnostic.message


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere; the read-only mount is the test then")
def test_a_folder_without_permission(tmp_path, run_small):
    tmp_path.chmod(0o500)
    with pytest.raises(RunError) as caught:
        run_small(0)
    assert caught.value.diagnostic.code == "E0706" and "not writable" in caught.value.diagnostic.message


def test_a_full_disk_keeps_the_last_checkpoint(mounted, run_small, tmp_path):
    disk = mounted("size=64k")
    train = {"iterations": 700, "checkpoint": 50}
    with pytest.raises(RunError) as caught:
        run_small(0, folder=disk / "run", train=train, evaluate={"every": None, "keep": "last"})
    assert caught.value.diagnostic.code == "E0706" and "no space is left" in caught.value.diagnostic.message
    subprocess.run(["mount", "-o", "remount,size=10m", str(disk)], check=True)
    made = run_small(0, folder=disk / "run", train=train, resume=True, evaluate={"every": None, "keep": "last"})
    reference = run_small(0, train=train, evaluate={"every": None, "keep": "last"})
    assert made.state == reference.state
    assert (disk / "run/metrics.jsonl").read_bytes() == (tmp_path / "run/metrics.jsonl").read_bytes()


def test_a_limit_on_file_sizes_keeps_the_last_checkpoint(drive, tmp_path):
    plan = {"train": {"iterations": 200, "checkpoint": 5}}
    process = drive(tmp_path / "run", program="Program", plan=plan, file_limit=6000)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 3 and "error[E0706]" in err and "the limit for files is reached" in err
    assert "Traceback" not in err
    process = drive(tmp_path / "run", program="Program", plan=plan, resume=True)
    assert process.wait(timeout=120) == 0
    lines = [json.loads(line) for line in (tmp_path / "run/metrics.jsonl").read_text().splitlines()]
    assert [line["iteration"] for line in lines if "split" not in line] == list(range(1, 201))


def test_a_folder_of_other_things_is_left_alone(tmp_path, run_small):
    pictures = tmp_path / "pics"
    (pictures / "cats").mkdir(parents=True)
    (pictures / "notes.txt").write_text("mine")
    with pytest.raises(RunError) as caught:
        run_small(0, folder=pictures)
    assert caught.value.diagnostic.code == "E0717" and "not empty" in caught.value.diagnostic.message
    assert {each.name for each in pictures.iterdir()} == {"cats", "notes.txt"}
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / ".gitkeep").touch()
    assert run_small(0, folder=tmp_path / "empty").iterations == 30


def test_a_file_of_a_runs_name_is_not_taken_for_one(tmp_path, run_small):
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "events.jsonl").write_text("mine")
    with pytest.raises(RunError) as caught:
        run_small(0, folder=mine)
    assert caught.value.diagnostic.code == "E0717"
    assert [each.name for each in mine.iterdir()] == ["events.jsonl"]


def test_a_start_that_computed_nothing_makes_room(tmp_path, run_small):
    """Its plan may be another one, and what it was asked with is written anew."""
    with pytest.raises(RunError) as caught:
        run_small(1, program="nothing_of_the_sort")
    assert caught.value.diagnostic.code == "E0707" and (tmp_path / "run/plan.json").exists()
    (tmp_path / "run/command.txt").write_text("metaspec run before.meta\n")
    made = run_small(0, train={"iterations": 7})
    assert made.iterations == 7 and not (tmp_path / "run/command.txt").exists()


def test_a_run_that_computed_something_makes_no_room(tmp_path, run_small):
    run_small(0)
    (tmp_path / "run/result.json").unlink()
    shutil.rmtree(tmp_path / "run/checkpoints")
    with pytest.raises(RunError) as caught:
        run_small(0)
    assert caught.value.diagnostic.code == "E0701"
