"""Data that lies elsewhere, or is other data, when a run is resumed."""

import json
import shutil

import pytest
from PIL import Image
from small_plan import small_plan

import metaspec
from metaspec.runtime import identity, resumption
from metaspec.runtime.errors import RunError
from metaspec.runtime.folder import RunFolder

SPEC = """language 1
task shapes = fewshot { data = image_folder { path = "PATH", size = 8 }, ways = 2, shots = 1, queries = 1 }
model net = mlp { hidden = [4] }
inner = maml { lr = 0.1 }
outer = adam { lr = 1e-3 }
"""


@pytest.fixture
def plan_of(tmp_path):
    """plan_of(folder) -> the plan over the pictures in a folder beside the spec, which is made at the first call."""
    for name in "abcdefghij":
        (tmp_path / "cc" / name).mkdir(parents=True)
        for number in range(3):
            Image.new("L", (4, 4), number).save(tmp_path / "cc" / name / f"{number}.png")

    def plan(folder: str, *overrides: str):
        (tmp_path / "moved.meta").write_text(SPEC.replace("PATH", folder))
        return metaspec.plan(tmp_path / "moved.meta", overrides)

    return plan


def begun(plan, folder) -> RunFolder:
    folder.mkdir()
    place = RunFolder(folder)
    resumption.begin(plan, place, resume=False, notify=lambda event: None)
    return place


def test_data_that_moved_is_the_same_data(plan_of, tmp_path):
    before = plan_of("cc")
    place = begun(before, tmp_path / "run")
    (tmp_path / "cc").rename(tmp_path / "cc_moved")
    now = plan_of("cc_moved")
    assert before.spec != now.spec and identity.digest(before) == identity.digest(now)
    assert resumption.begin(now, place, resume=True, notify=print).position is None
    (task,) = json.loads(place.plan.read_bytes())["tasks"]
    assert task["location"] == str(tmp_path / "cc_moved")  # where a report looks


def refused(plan, place):
    with pytest.raises(RunError) as caught:
        resumption.begin(plan, place, resume=True, notify=print)
    assert caught.value.diagnostic.code == "E0704"
    return caught.value.diagnostic


def test_other_pictures_are_told_of_in_words(plan_of, tmp_path):
    place = begun(plan_of("cc"), tmp_path / "run")
    Image.new("L", (4, 4)).save(tmp_path / "cc/a/9.png")
    found = refused(plan_of("cc"), place)
    there = tmp_path / "cc"
    assert f"the pictures of task `shapes` in {there} are others than when the run began" in found.message
    assert "fingerprint" not in found.message and "put the files back" in found.help[0]
    (tmp_path / "cc/a/9.png").unlink()
    shutil.copytree(tmp_path / "cc/a", tmp_path / "cc/k")
    shutil.copytree(tmp_path / "cc/a", tmp_path / "cc/l")
    shutil.copytree(tmp_path / "cc/a", tmp_path / "cc/m")
    (tmp_path / "cc").rename(tmp_path / "dd")
    found = refused(plan_of("dd"), place)
    assert f"which lay in {tmp_path / 'cc'} then" in found.message
    assert "(classes then: 6 train, 2 validation, 2 test; now: 7 train, 3 validation, 3 test)" in found.message


def test_another_setting_of_the_data_is_a_difference_of_the_spec(plan_of, tmp_path):
    place = begun(plan_of("cc"), tmp_path / "run")
    found = refused(plan_of("cc", "shapes.data.size=16"), place)
    assert "tasks.shapes.data.size was 8 and is now 16" in found.message
    assert "others than when" not in found.message and "fingerprint" not in found.message


def test_tasks_without_files_are_compared_as_before():
    assert identity.changed_data(small_plan(0), small_plan(0)) == ()
    assert any("spec.tasks.line." in path for path in identity.identity(small_plan(0)))
