"""Keys outside of graphs against TensorFlow's own kernels, and the generator against its authors' numbers."""

import pytest

from metaspec.backend.host_keys import folded, philox


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        (0, (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        (0xFFFFFFFF, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    ],
)
def test_known_answers(word, expected):
    """From the test vectors of Random123 (Salmon et al. 2011)."""
    assert philox((word, word), (word,) * 4) == expected


@pytest.mark.parametrize("counters", [(0,), (7,), (1, 0), (3, 2**31 - 1), (-11, 5, -1)])
@pytest.mark.parametrize("key", [(0, 0), (1, -1), (-(2**31), 2**31 - 1), (123456789, -987654321)])
def test_the_words_are_those_of_a_graph(key, counters):
    import tensorflow as tf

    from metaspec.backend.philox import fold

    expected = tf.constant(key)
    for counter in counters:
        expected = fold(expected, counter)
    assert folded(key, *counters) == tuple(expected.numpy().tolist())


def test_a_place_is_the_stream_folded():
    import tensorflow as tf

    from metaspec.backend import keys

    for name, counters in (("initial/train", (0, 3)), ("particles", (12, 1)), ("tasks/test", (2**20, 0))):
        expected = keys.stream(5, name)
        for counter in counters:
            expected = keys.fold(expected, counter)
        tf.debugging.assert_equal(keys.place(5, name, *counters), expected)
