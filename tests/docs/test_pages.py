"""The pages of docs/ and the README: generated parts are current, specs in them are right, links lead somewhere."""

import importlib.util
import re
from pathlib import Path

import pytest

from metaspec.cli.main import COMMANDS
from metaspec.resolve import resolve
from metaspec.source import Source

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
WRITTEN = [page for page in PAGES if page.name not in ("kinds.md", "errors.md")]


def generated() -> dict[str, str]:
    spec = importlib.util.spec_from_file_location("docs_generate", ROOT / "docs" / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.pages()


@pytest.mark.parametrize(("name", "text"), generated().items(), ids=lambda each: each if len(each) < 20 else "")
def test_generated_page_is_current(name, text):
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == text, "`make docs` writes it anew"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:)([^)#]*)#?[^)]*\)", text):
        assert not target or (page.parent / target).exists(), f"{page.name} links to {target}"


def whole_specs() -> list[tuple[str, str]]:
    """Every fenced block that begins with `language`: a whole spec."""
    found = []
    for page in WRITTEN:
        blocks = re.findall(r"```[a-z]*\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
        # The spec of the method in four files is tried together with it.
        found += [
            (page.name, block) for block in blocks if block.startswith("language ") and "= clipped {" not in block
        ]
    return found


@pytest.mark.parametrize(("page", "text"), whole_specs())
def test_specs_in_pages_are_right(page, text):
    found = resolve(Source(page, text))
    assert not found.failed, [each.message for each in found.diagnostics]


def test_there_are_specs_in_the_pages():
    assert len(whole_specs()) >= 2


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.name)
def test_commands_in_pages_exist(page):
    words = re.findall(r"^(?:\$ )?metaspec ([a-z]+)", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert set(words) <= set(COMMANDS)
