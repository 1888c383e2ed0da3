"""What `metaspec plan` prints."""

import metaspec
from metaspec.plan.render import render
from tests.resolve.specs import HEAD, OUTER

GLYPHS = "data = glyphs { alphabets = 9, characters = 4, drawings = 8 }"


def planned(tmp_path, task: str) -> str:
    file = tmp_path / "plan.meta"
    inner = "inner = sgd { init = glorot_uniform, lr = learned(0.1) }\nmetagrad = unroll {}\n"
    file.write_text(f"{HEAD}task glyphs = {task}\nmodel net = linear {{}}\n{inner}{OUTER}")
    plan = metaspec.plan(file)
    assert str(plan) == render(plan)
    return " ".join(str(plan).split())


def test_of_few_shot_tasks_only_the_division_of_classes_is_shown(tmp_path):
    text = planned(tmp_path, f"fewshot {{ {GLYPHS}, ways = 2, shots = 1, queries = 2 }}")
    assert "split = alphabets { validation = 3, test = 5 }" in text
    assert text.count("validation =") == 1


def test_of_a_training_the_shares_of_the_items_are(tmp_path):
    assert "validation = 0.2, test = 0.2" in planned(tmp_path, f"training {{ {GLYPHS} }}")
