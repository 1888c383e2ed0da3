"""Learned optimizers as inner methods: a task's parameters are laid on one element axis for each step.

Problems have theirs there already (`Problem.layout`), since nothing else asks for their tensors between steps.
"""

from collections.abc import Callable

import tensorflow as tf

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
        layout = problem.layout or layout_of(tuple(tuple(params[name].shape[1:]) for name in problem.adapted))
        return layout, with_star(config, optimizer(config, layout))

    def elements(layout: Layout, tree: Tree) -> tf.Tensor:
        if problem.layout:
            return tree[problem.adapted[0]]
        return flat(layout, {name: tree[name] for name in problem.adapted})

    def replaced(params: Tree, layout: Layout, elements: tf.Tensor) -> Tree:
        tensors = (elements,) if problem.layout else unflat(layout, elements)
        return params | dict(zip(problem.adapted, tensors, strict=True))

    def init(settings: Settings, support: Batch, params: Tree) -> State:
        layout, rule = laid_out(params)
        return State(params, rule.init(settings.weights, elements(layout, params), settings.key), {})

    def step(settings: Settings, state: State, support: Batch, number) -> State:
        layout, rule = laid_out(state.params)
        at = state.params
        if rule.attended is not None:
            at = replaced(at, layout, rule.attended(state.memory))
        slope = elements(layout, problem.gradient(at, support))
        after, memory = rule.step(settings.weights, state.memory, elements(layout, state.params), slope, number)
        return State(replaced(state.params, layout, after), memory, state.start)

    return InnerMethod(init, step)
