"""Clusters in a run: the meta-gradient by its definition, the same bits whoever computes, and placement."""

import json
import signal

import numpy as np
import pytest

from metaspec.runtime.arrays import CLUSTERS, with_carried
from metaspec.runtime.assignment import replaced
from metaspec.runtime.clusters import carried_into, current_members, parts, resting
from metaspec.runtime.driver import run
from metaspec.runtime.errors import RunError
from metaspec.runtime.events import Clustered, Iterated, Placed, ShardSkipped, WorkerLost
from metaspec.runtime.result import load_parameters
from tests.cluster.pools_program import ALIKE, BY_HAND, LOST, Program, cluster_plan


def by_definition(plan, tmp_path, iterations):
    """The plain loop in float64 sums: reduce inside each cluster, then combine; carried arrays kept by hand."""
    program, train = Program(plan, tmp_path), plan.spec.train
    state, carried = program.start(), {}
    for iteration in range(iterations):
        clusters = []
        for part in parts(plan, with_carried(state, carried), iteration):
            rows, tasks = np.zeros(30), 0
            for shard in part.shards:
                gradient, _, carried[shard.index] = program.gradient(state, iteration, shard, carried.get(shard.index))
                rows, tasks = rows + gradient["meta/w"].astype(float), tasks + shard.count
            length, bound = np.linalg.norm(rows / tasks), plan.spec.schedule.clip_norm or np.inf
            rows = rows * min(1, bound / length)
            clusters.append((rows / tasks if train.reduce == "mean" else rows, part.instances))
        total = {
            "mean": sum(each for each, _ in clusters) / len(clusters),
            "sum": sum(each for each, _ in clusters),
            "weighted": sum(each * size for each, size in clusters) / sum(size for _, size in clusters),
        }[plan.spec.schedule.combine]
        state = {"meta/w": (state["meta/w"] - np.float32(0.1) * total).astype(np.float32)}
    return state["meta/w"]


def run_small_plan(plan, folder):
    run(
        plan,
        folder / "run",
        factory="tests.cluster.pools_program:Program",
        preload=("tests.cluster.pools_program",),
        cache=folder,
    )
    return load_parameters(folder / "run" / "parameters.safetensors")["meta/w"]


@pytest.mark.parametrize("combine", ["mean", "sum", "weighted"])
@pytest.mark.parametrize("reduce", ["mean", "sum"])
def test_the_update_is_reduce_inside_and_combine_across(tmp_path, combine, reduce):
    options = {"combine": combine, "train": {"reduce": reduce, "iterations": 3}}
    plan = cluster_plan(1, **options)
    if reduce == "sum":  # the program of this test always divides by the number of tasks
        plan = plan.model_copy(update={"tasks_per_iteration": 1})
    found = run_small_plan(plan, tmp_path)
    np.testing.assert_allclose(found, by_definition(plan, tmp_path, 3), rtol=2e-4, atol=2e-5)


def test_no_cluster_has_more_of_a_say_than_clip_norm(tmp_path):
    plan, whole = (cluster_plan(1, clip_norm=bound, train={"iterations": 3}) for bound in (0.5, None))
    found, expected = run_small_plan(plan, tmp_path), by_definition(plan, tmp_path, 3)
    np.testing.assert_allclose(found, expected, rtol=2e-4, atol=2e-5)
    assert not np.allclose(expected, by_definition(whole, tmp_path, 3), rtol=1e-2)


CASES = {"by hand": {}, "alike": {"declared": ALIKE}, "in turns": {"train": {"clusters": 2, "order": "by_size"}}}


@pytest.mark.parametrize("case", CASES)
def test_workers_groups_and_kills_change_no_bit(run_clusters, tmp_path, case):
    lost = []
    reference = run_clusters(0, folder=tmp_path / "inline", **CASES[case])
    lines = (tmp_path / "inline/metrics.jsonl").read_bytes()
    for number, (workers, groups, program) in enumerate(
        [(1, None, "Program"), (2, 2, "Program"), (3, 5, "Program"), (2, 1, "Deadly")]
    ):
        made = run_clusters(
            workers,
            folder=tmp_path / str(number),
            groups=groups,
            program=program,
            **CASES[case],
            sinks=(lambda event: isinstance(event, WorkerLost) and lost.append(event),),
        )
        assert (made.state, made.parameters, made.test) == (reference.state, reference.parameters, reference.test)
        assert (tmp_path / str(number) / "metrics.jsonl").read_bytes() == lines
    assert len(lost) >= 3 and all(str(int(signal.SIGKILL)) in event.reason for event in lost)


