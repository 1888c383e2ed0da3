"""The report of learned items and of a search."""

from base64 import b64decode
from io import BytesIO
from re import search

from PIL import Image

import metaspec
from metaspec.plan.derived import derived
from metaspec.report.page import page
from metaspec.report.reading import read

ITEMS = """language 1
task digits = training { data = digits {}, train_on = learned(examples { labels = learned }), query_batch = 8 }
model net = linear {}
inner = sgd { lr = 0.1 }
metagrad = unroll {}
outer = adam {}
train { iterations = 1 }
evaluate { tasks = 1 }
"""
SEARCH = """language 1
task sine = sinusoid {}
model net = cell { nodes = 1, width = 2, architecture = learned(mixture {}) }
inner = sgd {}
metagrad = unroll {}
outer = adam { lr = 0.1 }
train { iterations = 1, tasks = 2 }
evaluate { tasks = 2 }
"""


def run_of(text: str, folder):
    (folder / "learned.meta").write_text(text, encoding="utf-8")
    metaspec.run(folder / "learned.meta", out=folder / "run")
    return read(folder / "run")


def test_learned_items_are_shown(tmp_path):
    found = page(run_of(ITEMS, tmp_path))
    assert "The 10 learned items of digits, 1 of each class" in found
    picture = search(r'data:image/png;base64,([^"]+)"[^>]*alt="The 10 learned items', found)
    width, height = Image.open(BytesIO(b64decode(picture.group(1)))).size
    assert width == 10 * height
    assert "Learned labels give an item&#x27;s own class" in found and "items of the data" not in found


def test_the_architecture_that_was_found_is_a_line_to_paste(tmp_path):
    run = run_of(SEARCH, tmp_path)
    (operation,) = derived(run.plan, run.parameters)["net"].ops
    assert f"architecture = fixed_ops {{ ops = [{operation}] }}" in page(run)
