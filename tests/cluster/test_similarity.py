"""Clusters of rows whose right partition is known, and the projection that keeps their angles."""

import numpy as np
import pytest

from metaspec.cluster.projection import WIDTH, project
from metaspec.cluster.similarity import by_smallest, clusters, cosines, prepared

METHODS = ("kmeans", "agglomerative", "spectral", "hdbscan")


def bundles(sizes, width=40, spread=0.1, seed=1):
    """Rows around one direction for each size, all mixed up; and the partition they came from."""
    draw = np.random.default_rng(seed)
    directions = draw.normal(size=(len(sizes), width))
    truth = draw.permutation(np.repeat(np.arange(len(sizes)), sizes))
    lengths = draw.uniform(0.1, 50, size=(len(truth), 1))  # cosines must not mind
    return lengths * (directions[truth] + spread * draw.normal(size=(len(truth), width))), by_smallest(truth)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("seed", range(3))
def test_separate_bundles_are_found(method, seed):
    rows, truth = bundles((4, 4, 9, 4, 4), seed=seed)
    assert clusters(prepared(rows, "gradients"), method, 5, seed).tolist() == truth.tolist()


@pytest.mark.parametrize("method", METHODS)
def test_equal_features_give_equal_clusters(method):
    rows = prepared(np.random.default_rng(2).normal(size=(30, 6)), "gradients")
    once, again = (clusters(rows, method, 4, 7) for _ in range(2))
    assert once.tolist() == again.tolist()
    assert by_smallest(once).tolist() == once.tolist()
    assert 1 <= len(set(once.tolist())) <= 4


def test_hdbscan_has_at_most_count_and_leaves_nobody_out():
    rows, truth = bundles((5, 5, 5, 5, 5, 5))
    found = clusters(prepared(rows, "gradients"), "hdbscan", 3, 0)
    assert set(found.tolist()) == {0, 1, 2}
    assert all(len(set(found[truth == label].tolist())) == 1 for label in set(truth.tolist()))


@pytest.mark.parametrize("method", METHODS)
def test_as_many_as_the_rows_differ(method):
    same = prepared(np.ones((5, 3)), "gradients")
    assert clusters(same, method, 3, 0).tolist() == [0] * 5
    assert clusters(prepared(np.eye(4), "gradients"), method, 4, 0).tolist() == [0, 1, 2, 3]


def test_cosines():
    rows = prepared(np.array([[2.0, 0], [-3, 0], [1, 1], [0, 0]]), "gradients")
    expected = [[1, -1, 0.5**0.5, 0], [-1, 1, -(0.5**0.5), 0], [0.5**0.5, -(0.5**0.5), 1, 0], [0, 0, 0, 1]]
    np.testing.assert_allclose(cosines(rows), expected, atol=1e-12)


def test_a_descriptor_in_large_units_does_not_drown_the_others():
    """Two families (first column) and a size that has nothing to do with them."""
    draw = np.random.default_rng(0)
    family = np.repeat([0.0, 1.0], 6)
    features = np.column_stack([family, 1 - family, 1e6 * draw.uniform(size=12)])
    assert clusters(prepared(features, "descriptors"), "kmeans", 2, 0).tolist() == family.astype(int).tolist()


def test_projection_keeps_inner_products():
    draw = np.random.default_rng(4)
    rows = draw.normal(size=(12, 150_000)) + draw.normal(size=(1, 150_000))
    exact, found = cosines(prepared(rows, "gradients")), cosines(prepared(project(rows, 9), "gradients"))
    off = ~np.eye(12, dtype=bool)
    errors = (found - exact)[off]
    assert 0.02 < np.sqrt(np.mean(errors**2)) < 1.5 / np.sqrt(WIDTH)
    assert abs(errors.mean()) < 0.05


def test_projection_is_one_for_every_length_and_every_call():
    draw = np.random.default_rng(4)
    rows = draw.normal(size=(3, 70_000))
    whole = project(rows, 9)
    np.testing.assert_array_equal(np.vstack([project(row[np.newaxis], 9) for row in rows]), whole)
    padded = np.pad(rows, ((0, 0), (0, 500)))
    np.testing.assert_allclose(project(padded, 9), whole, rtol=0, atol=1e-9)
    assert not np.allclose(project(rows, 10), whole)
    np.testing.assert_array_equal(project(rows[:, :20], 9)[:, :20], rows[:, :20])
