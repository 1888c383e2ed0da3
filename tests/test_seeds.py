import subprocess
import sys

import numpy as np

from metaspec.seeds import generator, key_words


def first(*key: object) -> float:
    return float(generator(*key).random())


def test_same_key_same_numbers_in_another_process():
    code = "from metaspec.seeds import generator\nprint(generator(7, 'episodes', 3, 1).integers(0, 2**62, 4).tolist())"
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert other.strip() == str(generator(7, "episodes", 3, 1).integers(0, 2**62, 4).tolist())


def test_every_part_of_the_key_counts():
    keys = [
        (7, "a", 1, 2),
        (8, "a", 1, 2),
        (7, "b", 1, 2),
        (7, "a", 2, 1),
        (7, "a", 1),
        (7, "a", 1, 2, 0),
        (-7, "a", 1, 2),
        (7, "a1", 2),
        (7, "", 1, 2),
    ]
    assert len({first(*key) for key in keys}) == len(keys)
    assert len({key_words(*key) for key in keys}) == len(keys)


def test_key_words_fit_in_32_bits_and_come_from_the_generators_key():
    low, high = key_words(5, "noise", 9)
    assert 0 <= low < 2**32
    assert 0 <= high < 2**32
    key = generator(5, "noise", 9).bit_generator.state["state"]["key"]
    assert int(key[0]) == low | high << 32


def test_first_draws_over_neighbouring_counters_look_uniform_and_unrelated():
    draws = np.array([[first(0, "s", i, j) for j in range(40)] for i in range(40)])
    histogram = np.histogram(draws, bins=10, range=(0, 1))[0]
    assert np.sum((histogram - 160) ** 2 / 160) < 27.9  # chi-square with 9 degrees of freedom, p = 0.001
    assert abs(np.corrcoef(draws[:, :-1].ravel(), draws[:, 1:].ravel())[0, 1]) < 0.1
