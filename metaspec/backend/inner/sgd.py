"""w <- w - lr * grad L(w)."""

from metaspec.backend.inner import moved, regularised, started, stationarity
from metaspec.backend.records import Batch, InnerMethod, Problem, State, Tree
from metaspec.backend.settings import Settings
from metaspec.kinds.inner.sgd import Sgd


def method(config: Sgd, problem: Problem) -> InnerMethod:
    def init(settings: Settings, support: Batch, params: Tree) -> State:
        return State(params, (), started(problem, config, params))

    def step(settings: Settings, state: State, support: Batch, number) -> State:
        slopes = regularised(problem, settings, state, support, number)
        lr = settings.at("lr", number)
        return state._replace(params=moved(state.params, {name: lr[name] * slope for name, slope in slopes.items()}))

    return InnerMethod(init, step, residual=stationarity(problem))