class Enough(Exception):
    pass


@pytest.mark.parametrize("stop", [4, 8, 9])
def test_a_resumed_run_has_the_assignment_and_the_bits(run_clusters, tmp_path, stop):
    """Stopped before, at and after a refresh; with other groups the second time."""
    reference = run_clusters(0, folder=tmp_path / "whole", declared=ALIKE)

    def interrupt(event):
        if isinstance(event, Iterated) and event.iteration == stop:
            raise Enough

    with pytest.raises(Enough):
        run_clusters(2, declared=ALIKE, groups=2, sinks=(interrupt,))
    made = run_clusters(3, declared=ALIKE, groups=3, resume=True)
    assert (made.state, made.test) == (reference.state, reference.test)
    assert (tmp_path / "run/metrics.jsonl").read_bytes() == (tmp_path / "whole/metrics.jsonl").read_bytes()


def test_after_a_loss_no_shard_goes_on_with_other_instances(run_clusters):
    """A shard that was lost begins anew with the instances of its cluster, and ends with the others."""
    told = []
    skipped = (lambda event: isinstance(event, ShardSkipped) and told.append(event),)
    made = run_clusters(0, program="Losing", train={"on_failure": "skip", "iterations": 30}, sinks=skipped)
    assert made.iterations == 30 and len(told) >= 20
    assert all(LOST in event.reason for event in told), {event.reason for event in told}


def test_a_lost_shard_has_the_windows_that_its_cluster_has_left():
    plan = cluster_plan()
    heavy = parts(plan, {}, 0)[1].shards
    lost, *others = heavy
    state = {f"carried/{shard.index}/trajectory": np.array([3, 2, 7]) for shard in others}
    assert [shard.instances for shard in parts(plan, state, 5)[1].shards] == [
        shard.instances for shard in parts(plan, {}, 3)[1].shards
    ]
    assert carried_into(plan, state, lost)["trajectory"].tolist() == [3, 0, 5]
    assert carried_into(plan, state, others[0])["trajectory"].tolist() == [3, 2, 7]
    again = state | {f"carried/{lost.index}/trajectory": np.array([3, 1, 5])}
    del again[f"carried/{others[0].index}/trajectory"]
    assert carried_into(plan, again, others[0])["trajectory"].tolist() == [3, 0, 5], (
        "those that have come furthest count"
    )
    ended = {key: np.array([3, 7, 7]) for key in state}
    assert carried_into(plan, ended, lost) == {}


def test_other_clusters_are_another_run(run_clusters):
    def interrupt(event):
        if isinstance(event, Iterated) and event.iteration == 5:
            raise Enough

    with pytest.raises(Enough):
        run_clusters(0, sinks=(interrupt,))
    with pytest.raises(RunError) as caught:
        run_clusters(0, resume=True, declared=BY_HAND | {"light": BY_HAND["rest"], "rest": BY_HAND["light"]})
    assert caught.value.diagnostic.code == "E0704"


def test_similar_instances_move_together_and_are_recorded(run_clusters, tmp_path):
    told = []
    run_clusters(2, declared=ALIKE, sinks=(lambda event: isinstance(event, Clustered) and told.append(event),))
    assert [event.iteration for event in told] == [0, 4, 8, 12]
    names = told[0].instances
    assert names[:4] == ("small[0]", "small[1]", "small[2]", "large[0]") and len(names) == 13
    # Four families of directions in three clusters; after meta-iteration 8 `small` points where `large` does.
    before, after = ({name: number for name, number in zip(names, event.clusters, strict=True)} for event in told[1:3])
    assert before["small[0]"] == before["small[1]"] == before["small[2]"] == 0
    assert before["large[0]"] != 0 and after["small[0]"] == after["large[4]"] == 0
    similarity = np.array(told[2].similarity)
    assert similarity.shape == (13, 13) and similarity[0, 3] > 0.8 > 0.3 > similarity[0, -1]
    kept = [json.loads(line) for line in (tmp_path / "run/events.jsonl").read_text().splitlines()]
    assert [event["clusters"] for event in kept if event["event"] == "Clustered"][2] == list(told[2].clusters)


