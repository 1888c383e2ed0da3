"""Tables in text files."""

import numpy as np
import pytest

import metaspec
from metaspec.data.csv import Csv
from metaspec.data.errors import DataError
from metaspec.data.store import open_store

TEXT = 'size;kind;"weight"\n1;b;10\n3;a;30\n5;b;20\n\n7;a;40\n'


def written(folder, text: str):
    (folder / "table.csv").write_text(text, encoding="utf-8")
    return folder / "table.csv"


def test_rows_are_items_by_class(tmp_path):
    store = open_store(Csv(written(tmp_path, TEXT), "kind", ";", False))
    assert [(each.name, each.items) for each in store.table.classes] == [("a", 2), ("b", 2)]
    assert store.table.item_shape == (2,)
    np.testing.assert_array_equal(store.items, [[3, 30], [7, 40], [1, 10], [5, 20]])


def test_columns_are_standardised(tmp_path):
    items = open_store(Csv(written(tmp_path, TEXT + "9;a;100\n"), "kind", ";", True)).items
    np.testing.assert_allclose(items.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(items.std(axis=0), 1, rtol=1e-6)
    constant = open_store(Csv(written(tmp_path, "x,label\n2,a\n2,b\n"), "label", ",", True)).items
    np.testing.assert_array_equal(constant, [[0], [0]])


def test_other_numbers_have_another_fingerprint(tmp_path):
    one = Csv(written(tmp_path, TEXT), "kind", ";", True).table().fingerprint
    assert one != Csv(written(tmp_path, TEXT.replace("40", "41")), "kind", ";", True).table().fingerprint


@pytest.mark.parametrize(
    ("text", "label", "message"),
    [
        ("a,b\n", "a", "has no rows"),
        ("a,b\n1,2\n", "c", "no column `c`"),
        ("a,b\n1,2,3\n", "a", "3 fields in row 1 and 2 columns"),
        ("a,b\n1,many\n", "a", '"many" in the column `b` of row 1'),
        ("a,b\n1,inf\n", "a", "not a finite number"),
        ("a\n1\n", "a", "no column but `a`"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path, text, label, message):
    with pytest.raises(DataError, match=".*") as caught:
        Csv(written(tmp_path, text), label, ",", True).table()
    assert message in caught.value.message


def test_a_table_is_trained_on(tmp_path):
    draw = np.random.default_rng(0)
    points = draw.standard_normal((120, 2))
    rows = "".join(f"{x:.4f},{y:.4f},{'up' if x + y > 0 else 'down'}\n" for x, y in points)
    written(tmp_path, "x,y,label\n" + rows)
    (tmp_path / "table.meta").write_text(
        'language 1\ntask t = training { data = csv { path = "table.csv" } }\nmodel net = linear {}\n'
        "inner = sgd { steps = 20, lr = learned(0.5) }\nmetagrad = unroll {}\nouter = adam { lr = 0.1 }\n"
        "train { iterations = 2 }\nevaluate { tasks = 1 }\n",
        encoding="utf-8",
    )
    assert metaspec.run(tmp_path / "table.meta", out=tmp_path / "run").test.mean["accuracy"][-1] > 0.85
    (tmp_path / "wrong.meta").write_text(
        (tmp_path / "table.meta").read_text().replace('table.csv"', 'table.csv", label = "z"')
    )
    found = metaspec.check(tmp_path / "wrong.meta")
    assert [each.code for each in found] == ["E0502"] and found[0].span is not None
