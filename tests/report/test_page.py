"""The page of a run: whole, self-contained, and true to the figures."""

import re
from html.parser import HTMLParser

import pytest

from metaspec.report.page import NAME, page, write
from metaspec.report.reading import read
from metaspec.runtime.errors import RunError

VOID = {"meta", "img"}


class Tags(HTMLParser):
    """Collects what is opened and not closed, and every address."""

    def __init__(self):
        super().__init__()
        self.open, self.addresses, self.scripts = [], [], 0

    def handle_starttag(self, tag, attrs):
        self.scripts += tag == "script"
        self.addresses += [value for name, value in attrs if name in ("src", "href")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):  # <path ... /> opens nothing
        self.addresses += [value for name, value in attrs if name in ("src", "href")]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def text(run):
    return page(run)


def test_page_is_well_formed_and_needs_no_network(text):
    tags = Tags()
    tags.feed(text)
    assert tags.open == []
    assert tags.scripts == 0
    assert all(address.startswith("data:") for address in tags.addresses)
    assert "@import" not in text and "url(" not in text


def test_page_has_every_test_figure(run, text):
    for metric in ("query_loss", "accuracy"):
        for mean, half in zip(run.result.test.mean[metric], run.result.test.half_width[metric], strict=True):
            assert f"{mean:.4f} ± {half:.4f}" in text


def test_page_has_the_accuracy_of_guessing(text):
    assert "Guessing one of 2 classes would give 0.5." in text
    assert text.count(">chance 0.5</text>") == 3  # adaptation, evaluations, training: of accuracy, not of losses


def test_captions_say_what_was_measured(text):
    assert "Query items of the 4 training tasks of each meta-iteration, after 1 inner step." in text
    assert "Norm of the meta-gradient of each meta-iteration." in text


def test_page_says_what_was_expected_and_met(text):
    assert re.search(r"accuracy &gt;= 0</td><td>[0-9.]+</td><td>met", text)
    assert re.search(r"query_loss &lt; 0</td><td>[0-9.]+</td><td>not met", text)


def test_texts_of_the_spec_are_escaped(text):
    assert "<nowhere>" not in text
    assert "nobody &amp; &lt;nowhere&gt;" in text


def test_page_names_transductive_normalisation(text):
    assert "transductive" in text


def test_page_has_the_command_and_the_papers(text):
    assert "-s train.seed=3" in text
    assert "@inproceedings{finn2017" in text


def test_written_page_is_the_page(run, folder, text):
    assert write(run) == folder / NAME
    assert (folder / NAME).read_text(encoding="utf-8") == text


def test_unfinished_run_has_a_page_without_test_figures(unfinished):
    found = read(unfinished)
    assert found.result is None
    assert len(found.updates) == 4
    text = page(found)
    assert "not finished" in text
    assert "Adaptation to new tasks" not in text


def test_folder_without_a_run_is_a_diagnostic(tmp_path):
    with pytest.raises(RunError) as raised:
        read(tmp_path)
    assert raised.value.diagnostic.code == "E0709"
