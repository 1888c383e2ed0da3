"""Copies that exchange weights: the same bits whoever computes them, and what the merge comes to."""

from itertools import count

import numpy as np
import pytest
from numpy_program import Program
from safetensors import numpy as safetensors
from small_plan import small_plan

from metaspec.kinds.exchanges.weights import Weights
from metaspec.kinds.merges.loss_average import LossAverage
from metaspec.plan.copies import shards_of
from metaspec.runtime import run
from metaspec.runtime.arrays import digest
from metaspec.runtime.errors import RunError
from metaspec.runtime.events import ShardSkipped
from metaspec.runtime.exchanges import weights
from metaspec.runtime.protocol import Broadcast
from metaspec.runtime.session import Session
from tests.resolve.specs import resolved

MODES = ("keep", "merge", "reset")


def exchange(**fields):
    return {"exchange": Weights(**{"copies": 3, "epochs": 2} | fields)}


def small(**fields):
    train, evaluate = {"iterations": 12, "checkpoint": 5}, {"keep": "last"}
    return {"mode": "copies", "schedule": exchange(**fields), "train": train, "evaluate": evaluate}


def test_no_two_copies_have_a_task_in_common():
    plan = small_plan(**small())
    tasks = [shard.first + n for copy in range(3) for shard in shards_of(plan, copy) for n in range(shard.count)]
    assert sorted(tasks) == list(range(45))


@pytest.mark.parametrize("mode", MODES)
def test_a_plain_loop_has_the_same_bits(run_small, tmp_path, mode):
    """The thesis's algorithm written out: copies train, their mean is what all go on from."""
    plan = small_plan(**small(outer_state=mode))
    program = Program(plan, tmp_path)
    start = program.start()
    slots = {key: value for key, value in start.items() if key.startswith("outer/")}
    meta, own = start["meta/init/w"], [slots] * 3
    for iteration in range(12):
        states = []
        for copy in range(3):
            state = {"meta/init/w": meta, **own[copy]}
            for epoch in range(2):
                total = sum(
                    (
                        program.gradient(state, 2 * iteration + epoch, s)[0]["meta/init/w"]
                        for s in shards_of(plan, copy)
                    ),
                    np.zeros(40, np.float32),
                )
                state, _ = program.update(state, {"meta/init/w": total}, iteration)
            states.append(state)
        meta = mean(states, "meta/init/w")
        if mode == "keep":
            own = [{key: state[key] for key in slots} for state in states]
        if mode == "merge":
            own = [{key: mean(states, key) for key in slots}] * 3
    assert run_small(2, **small(outer_state=mode)).parameters == digest({"meta/init/w": meta})


def mean(states, key):
    return np.asarray(sum(state[key].astype(np.float64) * (1 / 3) for state in states), np.float32)


@pytest.mark.parametrize("workers", [pytest.param(1, marks=pytest.mark.slow), 3])
def test_any_number_of_workers(run_small, tmp_path, workers):
    fields = small(combine=LossAverage(window=3))
    reference = run_small(2, folder=tmp_path / "reference", **fields)
    assert run_small(workers, folder=tmp_path / "other", **fields).state == reference.state


def test_resumed_with_its_losses_and_outer_states(run_small, tmp_path):
    """Stopped after 7 of 12 meta-iterations by a copy that fails there, then resumed without the fault."""
    fields = small(combine=LossAverage(window=4))
    reference = run_small(2, folder=tmp_path / "reference", **fields)
    with pytest.raises(RunError, match="copy 1 in meta-iteration 8 failed"):
        run_small(2, folder=tmp_path / "stopped", program="PoisonedCopy", **fields)
    assert run_small(2, folder=tmp_path / "stopped", resume=True, **fields).state == reference.state


def test_a_copy_that_fails_may_be_left_out(run_small, tmp_path):
    fields = small()
    fields["train"] |= {"on_failure": "skip"}
    events = []
    made = run_small(2, program="PoisonedCopy", sinks=(events.append,), **fields)
    (skipped,) = [event for event in events if isinstance(event, ShardSkipped)]
    assert skipped.iteration == 8 and skipped.tasks == 30 and made.skipped == 30


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("Diverging", "meta-iteration 4, in task 7 of `line` after inner step 1 of copy 0"),
        ("Overflowing", "meta-iteration 4, in the outer update of copy 0"),
    ],
)
def test_a_divergence_names_the_meta_iteration_and_the_copy(run_small, program, words):
    """Task 7 of outer update number 7 (from 0) is bad: with two epochs the second of meta-iteration 4 (from 1)."""
    with pytest.raises(RunError) as caught:
        run_small(2, program=program, **small())
    assert caught.value.diagnostic.code == "E0705" and words in caught.value.diagnostic.message


SPEC = """language 1
task characters = fewshot { data = glyphs { alphabets = 12, characters = 6, drawings = 4 }, ways = 2, shots = 1, queries = 1 }
model net = mlp { hidden = [4] }
inner = maml { steps = 1, lr = 0.1 }
outer = sgd { lr = 0.1 }
train { iterations = 3, tasks = TASKS, seed = 5, precision = float64 }
schedule = pool { workers = 2, exchange = EXCHANGE }
evaluate { tasks = 8 }
"""


