"""The commands that messages name lead back to the run."""

import os
import signal

import pytest

from metaspec.runtime.errors import Interrupted, RunError
from metaspec.runtime.events import Checkpointed, Started

COMMAND = "metaspec run /specs/cc.meta -s train.iterations=300"


def keep(path):
    (path / "command.txt").write_text(COMMAND + "\n")


def stop_at(kind):
    def stop(event) -> None:
        if isinstance(event, kind):
            os.kill(os.getpid(), signal.SIGINT)

    return stop


def test_a_stopped_run_names_the_whole_command(tmp_path, run_small):
    with pytest.raises(Interrupted) as caught:
        run_small(0, sinks=(stop_at(Checkpointed),), keep=keep)
    assert caught.value.diagnostic.help == (
        f"`{COMMAND} --out {tmp_path / 'run'} --resume` continues to the same result",
    )


def test_a_run_stopped_before_its_first_update_says_so(tmp_path, run_small):
    with pytest.raises(Interrupted) as caught:
        run_small(1, sinks=(stop_at(Started),), keep=keep)
    assert "nothing was computed" in caught.value.diagnostic.message
    assert f"{COMMAND} --out" in caught.value.diagnostic.help[0]


def test_another_length_names_the_command_as_it_was_and_how_to_train_on(tmp_path, run_small):
    run_small(0, keep=keep)
    with pytest.raises(RunError) as caught:
        run_small(0, resume=True, train={"iterations": 60})
    assert caught.value.diagnostic.code == "E0704"
    first, second, *_ = caught.value.diagnostic.help
    assert first == f"`{COMMAND} --out {tmp_path / 'run'} --resume` goes on with the spec as it was"
    assert f"""`{COMMAND} -s 'inner.init=load("{tmp_path / "run"}")'` trains a new run on""" in second


def test_another_plan_of_the_same_length_has_no_word_about_length(run_small):
    run_small(0, keep=keep)
    with pytest.raises(RunError) as caught:
        run_small(0, resume=True, train={"seed": 60})
    assert not any("made longer" in way for way in caught.value.diagnostic.help)
