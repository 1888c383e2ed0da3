"""w <- w - lr * grad L(w)."""

from metaspec.backend.inner import Gradient, moved, regularised
from metaspec.backend.records import Batch, InnerMethod, State, Tree
from metaspec.backend.settings import Settings
from metaspec.kinds.inner.sgd import Sgd


def method(config: Sgd, gradient: Gradient, adapted: tuple[str, ...]) -> InnerMethod:
    def init(settings: Settings, support: Batch, params: Tree) -> State:
        return State(params, ())

    def step(settings: Settings, state: State, support: Batch, number) -> State:
        slopes = regularised(gradient, settings, state.params, support, number)
        lr = settings.at("lr", number)
        return State(moved(state.params, {name: lr[name] * slope for name, slope in slopes.items()}), ())

    return InnerMethod(init, step)
