"""v <- decay * v + grad L(w), w <- w - lr * v."""

from metaspec.backend.inner import moved, regularised, started, stationarity, zeros
from metaspec.backend.records import Batch, InnerMethod, Problem, State, Tree
from metaspec.backend.settings import Settings
from metaspec.kinds.inner.momentum import Momentum


def method(config: Momentum, problem: Problem) -> InnerMethod:
    def init(settings: Settings, support: Batch, params: Tree) -> State:
        return State(params, zeros(params, problem.adapted), started(problem, config, params))

    def step(settings: Settings, state: State, support: Batch, number) -> State:
        slopes = regularised(problem, settings, state, support, number)
        lr, decay = settings.at("lr", number), settings.at("decay", number)
        velocity = {name: decay[name] * state.memory[name] + slope for name, slope in slopes.items()}
        params = moved(state.params, {name: lr[name] * speed for name, speed in velocity.items()})
        return State(params, velocity, state.start)

    return InnerMethod(init, step, residual=stationarity(problem))
