"""A text as pieces: nothing is lost, nothing is in two parts."""

import numpy as np
import pytest

import metaspec
from metaspec.data.errors import DataError
from metaspec.data.language import language_data, read


def spelled(data, pieces) -> list[str]:
    return ["".join(data.characters[number] for number in piece) for piece in pieces]


def test_pieces_follow_each_other_and_parts_share_no_character(tmp_path):
    (tmp_path / "a.txt").write_text("abcdefghijklmnopqrstuvwxyz", encoding="utf-8")
    data = language_data(tmp_path / "a.txt", 3, 0.3, 0.2)
    assert spelled(data, data.pieces("train")) == ["abcd", "defg", "ghij", "jklm"]
    assert spelled(data, data.pieces("validation")) == ["nopq", "qrst"]
    assert spelled(data, data.pieces("test")) == ["vwxy"]
    assert data.classes == {"train": 26, "validation": 26, "test": 26}


def test_the_text_that_comes_with_metaspec_is_whole():
    data = language_data(None, 32, 0.15, 0.15)
    text = read(None)
    assert text.count("\n\n") == 14 and all(len(sonnet.split("\n")) == 14 for sonnet in text.strip().split("\n\n"))
    assert "".join(data.characters[number] for number in data.numbers) == text
    assert set(text) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ .,:;!?'\"-\n")
    assert not data.problems
    counts = {entry.name: entry.items for entry in data.table.classes}
    assert counts["'e'"] == text.count("e") == np.sum(data.numbers == data.characters.index("e"))


def test_a_text_that_is_too_short_or_none_is_told_apart(tmp_path):
    (tmp_path / "short.txt").write_text("to be or not to be", encoding="utf-8")
    assert {each.code for each in language_data(tmp_path / "short.txt", 8, 0.1, 0.1).problems} == {"too-few-items"}
    (tmp_path / "bytes.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match="cannot be read as text"):
        language_data(tmp_path / "bytes.txt", 8, 0.1, 0.1)
    spec = 'language 1\ntask t = language { text = "no.txt" }\nmodel net = lstm {}\ninner = sgd { lr = learned(0.1) }\n'
    (tmp_path / "t.meta").write_text(spec + "metagrad = unroll {}\nouter = adam {}\n", encoding="utf-8")
    found = metaspec.check(tmp_path / "t.meta")
    assert [each.code for each in found] == ["E0501"] and found[0].span is not None


@pytest.mark.parametrize(("task", "model"), [("language {}", "mlp {}"), ("sinusoid {}", "lstm {}")])
def test_a_text_goes_with_a_model_of_sequences(tmp_path, task, model):
    spec = f"language 1\ntask t = {task}\nmodel net = {model}\ninner = sgd {{ lr = learned(0.1) }}\n"
    (tmp_path / "t.meta").write_text(spec + "metagrad = unroll {}\nouter = adam {}\n", encoding="utf-8")
    assert "E0401" in [each.code for each in metaspec.check(tmp_path / "t.meta")]
