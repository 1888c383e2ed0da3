"""The eight specs of the design resolve, print, and read back equal."""

import pytest

from metaspec.resolve import resolve, to_meta
from metaspec.source import Source
from tests.resolve.specs import SPECS

FILES = sorted(SPECS.glob("*.meta"))


def test_all_eight_are_here():
    assert len(FILES) >= 8


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_resolves_without_a_message(path):
    found = resolve(path)
    assert found.spec is not None
    assert [each.message for each in found.diagnostics] == []


@pytest.mark.parametrize("complete", [False, True], ids=["short", "complete"])
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_printed_spec_resolves_to_an_equal_one(path, complete):
    spec = resolve(path).required().model_copy(update={"preset": None})  # printed with its expansion
    again = resolve(Source("printed.meta", to_meta(spec, complete)))
    assert again.required().model_copy(update={"preset": None}) == spec  # `matching` is a preset and its own kind


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_json_reads_back_equal(path):
    spec = resolve(path).required()
    assert type(spec).model_validate_json(spec.model_dump_json()) == spec


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_leaf_says_who_set_it(path):
    found = resolve(path)
    assert all(chain for chain in found.provenance.values())
    assert found.provenance["train.seed"][0].where == "default"
