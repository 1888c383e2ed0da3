"""No adaptation."""

from metaspec.backend.records import Batch, InnerMethod, Problem, State, Tree
from metaspec.backend.settings import Settings
from metaspec.kinds.inner.none import Unadapted


def method(config: Unadapted, problem: Problem) -> InnerMethod:
    def init(settings: Settings, support: Batch, params: Tree) -> State:
        return State(params, (), {})

    def step(settings: Settings, state: State, support: Batch, number) -> State:
        return state

    return InnerMethod(init, step)
