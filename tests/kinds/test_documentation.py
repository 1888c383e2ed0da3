"""What kinds declare: complete, and the same wherever it is shown."""

import pytest

from metaspec.kinds import registry
from metaspec.kinds.announced import ANNOUNCED
from metaspec.kinds.documentation import BLOCKS, document_block, document_kind, find_documents, schema
from metaspec.kinds.phrases import SINGULAR, phrase
from metaspec.kinds.references import REFERENCES
from metaspec.spec.declared import fields_of

KINDS = [(category, name) for category in registry.CATEGORIES for name in registry.names(category)]
IDS = [f"{category}-{name}" for category, name in KINDS]


@pytest.mark.parametrize(("category", "name"), KINDS, ids=IDS)
def test_kind_is_documented(category, name):
    document = document_kind(category, name)
    assert document.summary.endswith(".")
    for field in document.fields:
        assert field.text and not field.text.endswith(".")
        assert field.takes
    for key in document.references:
        assert key in REFERENCES
    assert schema(document)["json_schema"]["type"] == "object"


@pytest.mark.parametrize(("category", "name"), KINDS, ids=IDS)
def test_defaults_suit_their_declaration(category, name):
    kind = registry.load(category, name)
    given = {field: info.default for field, info in kind.model_fields.items() if not info.is_required()}
    if len(given) == len(kind.model_fields):
        assert kind(**given) == kind()


@pytest.mark.parametrize("keyword", BLOCKS)
def test_block_is_documented(keyword):
    document = document_block(keyword)
    assert document.summary
    if keyword in ("train", "evaluate"):
        assert all(field.text and field.takes for field in document.fields)


def test_every_category_has_a_name_in_sentences():
    assert set(registry.CATEGORIES) == set(SINGULAR)
    assert set(ANNOUNCED) <= set(SINGULAR)


def test_references_are_bibtex_of_their_key():
    for key, entry in REFERENCES.items():
        assert f"{{{key}," in entry.splitlines()[0]
        assert entry.count("{") == entry.count("}")
        assert "year" in entry and key[-4:] in entry


def test_a_name_can_be_a_kind_of_several_categories():
    assert {each.title for each in find_documents("adam")} == {"inner.adam", "outer.adam"}
    assert [each.title for each in find_documents("inner.adam")] == ["inner.adam"]
    assert find_documents("inner.nothing") == []


def test_phrase_of_a_setting():
    assert phrase(fields_of(registry.load("inner", "sgd"))["lr"]) == (
        "a number of 0 or more, or learned(...), or a table by part"
    )


def test_an_announced_name_is_not_a_kind():
    for category, names in ANNOUNCED.items():
        assert set(registry.announced(category)) == set(names) - set(registry.names(category))
