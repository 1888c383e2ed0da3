"""Central differences of the meta-objective in float64: the oracle that meta-gradients are held against."""

from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from metaspec.backend import compile as graphs
from metaspec.backend.keys import fold, stream
from metaspec.backend.learning import completed
from metaspec.backend.metagrads.step_weights import of_steps
from metaspec.backend.program import Program
from metaspec.backend.records import Batch, Episode
from metaspec.kinds import registry
from metaspec.plan import Plan, make
from metaspec.spec.blocks import Evaluate, Train
from metaspec.spec.shapes import Signature
from metaspec.spec.spec import Spec
from metaspec.spec.values import Learned

STEP = 1e-6


def kind(category: str, name: str, **fields):
    return registry.load(category, name)(**fields)


def learned(start, per=("model",), name="inner.init", **fields) -> Learned:
    return Learned(start=start, per=per, name=name, **fields)


@dataclass(frozen=True)
class Case:
    """A plan in float64, an episode for it, and meta-parameters away from where they start."""

    plan: Plan
    parts: graphs.Parts
    meta: dict[str, tf.Tensor]
    episode: Episode
    key: tf.Tensor
    iteration: int = 0


def case(
    task,
    model,
    inner,
    metagrad,
    objective=None,
    tasks: int = 2,
    seed: int = 3,
    compiled: bool = False,
    evaluate=None,
    iterations: int = 1,
    iteration: int = 0,
) -> Case:
    spec = Spec(
        language=1,
        tasks={"task": task},
        models={"net": model},
        inner=inner,
        metagrad=metagrad,
        outer=kind("outers", "sgd"),
        schedule=kind("schedules", "inline"),
        evaluate=evaluate or Evaluate(),
        train=Train(
            iterations=iterations, tasks=tasks, seed=seed, precision="float64", objective=objective, reduce="sum"
        ),
    )
    plan = make(spec) if compiled else plain(make(spec))
    parts = graphs.parts(plan)
    start, _ = split(Program(plan).start())
    draw = np.random.default_rng(seed)
    # Biases start at zero and scales at one: move everything, so that no derivative is zero by symmetry.
    meta = {key: tf.constant(value + 0.1 * draw.standard_normal(value.shape)) for key, value in start.items()}
    return Case(plan, parts, meta, episode_for(plan, tasks, draw), stream(seed, "test"), iteration)


def plain(plan: Plan) -> Plan:
    """The same plan without XLA, whose compilation would take longer than the check."""
    return plan.model_copy(update={"execution": plan.execution.model_copy(update={"compiled": False})})


def split(state):
    return {key.removeprefix("meta/"): value for key, value in state.items() if key.startswith("meta/")}, state


def episode_for(plan: Plan, tasks: int, draw: np.random.Generator) -> Episode:
    """Numbers without structure: nothing about the check may depend on an easy task."""
    task = plan.tasks[0]
    signature = Signature(task.inputs, task.outputs, task.loss, task.support, task.query)

    def batch(items: int) -> Batch:
        inputs = tf.constant(draw.standard_normal((tasks, items, *signature.inputs)))
        if signature.classifies:
            return Batch(inputs, tf.constant(draw.integers(0, signature.outputs, (tasks, items)), tf.int32))
        return Batch(inputs, tf.constant(draw.standard_normal((tasks, items, signature.outputs))))

    return Episode(batch(signature.support), batch(signature.query))


def objective(case: Case, meta, gradient=None) -> tf.Tensor:
    """The meta-objective summed over the tasks, written as the formula: adapt, then the weighted query loss.

    `gradient` replaces the inner gradient, for differences with the inner gradients held constant.
    """
    learning, config = case.parts.learning, case.plan.spec.inner
    problem = learning.problem(2)
    method = completed(config, problem if gradient is None else problem._replace(gradient=gradient))
    settings, params, episode = learning.start(meta, case.episode, fold(case.key, 0))
    state = method.init(settings, episode.support, params)
    steps = case.plan.steps
    over_steps = of_steps(graphs.objective_weights(case.plan), case.iteration, tf.float64)
    if gradient is None and over_steps is None:
        # A loop, whose graph does not grow with the steps.
        _, state = tf.while_loop(
            lambda number, _: number < steps,
            lambda number, state: (number + 1, method.step(settings, state, episode.support, number)),
            (tf.constant(0), state),
        )
        return tf.reduce_sum(learning.loss(method, settings, state, episode.query))
    weights = (0.0,) * steps + (1.0,) if over_steps is None else (0.0, *over_steps)
    total = tf.zeros((), tf.float64)
    for number in range(steps + 1):
        if number > 0:
            state = method.step(settings, state, episode.support, number - 1)
        total += weights[number] * tf.reduce_sum(learning.loss(method, settings, state, episode.query))
    return total


def recorded_gradients(case: Case):
    """The inner gradients along the path from the case's own meta-parameters, played back in order."""
    found = []
    true = case.parts.learning.problem(1).gradient

    def record(params, support):
        slopes = true(params, support)
        found.append({name: tf.constant(value.numpy()) for name, value in slopes.items()})
        return slopes

    objective(case, case.meta, record)

    def play():
        order = iter(found)
        return lambda params, support: next(order)

    return play


def directions(shape: tuple[int, ...], draw: np.random.Generator, every: bool) -> list[np.ndarray]:
    """Along which a tensor is moved: each entry of a small one, else random signs.

    With entries of +1 and -1 the mean square of an error's projection is the square of its norm, so that few
    directions see it whole. `every` moves each entry of any tensor.
    """
    size = int(np.prod(shape))
    if every or size <= 4:
        return [row.reshape(shape) for row in np.eye(size)]
    return [draw.choice([-1.0, 1.0], shape) for _ in range(3)]


def relative_error(case: Case, constant_gradients: bool = False, every: bool = False) -> float:
    """How far the meta-gradient is from central differences, in units of the gradient's norm.

    The largest over all tensors of the root mean square over the directions it was moved along (times the root of
    their number where they are single entries, which makes it the norm of the error).
    """
    play = recorded_gradients(case) if constant_gradients else None

    @tf.function(autograph=False)
    def run(meta, episode, key):
        return graphs.chunked(case.parts, meta, episode, key, case.plan.execution.chunk, tf.constant(case.iteration))

    @tf.function(autograph=False)
    def value(meta):
        return objective(case, meta, play() if play else None)

    found, _ = run(case.meta, case.episode, case.key)
    norm = np.sqrt(sum(float(tf.reduce_sum(slope**2)) for slope in found.values()))
    assert norm > 1e-6, "a gradient of zero checks nothing"
    draw, worst = np.random.default_rng(0), 0.0
    for key, tensor in case.meta.items():
        errors = []
        for direction in directions(tuple(tensor.shape), draw, every):
            ahead, behind = (value({**case.meta, key: tensor + sign * STEP * direction}) for sign in (1, -1))
            errors.append(float((ahead - behind) / (2 * STEP)) - float(np.sum(found[key] * direction)))
        single = every or len(errors) != 3 or tensor.shape.num_elements() <= 4
        worst = max(worst, np.sqrt(np.sum(np.square(errors)) if single else np.mean(np.square(errors))))
    return worst / norm
