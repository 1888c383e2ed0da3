"""An inner method of a user's own that states no residual is refused where one is needed, not run without."""

from types import SimpleNamespace
from typing import ClassVar

import pytest

from metaspec.backend.learning import completed
from metaspec.backend.metagrads import implicit
from metaspec.backend.records import InnerMethod
from metaspec.kinds.inner.momentum import Momentum
from metaspec.kinds.inner.rmsprop import Rmsprop
from metaspec.kinds.metagrads.implicit import Implicit
from metaspec.spec.declared import settings_of
from metaspec.spec.gradient import GradientInner

PROBLEM = SimpleNamespace(predict=lambda params, inputs: inputs, adapted=())


class Bare(GradientInner):
    """Nothing but steps."""

    name: ClassVar[str] = "bare"
    executed_by: ClassVar[str] = __name__


def method(config, problem):
    return InnerMethod(init=lambda *rest: None, step=lambda *rest: None)


def test_steps_cannot_end_at_a_tolerance():
    assert completed(Bare(), PROBLEM).residual is None
    with pytest.raises(ValueError, match="`bare` states no residual"):
        completed(Bare(tolerance=0.1), PROBLEM)


def test_implicit_needs_one():
    learning = SimpleNamespace(method=lambda order: completed(Bare(), PROBLEM), problem=lambda order: PROBLEM)
    with pytest.raises(ValueError, match="states no residual"):
        implicit.gradient(Implicit(), learning, None)


def test_fields_with_a_value_at_each_parameter_are_those_declared_so():
    assert set(settings_of(Momentum)) == {"init", "l2", "proximal", "lr", "decay"}
    assert set(settings_of(Rmsprop)) == {"init", "l2", "proximal", "lr"}
