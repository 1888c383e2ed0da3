"""w <- w - t (H + damping)^-1 grad L(w), with an Armijo search of t.

Of a linear head with features x (with a 1 for the bias) the Hessian is the sum over items of S (x) x x^T, S being the
second derivative of the loss in the outputs. S = B B^T has a closed form, so H = A^T A with A as wide as the head has
parameters and as high as support * ways. Of (D + A^T A)^-1, D holding l2, proximal and damping, the smaller of two
systems is solved: D + A^T A, or 1 + A D^-1 A^T by the identity of Woodbury.
"""

import tensorflow as tf

from metaspec.backend.inner import inner_loss, regularised, started, stationarity, support_gradient
from metaspec.backend.inner.search import armijo
from metaspec.backend.layers.heads import extended
from metaspec.backend.records import Batch, InnerMethod, Problem, State, Tree
from metaspec.backend.settings import Settings
from metaspec.backend.solvers import hessian_product
from metaspec.backend.solvers.cg import conjugate_gradients
from metaspec.backend.solvers.dense import solve_symmetric
from metaspec.backend.trees import dot, plus
from metaspec.kinds.inner.newton import Newton

# Below this a probability adds nothing to a Hessian, and its root has no derivative.
SMALLEST = 1e-30


def method(config: Newton, problem: Problem) -> InnerMethod:
    # The Hessian needs a second derivative of the loss, whatever the metagrad says of the gradient.
    curved = problem._replace(gradient=support_gradient(problem.loss, problem.adapted, 2))
    whole_head = problem.in_head and set(problem.adapted) == {"head.kernel", "head.bias"}

    def init(settings: Settings, support: Batch, params: Tree) -> State:
        return State(params, (), started(problem, config, params))

    def step(settings: Settings, state: State, support: Batch, number) -> State:
        slopes = regularised(problem, settings, state, support, number)
        if whole_head:
            direction = head_direction(config, problem, settings, state, support, slopes, number)
        else:
            product = hessian_product(stationarity(curved), settings, state, support, problem.adapted)
            right = {name: -slope for name, slope in slopes.items()}
            direction = conjugate_gradients(product, right, config.iterations, config.damping, 1e-6, indefinite=True)

        def loss(values: Tree) -> tf.Tensor:
            return inner_loss(problem, settings, state._replace(params={**state.params, **values}), support, number)

        values = {name: state.params[name] for name in problem.adapted}
        length = armijo(loss, values, direction, dot(slopes, direction))
        return state._replace(params={**state.params, **plus(values, length, direction)})

    return InnerMethod(init, step, residual=stationarity(problem))


def head_direction(
    config: Newton, problem: Problem, settings: Settings, state: State, support: Batch, slopes: Tree, step
) -> Tree:
    """-(H + damping)^-1 times the gradient, for a linear head."""
    features, outputs = support.inputs, problem.predict(state.params, support.inputs)
    tasks, items, ways = outputs.shape
    rows = extended(features)
    width = rows.shape[-1]
    root = curvature_root(outputs, problem.classifies, support.weights)
    # (tasks, item and column of the root, feature and way)
    factor = rows[:, :, tf.newaxis, :, tf.newaxis] * tf.linalg.matrix_transpose(root)[:, :, :, tf.newaxis, :]
    factor = tf.reshape(factor, (tasks, items * ways, width * ways))
    weights = [settings.at("l2", step)] + ([settings.at("proximal", step)] if state.start else [])
    shapes = {"head.kernel": (tasks, width - 1, ways), "head.bias": (tasks, 1, ways)}
    diagonal = [
        tf.broadcast_to(sum(tree[name] for tree in weights) + config.damping, shape) for name, shape in shapes.items()
    ]
    diagonal = tf.reshape(tf.concat(diagonal, axis=1), (tasks, width * ways, 1))
    right = -tf.concat([slopes["head.kernel"], slopes["head.bias"][:, tf.newaxis]], axis=1)
    right = tf.reshape(right, (tasks, width * ways, 1))
    found = solve_factored(factor, diagonal, right, config.regularised, problem.compiled)
    found = tf.reshape(found, (tasks, width, ways))
    return {"head.kernel": found[:, :-1], "head.bias": found[:, -1]}


def curvature_root(outputs: tf.Tensor, classifies: bool, weights: tf.Tensor | tuple[()]) -> tf.Tensor:
    """B with B B^T the second derivative of the mean loss in each item's outputs: (tasks, items, ways, ways).

    Cross-entropy with probabilities p: diag(p) - p p^T, and B = diag(sqrt p) - p sqrt(p)^T. Squared error: twice the
    identity over the number of outputs. The mean is over items of weight 1.
    """
    _, items, ways = outputs.shape
    if not isinstance(weights, tuple):
        share = tf.sqrt(weights * items / tf.reduce_sum(weights, axis=1, keepdims=True))
        return share[..., tf.newaxis, tf.newaxis] * curvature_root(outputs, classifies, ())
    if not classifies:
        identity = tf.eye(ways, batch_shape=outputs.shape[:2], dtype=outputs.dtype)
        return identity * (2.0 / (items * ways)) ** 0.5
    shares = tf.maximum(tf.nn.softmax(outputs), SMALLEST)
    roots = tf.sqrt(shares)
    return (tf.linalg.diag(roots) - shares[..., tf.newaxis] * roots[..., tf.newaxis, :]) / items**0.5


def solve_factored(
    factor: tf.Tensor, diagonal: tf.Tensor, right: tf.Tensor, positive: bool, compiled: bool
) -> tf.Tensor:
    """(diag(diagonal) + A^T A)^-1 right; `positive` says that no entry of the diagonal is zero."""
    rows, columns = factor.shape[1:]
    if rows >= columns or not positive:
        matrix = tf.matmul(factor, factor, transpose_a=True) + tf.linalg.diag(diagonal[..., 0])
        return solve_symmetric(matrix, right, compiled)
    scaled = factor / tf.linalg.matrix_transpose(diagonal)
    matrix = tf.matmul(scaled, factor, transpose_b=True) + tf.eye(rows, dtype=factor.dtype)
    inside = solve_symmetric(matrix, tf.matmul(scaled, right), compiled)
    return right / diagonal - tf.matmul(scaled, inside, transpose_a=True)
