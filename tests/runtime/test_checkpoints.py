"""Damaged checkpoints are never loaded, and the one before takes their place."""

import numpy as np
import pytest

from metaspec.runtime import checkpoints
from metaspec.runtime.checkpoints import Checkpoint
from metaspec.runtime.errors import RunError
from metaspec.runtime.events import Warned
from metaspec.runtime.position import Best, Position


def checkpoint(iteration: int) -> Checkpoint:
    draw = np.random.default_rng(iteration)
    state = {"meta/a/w": draw.normal(size=(3, 4)).astype(np.float32), "outer/count": np.array(iteration)}
    best = Best(1, "accuracy", 0.5, {"meta/a/w": draw.normal(size=(3, 4)).astype(np.float32)})
    return Checkpoint(Position(iteration, state, best, iteration, 1.5, 1.25, 2), 77, "identity")


def assert_equal(one: Checkpoint, other: Checkpoint) -> None:
    for each, that in ((one.position.state, other.position.state), (one.position.best.meta, other.position.best.meta)):
        assert each.keys() == that.keys()
        for key in each:
            assert each[key].dtype == that[key].dtype
            np.testing.assert_array_equal(each[key], that[key])
    assert (one.metrics_bytes, one.identity) == (other.metrics_bytes, other.identity)
    assert one.position.seconds == other.position.seconds and one.position.skipped == other.position.skipped
    assert one.position.training_seconds == other.position.training_seconds
    assert one.position.best.score == other.position.best.score


def test_what_was_saved_is_loaded_and_two_are_kept(tmp_path):
    for iteration in (5, 10, 15):
        checkpoints.save(tmp_path, checkpoint(iteration))
    loaded = checkpoints.load(tmp_path)
    assert_equal(loaded.checkpoint, checkpoint(15))
    assert loaded.damaged == ()
    assert [path.stem for path in sorted(tmp_path.glob("*.json"))] == ["000000010", "000000015"]
    assert len(list(tmp_path.glob("*.safetensors"))) == 2


def test_what_a_killed_process_left_is_removed(tmp_path):
    """It was killed while it removed the oldest: the manifest is gone, and the arrays are there."""
    for iteration in (5, 10):
        checkpoints.save(tmp_path, checkpoint(iteration))
    whole = {path.name for path in tmp_path.iterdir()}
    (tmp_path / "000000001-0123456789abcdef.safetensors").write_bytes(b"arrays of none")
    (tmp_path / ".000000015.json.new").write_bytes(b"half")
    assert_equal(checkpoints.load(tmp_path).checkpoint, checkpoint(10))
    assert {path.name for path in tmp_path.iterdir()} == whole


def test_no_checkpoint_is_not_a_damaged_one(tmp_path):
    assert checkpoints.load(tmp_path) is None


def truncate(path):
    path.write_bytes(path.read_bytes()[:-10])


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def empty(path):
    path.write_bytes(b"")


@pytest.mark.parametrize("damage", [truncate, flip, empty, lambda path: path.unlink()])
@pytest.mark.parametrize("part", ["json", "safetensors"])
def test_the_one_before_is_used(tmp_path, damage, part):
    for iteration in (5, 10):
        checkpoints.save(tmp_path, checkpoint(iteration))
    damage(sorted(tmp_path.glob(f"*.{part}"))[-1])
    loaded = checkpoints.load(tmp_path)
    assert_equal(loaded.checkpoint, checkpoint(5))
    if not (part == "json" and damage.__name__ == "<lambda>"):  # without its manifest it never was one
        assert len(loaded.damaged) == 1 and loaded.damaged[0].startswith("000000010.json: ")
        assert (tmp_path / "damaged-000000010.json").exists()


def test_every_byte_counts(tmp_path):
    """A flipped bit anywhere in either file is noticed."""
    path = checkpoints.save(tmp_path, checkpoint(5))
    for file in (path, *tmp_path.glob("*.safetensors")):
        whole = file.read_bytes()
        for place in range(0, len(whole), 7):
            file.write_bytes(whole[:place] + bytes([whole[place] ^ 16]) + whole[place + 1 :])
            try:
                loaded = checkpoints.load(tmp_path)
            except RunError as problem:
                assert problem.diagnostic.code == "E0702"
            else:  # a space of the manifest may turn into another: what it says is the same
                assert_equal(loaded.checkpoint, checkpoint(5))
                assert file == path and whole[place : place + 1].isspace()
        file.write_bytes(whole)


def test_when_all_are_damaged_nothing_is_loaded(tmp_path):
    for iteration in (5, 10):
        checkpoints.save(tmp_path, checkpoint(iteration))
    for file in tmp_path.glob("*.safetensors"):
        flip(file)
    with pytest.raises(RunError) as caught:
        checkpoints.load(tmp_path)
    assert caught.value.diagnostic.code == "E0702"
    assert "000000005.json" in caught.value.diagnostic.message and "000000010.json" in caught.value.diagnostic.message


def test_a_damaged_checkpoint_of_a_run(run_small, tmp_path):
    """The run goes on from the one before, says so, and ends with the same bits and the same metrics."""
    reference = run_small(0, folder=tmp_path / "reference")
    with pytest.raises(RunError):
        run_small(0, program="Diverging", train={"checkpoint": 3})
    manifests = sorted((tmp_path / "run/checkpoints").glob("0*.json"))
    assert [path.stem for path in manifests] == ["000000006", "000000007"]
    flip(next((tmp_path / "run/checkpoints").glob("000000007-*")))
    events = []
    made = run_small(0, resume=True, train={"checkpoint": 3}, sinks=(events.append,))
    (warned,) = [event for event in events if isinstance(event, Warned)]
    assert warned.code == "W0701" and "000000007" in warned.message
    assert "goes on from meta-iteration 6" in warned.message
    assert made.state == reference.state
    assert (tmp_path / "run/metrics.jsonl").read_bytes() == (tmp_path / "reference/metrics.jsonl").read_bytes()