def labelled(plan, labels):
    return {CLUSTERS + "alike": np.array(labels, np.int32)}


def test_only_clusters_whose_members_change_begin_anew():
    plan = cluster_plan(declared=ALIKE)
    state = labelled(plan, [0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2])
    for index in (0, 4, 5, 8):  # four tasks, so four places, for each cluster
        state[f"carried/{index}/moving"] = np.ones(2)
    same = replaced(plan, state, "alike", state[CLUSTERS + "alike"])
    assert same.keys() == state.keys()
    moved = replaced(plan, state, "alike", np.array([0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 1], np.int32))
    assert [key for key in moved if key.startswith("carried")] == ["carried/0/moving"]


def test_shards_are_of_one_block_and_one_shape_and_cover_the_tasks():
    plan = cluster_plan(count=10)
    shapes = {task.name: [each.shape for each in task.instances] for task in plan.tasks}
    light, heavy, rest = parts(plan, {}, 0)
    for part in (light, heavy, rest):
        assert [shard.first for shard in part.shards] == np.cumsum([0, *(s.count for s in part.shards)])[:-1].tolist()
        assert sum(shard.count for shard in part.shards) == 10
        for shard in part.shards:
            assert len({shapes[shard.task][number] for number in shard.instances or (0,)}) == 1
            assert shard.cluster == part.cluster
    assert len({shard.index for part in (light, heavy, rest) for shard in part.shards}) == sum(
        len(part.shards) for part in (light, heavy, rest)
    )
    assert [shard.task for shard in light.shards if shard.count > 1] == ["small", "sine"], "small ones stay together"
    assert len(heavy.shards) >= 5, "heavy ones travel in pieces"
    counts = {name: 0 for name in range(5)}
    for shard in heavy.shards:
        for number in shard.instances:
            counts[number] += 1
    assert set(counts.values()) == {2}, "ten tasks of five instances: each twice"


def test_what_rests_is_kept():
    plan = cluster_plan(train={"clusters": 1, "order": ("rest", "light", "heavy")})
    state = {f"carried/{index}/moving": np.full(1, index) for index in (0, 3, 4, 9)}
    used = parts(plan, state, 0)
    assert [part.cluster for part in used] == ["rest"]
    assert sorted(resting(plan, state, used)) == ["carried/0/moving", "carried/3/moving", "carried/4/moving"]


def test_an_empty_cluster_is_not_waited_for():
    plan = cluster_plan(declared=ALIKE)
    state = labelled(plan, [0] * 8 + [1] * 5)
    assert [part.cluster for part in parts(plan, state, 0)] == ["alike_1", "alike_2"]
    assert current_members(plan, state)["alike_3"] == ()


def test_groups_follow_measured_times_and_workers_hardly_wait(run_clusters):
    """`other` takes nine times what was declared; from the second packing on it has a group to itself."""
    told = []
    declared = {name: type(BY_HAND["rest"])(tasks=(name,)) for name in ("small", "sine", "other", "large")}
    run_clusters(
        2,
        declared=declared,
        groups=2,
        program="Sleeping",
        train={"iterations": 15},
        sinks=(lambda event: isinstance(event, Placed) and told.append(event),),
    )
    assert [event.iteration for event in told] == [5, 10, 15]
    first, second, last = told
    assert max(first.predicted) / max(first.measured) < 0.8 or max(first.measured) / max(first.predicted) < 0.8
    assert ("other",) in last.groups
    assert set(last.groups[0] + last.groups[1]) == set(declared)
    assert max(last.predicted) == pytest.approx(max(last.measured), rel=0.3)
    assert sum(last.measured) == pytest.approx(sum(last.clusters.values()))
    for event in told:
        assert event.iterations == 5 and len(event.busy) == 2
        assert event.makespan * 2 * 5 * (1 - event.idle) == pytest.approx(sum(event.busy), rel=0.35)
    assert last.moved > 0, "48 ms against 144: the shorter group's worker helps the other"
    assert last.idle < 0.25
