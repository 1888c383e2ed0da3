"""Learned kinds in the inner problem: items to train on, a loss, an augmentation, the operations of an architecture.

Their weights are tensors of meta-parameters, by `META-PARAMETER/WEIGHT`. Items and augmentations change the batch that
an inner step sees. A loss and an architecture stand among the parameters of every task, by `loss/NAME` and
`architecture/operations`, which no inner step changes; they are put there anew before every function of the inner method,
so that a state that was carried from elsewhere has those of its own meta-parameters.
"""

from collections.abc import Callable

import tensorflow as tf

from metaspec.backend.executors import executor
from metaspec.backend.keys import AUGMENTATION, CHOICES, fold
from metaspec.backend.layers.heads import indicator
from metaspec.backend.losses import mean
from metaspec.backend.records import Batch, InnerMethod, State, Tree
from metaspec.backend.settings import Settings
from metaspec.plan.model import Plan
from metaspec.spec.kind import Inner, Model, Task
from metaspec.spec.values import Learned

LOSS, OPERATIONS = "loss/", "architecture/operations"

LossOfOutputs = Callable[..., tf.Tensor]  # parameters, outputs, targets, weights of the items -> (tasks,)
Draw = Callable[[Batch, tf.Tensor | int], Batch]


def below(meta: Tree, learned: Learned) -> Tree:
    """The weights of a learned kind by the names that the kind gives them."""
    prefix = f"{learned.name}/"
    return {name.removeprefix(prefix): value for name, value in meta.items() if name.startswith(prefix)}


def replaced(task: Task, meta: Tree, support: Batch) -> Batch:
    """The support set, or the learned items that stand for it."""
    learned = getattr(task, "train_on", None)
    if not isinstance(learned, Learned):
        return support
    return executor(learned.start).replaced(learned.start, below(meta, learned), support)


def augmented(task: Task, meta: Tree, draw: Draw, key: tf.Tensor) -> Draw:
    """What an inner step sees: a learned augmentation of the batch that is drawn for it."""
    learned = getattr(task, "augment", None)
    if not isinstance(learned, Learned):
        return draw
    stream, weights = fold(key, AUGMENTATION), below(meta, learned)

    def seen(support: Batch, number: tf.Tensor | int) -> Batch:
        batch = draw(support, number)
        return executor(learned.start).augmented(learned.start, weights, batch, fold(stream, number))

    return seen


def searched(plan: Plan) -> Model | None:
    """The plan's model, where its architecture is learned."""
    models = plan.spec.models.values()
    return next((each for each in models if isinstance(getattr(each, "architecture", None), Learned)), None)


def shared(plan: Plan, meta: Tree, tasks: int, key: tf.Tensor) -> Tree:
    """What meta-parameters put among the parameters of every task, each (tasks, ...)."""
    found: Tree = {}
    loss = getattr(plan.spec.inner, "loss", None)
    if isinstance(loss, Learned):
        found |= {
            f"{LOSS}{name}": tf.broadcast_to(value[tf.newaxis], (tasks, *value.shape))
            for name, value in below(meta, loss).items()
        }
    model = searched(plan)
    if model is not None:
        kind, weights = model.architecture.start, below(meta, model.architecture)
        found[OPERATIONS] = executor(kind).operations(kind, weights, model.places, tasks, fold(key, CHOICES))
    return found


def log_probability(plan: Plan) -> Callable[[Tree, int, tf.Tensor], tf.Tensor] | None:
    """(meta-parameters, tasks, key) -> (tasks,): of the operations that tasks which start with the key draw.

    None for a plan whose tasks draw none.
    """
    model = searched(plan)
    if model is None or not type(model.architecture.start).samples:
        return None
    kind = model.architecture.start

    def found(meta: Tree, tasks: int, key: tf.Tensor) -> tf.Tensor:
        weights = below(meta, model.architecture)
        return executor(kind).log_probability(kind, weights, model.places, tasks, fold(key, CHOICES))

    return found


def with_shared(method: InnerMethod) -> InnerMethod:
    """The method at states that hold what the settings share."""

    def now(settings: Settings, state: State) -> State:
        return state._replace(params={**state.params, **settings.shared}) if settings.shared else state

    def residual(settings: Settings, state: State, support: Batch) -> Tree:
        return method.residual(settings, now(settings, state), support)

    def penalty(settings: Settings, state: State) -> tf.Tensor:
        return method.penalty(settings, now(settings, state))

    return InnerMethod(
        lambda settings, support, params: method.init(settings, support, {**params, **settings.shared}),
        lambda settings, state, support, number: method.step(settings, now(settings, state), support, number),
        lambda settings, state, inputs: method.predict(settings, now(settings, state), inputs),
        None if method.residual is None else residual,
        None if method.penalty is None else penalty,
    )


def loss_of_outputs(inner: Inner, own: Callable, outputs: int, compiled: bool) -> LossOfOutputs:
    """The inner loss of a batch: the task's own, and with a learned one the mean over items of a network's output besides."""
    learned = getattr(inner, "loss", None)
    if learned is None:
        return lambda params, found, targets, weights: own(found, targets, weights)
    network = executor(learned.start).build(learned.start, compiled)

    def loss(params: Tree, found: tf.Tensor, targets: tf.Tensor, of_items: tf.Tensor | tuple[()]) -> tf.Tensor:
        wanted = targets if targets.dtype.is_floating else indicator(targets, outputs, found.dtype)
        weights = {name.removeprefix(LOSS): value for name, value in params.items() if name.startswith(LOSS)}
        items = network.head(weights, network.features(weights, tf.concat([found, wanted], axis=-1)))
        return own(found, targets, of_items) + mean(items, of_items)

    return loss