def test_the_mean_of_one_step_each_is_one_step_on_all_tasks(tmp_path):
    """With gradient descent mean_c(w - b g_c) = w - b mean_c(g_c): the exchange of gradients over all tasks."""
    from metaspec.plan import make

    found = {}
    for name, tasks, way in (("weights", 3, "weights { copies = 2 }"), ("gradients", 6, "gradients")):
        spec = resolved(SPEC.replace("TASKS", str(tasks)).replace("EXCHANGE", way)).required()
        found[name] = run(make(spec, name=name), tmp_path / name).test.mean["query_loss"]
    assert found["weights"] == pytest.approx(found["gradients"], rel=1e-12)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("outer = sgd { lr = 0.1 }", "outer = elite {}"), "begin each meta-iteration anew"),
        (("TASKS, seed", "TASKS, warm_start = true, seed"), "begin each meta-iteration anew"),
    ],
)
def test_what_copies_cannot_do(change, words):
    text = SPEC.replace(*change).replace("TASKS", "3").replace("EXCHANGE", "weights")
    found = [each for each in resolved(text).diagnostics if words in each.message]
    assert [each.code for each in found] == ["E0401"] and found[0].span and found[0].related


def test_a_staleness_of_nothing_is_merging_together(run_small, tmp_path):
    fields = small(combine=LossAverage(window=3))
    reference = run_small(2, folder=tmp_path / "together", **fields)
    made = run_small(2, folder=tmp_path / "apart", **small(combine=LossAverage(window=3), staleness=0))
    assert made.state == reference.state
    one, two = ((tmp_path / name / "metrics.jsonl").read_bytes() for name in ("together", "apart"))
    assert one == two


def test_a_copy_runs_ahead_of_a_slow_one_as_far_as_it_may(run_small, tmp_path):
    """Copy 0 takes longer than the others. It never holds them up by more than the staleness, nor falls behind more."""
    made = run_small(2, program="SlowCopy", **small(staleness=2))
    rounds = (tmp_path / "cache/rounds").read_text().split()
    begun = [tuple(map(int, each.split(":"))) for each in rounds]
    assert sorted(begun) == [(copy, number) for copy in range(3) for number in range(12)]
    ahead, done = 0, dict.fromkeys(range(3), -1)
    for copy, number in begun:
        done[copy] = number
        ahead = max(ahead, number - min(done.values()))
    assert 1 <= ahead <= 3  # a copy that has begun number n may be seen beside one that is about to begin n - 2
    assert made.test.mean["query_loss"][-1] < 0.8 * made.test.mean["query_loss"][0]


@pytest.mark.slow
def test_a_copy_that_fails_is_left_out_of_merges_at_any_time(run_small, tmp_path):
    """With a staleness of 0 its weights of the meta-iteration before do not come in for it."""
    found = []
    for staleness in (None, 0):
        fields = small(staleness=staleness) | {"stretch": 100}  # no pause before the meta-iteration that it fails in
        fields["train"] |= {"on_failure": "skip"}
        found.append(run_small(2, folder=tmp_path / str(staleness), program="PoisonedCopy", **fields).state)
    assert found[0] == found[1]


class InPairs:
    """Answers copy 0 first and copy 2 last, each for two meta-iterations at a time, until it is the next one's turn.

    So copy 0 is a meta-iteration ahead before anybody else is done. `bad`: (meta-iteration, copy) whose weights are not
    finite. `began` and `came` hold the weights that each began with and came to.
    """

    def __init__(self, program, bad=None):
        self.program, self.bad = program, bad
        self.open, self.asked, self.began, self.came = [], 0, {}, {}

    def also(self, requests):
        self.open += enumerate(requests, start=self.asked)
        self.asked += len(requests)

    def each(self, requests):
        self.open, self.asked = [], 0
        self.also(requests)
        while self.open:
            place, request = min(self.open, key=lambda each: (each[1].arguments[0] // 2, each[1].arguments[1]))
            self.open.remove((place, request))
            at = request.arguments[:2]
            trained, row = self.program.copy(request.meta.arrays, *request.arguments)
            if at == self.bad:
                trained["meta/init/w"] = trained["meta/init/w"] * np.nan
            self.began[at], self.came[at] = (arrays["meta/init/w"] for arrays in (request.meta.arrays, trained))
            yield place, (trained, row)

    def map(self, requests):
        for request in requests:
            yield getattr(self.program, request.method)(request.meta.arrays, *request.arguments)


def in_pairs(tmp_path, mode="keep", bad=None):
    """The engine, and a function that advances with it: (state, from, to) -> Advance."""
    plan = small_plan(**small(staleness=1, outer_state=mode))
    engine, versions = InPairs(Program(plan, tmp_path), bad), count(1)
    session = Session(plan, engine, lambda event: None, lambda meta: Broadcast(next(versions), meta))
    return engine, lambda *where: weights.advance(session, *where)


@pytest.mark.parametrize("mode", MODES)
def test_a_merge_has_the_others_last_weights_from_before_an_evaluation(tmp_path, mode):
    """Copy 0 is done with meta-iteration 2 while the others last were with 1, before the run paused."""
    engine, advance = in_pairs(tmp_path, mode)
    paused = advance(engine.program.start(), 0, 2).state
    after = advance(safetensors.load(safetensors.save(paused)), 2, 4)
    merged = [{"w": engine.came[at]} for at in ((2, 0), (1, 1), (1, 2))]
    np.testing.assert_array_equal(engine.began[3, 0], mean(merged, "w"))
    assert len(after.rows) == 2 and digest(after.state) == digest(advance(paused, 2, 4).state)


def test_a_divergence_gives_back_a_moment_at_which_all_have_done_the_same(tmp_path):
    """Copy 1 diverges in meta-iteration 2 (from 0), when copy 0 has done 3 already: all had done 2 before."""
    engine, advance = in_pairs(tmp_path, bad=(2, 1))
    start = engine.program.start()
    stopped, before = advance(start, 0, 6), advance(start, 0, 2)
    assert stopped.problem.code == "E0705" and stopped.rows == before.rows and len(before.rows) == 2
    assert digest(stopped.state) == digest(before.state)
