"""Learned optimizers as inner methods: a task's parameters are laid on one element axis for each step."""

from collections.abc import Callable

from metaspec.backend.optimizers import Optimizer
from metaspec.backend.optimizers.layout import Layout, flat, layout_of, unflat
from metaspec.backend.optimizers.star import with_star
from metaspec.backend.records import Batch, InnerMethod, Problem, State, Tree
from metaspec.backend.settings import Settings
from metaspec.spec.optimizer import LearnedInner


def learned(
    config: LearnedInner, problem: Problem, optimizer: Callable[[LearnedInner, Layout], Optimizer]
) -> InnerMethod:
    """theta' = U(theta, gradient, memory), with the optimizer's weights those of `Settings.weights`."""

    def laid_out(params: Tree) -> tuple[Layout, Optimizer]:
        layout = layout_of(tuple(tuple(params[name].shape[1:]) for name in problem.adapted))
        return layout, with_star(config, optimizer(config, layout))

    def chosen(params: Tree) -> Tree:
        return {name: params[name] for name in problem.adapted}

    def replaced(params: Tree, layout: Layout, elements) -> Tree:
        return params | dict(zip(problem.adapted, unflat(layout, elements), strict=True))

    def init(settings: Settings, support: Batch, params: Tree) -> State:
        layout, rule = laid_out(params)
        return State(params, rule.init(settings.weights, flat(layout, chosen(params)), settings.key), {})

    def step(settings: Settings, state: State, support: Batch, number) -> State:
        layout, rule = laid_out(state.params)
        at = state.params
        if rule.attended is not None:
            at = replaced(at, layout, rule.attended(state.memory))
        slopes = problem.gradient(at, support)
        before, slope = (
            flat(layout, chosen(state.params)),
            flat(layout, {name: slopes[name] for name in problem.adapted}),
        )
        after, memory = rule.step(settings.weights, state.memory, before, slope, number)
        return State(replaced(state.params, layout, after), memory, state.start)

    return InnerMethod(init, step)
