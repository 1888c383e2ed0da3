"""v <- decay * v + grad L(w), w <- w - lr * v."""

from metaspec.backend.inner import Gradient, moved, regularised, zeros
from metaspec.backend.records import Batch, InnerMethod, State, Tree
from metaspec.backend.settings import Settings
from metaspec.kinds.inner.momentum import Momentum


def method(config: Momentum, gradient: Gradient, adapted: tuple[str, ...]) -> InnerMethod:
    def init(settings: Settings, support: Batch, params: Tree) -> State:
        return State(params, zeros(params, adapted))

    def step(settings: Settings, state: State, support: Batch, number) -> State:
        slopes = regularised(gradient, settings, state.params, support, number)
        lr, decay = settings.at("lr", number), settings.at("decay", number)
        velocity = {name: decay[name] * state.memory[name] + slope for name, slope in slopes.items()}
        return State(moved(state.params, {name: lr[name] * speed for name, speed in velocity.items()}), velocity)

    return InnerMethod(init, step)
