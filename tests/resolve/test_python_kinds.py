"""Kinds of the user's own, and what a Python module may not do unasked."""

import subprocess
import sys

import pytest

from metaspec.kinds import registry
from metaspec.resolve import resolve
from metaspec.resolve.checks.readiness import not_ready
from metaspec.resolve.python import register_module
from tests.resolve.specs import HEAD, INNER, OUTER, codes, only

MODULE = '''
from pathlib import Path
from metaspec.spec.base import Count, field
from metaspec.spec.kind import Task
from metaspec.spec.shapes import Signature

Path(__file__).with_suffix(".ran").touch()


class TinyImages{number}(Task):
    """Pictures of one pixel."""

    shots: Count = field(1, doc="items in the support set")

    def signature(self, item_shape):
        return Signature((16, 16, 1), 2, "cross_entropy", self.shots, 4)
'''


def spec(folder, number, model="conv4 { norm = layer }"):
    (folder / "mine.py").write_text(MODULE.replace("{number}", str(number)))
    path = folder / "mine.meta"
    task = f"task a = tiny_images{number} {{ shots = 1 }}\n"
    path.write_text(HEAD + 'import python "mine.py"\n' + task + f"model net = {model}\n" + INNER + OUTER)
    return path


def test_code_does_not_run_unasked(tmp_path):
    found = resolve(spec(tmp_path, 1))
    assert only(found, "E0603").span.line == 2
    assert not (tmp_path / "mine.ran").exists()


def test_kinds_of_an_allowed_module(tmp_path):
    found = resolve(spec(tmp_path, 2), allow_python=True)
    assert not found.failed, [each.message for each in found.diagnostics]
    assert found.spec.tasks["a"].name == "tiny_images2"
    assert found.spec.python == (str(tmp_path / "mine.py"),)
    assert "tiny_images2" in registry.names("tasks")
    assert type(found.spec).model_validate_json(found.spec.model_dump_json()) == found.spec


@pytest.mark.parametrize(
    ("number", "line", "words", "help"),
    [
        (6, "", "`metaspec.backend.tasks.tiny_images6`, which cannot be found", 'executed_by = "my_tiny_images6"'),
        (
            7,
            '\n    executed_by = "not_there"\n',
            "`not_there`, which cannot be found",
            "put not_there.py beside the file",
        ),
    ],
)
def test_a_kind_whose_computing_module_is_missing(tmp_path, number, line, words, help):
    path = spec(tmp_path, number)
    module = path.with_name("mine.py")
    module.write_text(module.read_text().replace('pixel."""\n', f'pixel."""\n{line}'))
    (found,) = not_ready(resolve(path, allow_python=True))
    assert found.code == "E0601" and words in found.message and help in found.help[0]


def test_a_worker_knows_the_kinds_again(tmp_path):
    found = resolve(spec(tmp_path, 3), allow_python=True)
    program = (
        "import sys; from pathlib import Path; from metaspec.resolve.python import register_module;"
        "from metaspec.spec.spec import Spec; register_module(Path(sys.argv[1]));"
        "print(Spec.model_validate_json(sys.stdin.read()).tasks['a'].name)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, found.spec.python[0]],
        input=found.spec.model_dump_json(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "tiny_images3\n"


def test_batch_statistics_of_one_item(tmp_path):
    found = resolve(spec(tmp_path, 4, "conv4 { norm = batch }"), allow_python=True)
    assert only(found, "W0103").related[0][0].line == 3
    assert "W0103" not in codes(resolve(tmp_path / "mine.meta", ["net.norm=layer"], allow_python=True))


@pytest.mark.parametrize("text", ["import nothing_of_this_name\n", "def\n", "raise SystemError('x')\n"])
def test_broken_module_is_a_message(tmp_path, text):
    path = spec(tmp_path, 5)
    (tmp_path / "mine.py").write_text(text)
    assert "E0604" in codes(resolve(path, allow_python=True))


def test_name_of_another_kind(tmp_path):
    path = tmp_path / "taken.py"
    path.write_text("from metaspec.spec.kind import Task\n\n\nclass Fewshot(Task):\n    pass\n")
    with pytest.raises(ValueError, match="taken"):
        register_module(path)
