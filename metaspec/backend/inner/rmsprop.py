"""v <- decay * v + (1 - decay) * g^2, w <- w - lr * g / (sqrt(v) + epsilon), Tieleman and Hinton 2012."""

from metaspec.backend.inner import moved, regularised, started, stationarity, zeros
from metaspec.backend.inner.adam import root
from metaspec.backend.records import Batch, InnerMethod, Problem, State, Tree
from metaspec.backend.settings import Settings
from metaspec.kinds.inner.rmsprop import Rmsprop


def method(config: Rmsprop, problem: Problem) -> InnerMethod:
    def init(settings: Settings, support: Batch, params: Tree) -> State:
        return State(params, zeros(params, problem.adapted), started(problem, config, params))

    def step(settings: Settings, state: State, support: Batch, number) -> State:
        slopes = regularised(problem, settings, state, support, number)
        lr = settings.at("lr", number)
        square = {name: config.decay * state.memory[name] + (1 - config.decay) * g * g for name, g in slopes.items()}
        steps = {name: lr[name] * g / (root(square[name]) + config.epsilon) for name, g in slopes.items()}
        return State(moved(state.params, steps), square, state.start)

    return InnerMethod(init, step, residual=stationarity(problem))
