"""The programs of docs/python.md and of the README do what the pages say."""

import re
from pathlib import Path

import pytest

import metaspec

ROOT = Path(__file__).parents[2]


def blocks(page: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)


def names_after(*programs: str) -> dict:
    names: dict = {}
    for program in programs:
        exec(compile(program, "docs/python.md", "exec"), names)
    return names


def test_the_spec_of_classes_is_right(capsys):
    build, _, fields, *_ = blocks("docs/python.md")
    names = names_after(build, fields)
    assert metaspec.load(names["spec"]).spec.schedule.name == "inline"
    assert names["characters"].data.split.test == 0.2
    assert "lr = learned(0.01, per = layer, scale = log)" in capsys.readouterr().out


def test_both_columns_of_the_table_are_the_same():
    """Each Python value prints as the value of the language beside it."""
    from metaspec.resolve.written import spelled

    rows = re.findall(
        r"^\| `([^`]+)` \| `((?:metaspec\.)?[A-Z][^`]+)` \|$", (ROOT / "docs/python.md").read_text(), re.M
    )
    assert len(rows) >= 5
    for written, program in rows:
        value = eval(program, {"metaspec": metaspec, "Learned": metaspec.Learned})
        if isinstance(value, metaspec.Expect):
            assert (value.conditions[0].metric, value.conditions[0].bound) == ("query_loss", 0.5)
        else:
            assert " ".join(spelled(value).split()) == written, program


@pytest.mark.slow
def test_the_runs_of_the_page(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    build, run, _, _, again = blocks("docs/python.md")
    names = names_after(build.replace("iterations=200", "iterations=2"), run)
    first = names["result"].test.mean["query_loss"]
    exec(again, names)
    assert names["result"].test.mean["query_loss"] == first


@pytest.mark.slow
def test_the_loop_of_the_readme_can_be_run_again(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    spec = (ROOT / "specs" / "quickstart.meta").read_text(encoding="utf-8")
    (tmp_path / "first.meta").write_text(re.sub(r"iterations *= *[0-9_]+", "iterations = 2", spec))
    _, loop = blocks("README.md")
    names_after(loop)
    names_after(loop)
