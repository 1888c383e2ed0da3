"""Logistic regression on scikit-learn's `make_classification`."""

import numpy as np
import tensorflow as tf

from metaspec.backend.problems import Objective, Params
from metaspec.backend.problems.classifier import classifier_of, head
from metaspec.kinds.problems.softmax_regression import SoftmaxRegression


def functions(config: SoftmaxRegression) -> Objective:
    def rows(draw: np.random.Generator, count: int):
        from sklearn.datasets import (
            make_classification,  # takes half a second to import, and only this problem needs it
        )

        return make_classification(
            count,
            config.features,
            n_informative=config.features,
            n_redundant=0,
            n_classes=2,
            class_sep=config.separation,
            random_state=int(draw.integers(2**31)),
        )

    def logit(params: Params, inputs: tf.Tensor) -> tf.Tensor:
        return head(inputs, *params)

    return classifier_of(config, rows, logit, matrices=("inputs",))
