"""What the report says of clusters, from the folder of a run."""

import re

from metaspec.report.clusters import clusters, members, moves
from metaspec.report.reading import read
from tests.cluster.pools_program import ALIKE


def test_who_went_where_and_how_the_groups_came_out(run_clusters, tmp_path):
    run_clusters(2, declared=ALIKE, groups=2)
    run = read(tmp_path / "run")
    told = {event["block"]: event for event in run.events if event["event"] == "Clustered"}
    rows = dict(members(run, told))
    assert list(rows) == ["alike_1", "alike_2", "alike_3"]
    # At the end `small` and `large` point in one direction (see pools_program).
    assert rows["alike_1"].startswith("small[0], small[1], small[2], large[0]")
    assert sum(len(row.split(", ")) for row in rows.values()) == 13
    when, _, who = list(moves(run, "alike"))[2]
    assert when == "8" and "alike_" in who
    page = clusters(run)
    assert page.count("<rect") == 13 * 13 + 3, "a cell for each pair, a frame for each cluster"
    assert "small[0] and large[0]: 0.9" in page or "small[0] and large[0]: 1.0" in page
    assert page.count("group 1 |") == 1 and len(re.findall(r"<td>\d+ meta-iterations</td>", page)) == 3


def test_clusters_by_hand_have_no_matrix(run_clusters, tmp_path):
    run_clusters(0)
    page = clusters(read(tmp_path / "run"))
    assert "<svg" not in page and "small[0], small[1], small[2], sine[0]" in page and "no groups" in page


def test_a_run_without_clusters_says_nothing(run_clusters, tmp_path):
    run_clusters(0)
    run = read(tmp_path / "run")
    bare = run.plan.model_copy(update={"execution": run.plan.execution.model_copy(update={"clusters": ()})})
    assert clusters(type(run)(**{name: getattr(run, name) for name in run.__slots__} | {"plan": bare})) == ""
