"""MAML of both orders and iMAML on characters in JAX, under `jit`: all tasks at once by `vmap`, or one by one by `lax.map`.

An ordinary convolution under `vmap` becomes a grouped one, which XLA's CPU backend runs thirty times slower, so it
is written as patches and a matrix product.
"""

from __future__ import annotations

import time
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import optax

from benchmarks import fixture
from benchmarks.protocol import serve

INNER_LR, EPSILON, LAYERS = 0.4, 1e-3, 4
# iMAML: step size and number of inner steps, the pull to the initial weights, conjugate gradients and their damping.
IMPLICIT_LR, STEPS, PROXIMAL, ITERATIONS, DAMPING = 0.1, 16, 2.0, 5, 1.0
OUTER = optax.adam(1e-3)


def convolution(x, kernel):
    """Stride 2, SAME padding: (items, size, size, c) with (3, 3, c, f)."""
    items, size, _, channels = x.shape
    out = (size + 1) // 2
    padding = (out - 1) * 2 + 3 - size
    before = padding // 2
    x = jnp.pad(x, ((0, 0), (before, padding - before), (before, padding - before), (0, 0)))
    taps = [x[:, i : i + 2 * out - 1 : 2, j : j + 2 * out - 1 : 2] for i in range(3) for j in range(3)]
    rows = jnp.concatenate(taps, -1).reshape(items * out * out, 9 * channels)
    return (rows @ kernel.reshape(9 * channels, -1)).reshape(items, out, out, -1)


def apply(params, x):
    for number in range(1, LAYERS + 1):
        own = {role: params[f"conv{number}.{role}"] for role in ("kernel", "bias", "scale", "shift")}
        x = convolution(x, own["kernel"]) + own["bias"]
        centred = x - x.mean((0, 1, 2))
        variance = (centred**2).mean((0, 1, 2))
        x = jax.nn.relu(centred * jax.lax.rsqrt(variance + EPSILON) * own["scale"] + own["shift"])
    return x.mean((1, 2)) @ params["head.kernel"] + params["head.bias"]


def loss(params, x, y):
    return -jnp.take_along_axis(jax.nn.log_softmax(apply(params, x)), y[:, None], 1).mean()


def task_loss(params, task, order=2):
    gradient = jax.grad(loss)(params, task["support_x"], task["support_y"])
    if order == 1:
        gradient = jax.lax.stop_gradient(gradient)
    adapted = jax.tree.map(lambda value, slope: value - INNER_LR * slope, params, gradient)
    return loss(adapted, task["query_x"], task["query_y"])


def implicit(params, task):
    """PROXIMAL v with (H + PROXIMAL + DAMPING) v = the query gradient, at the end of the inner steps."""

    def slope(weights):
        return jax.grad(loss)(weights, task["support_x"], task["support_y"])

    def step(_, weights):
        return jax.tree.map(
            lambda value, start, own: value - IMPLICIT_LR * (own + PROXIMAL * (value - start)),
            weights,
            params,
            slope(weights),
        )

    adapted = jax.lax.fori_loop(0, STEPS, step, params)
    right = jax.grad(loss)(adapted, task["query_x"], task["query_y"])

    def product(vector):
        found = jax.jvp(slope, (adapted,), (vector,))[1]
        return jax.tree.map(lambda image, own: image + (PROXIMAL + DAMPING) * own, found, vector)

    def body(_, carried):
        solution, residual, direction, square = carried
        image = product(direction)
        curvature = dot(direction, image)
        # A direction of negative curvature ends the iterations, as metaspec has it: from there on nothing moves.
        share = jnp.where(curvature > 0, square / curvature, 0.0)
        solution = jax.tree.map(lambda value, move: value + share * move, solution, direction)
        residual = jax.tree.map(lambda value, move: value - share * move, residual, image)
        shrunk = dot(residual, residual)
        following = jax.tree.map(lambda left, move: left + shrunk / square * move, residual, direction)
        direction = jax.tree.map(lambda new, old: jnp.where(curvature > 0, new, old), following, direction)
        return solution, residual, direction, shrunk

    start = (jax.tree.map(jnp.zeros_like, right), right, right, dot(right, right))
    return jax.tree.map(lambda value: PROXIMAL * value, jax.lax.fori_loop(0, ITERATIONS, body, start)[0])


def dot(left, right):
    return sum(jnp.vdot(left[name], right[name]) for name in left)


# method -> the loss of one task, whose gradient is that of the method; iMAML has a gradient alone
LOSSES = {"maml": task_loss, "fomaml": partial(task_loss, order=1)}


def by_vmap(method, params, tasks):
    if method == "imaml":
        return jax.tree.map(lambda each: each.mean(0), jax.vmap(implicit, (None, 0))(params, tasks))
    return jax.grad(lambda params: jax.vmap(LOSSES[method], (None, 0))(params, tasks).mean())(params)


def by_map(method, params, tasks):
    """One task at a time: the memory of one, and its activations stay in the cache."""
    gradient = implicit if method == "imaml" else jax.grad(LOSSES[method])

    def body(total, task):
        return jax.tree.map(jnp.add, total, gradient(params, task)), None

    total, _ = jax.lax.scan(body, jax.tree.map(jnp.zeros_like, params), tasks)
    return jax.tree.map(lambda value: value / len(tasks["support_x"]), total)


class Side:
    """The state between two requests."""

    def open(self, path: str, variant: str, method: str = "maml") -> dict:
        """Compiles; seconds until the first update is there."""
        self.metagradient = partial({"vmap": by_vmap, "map": by_map}[variant], method)
        self.params = {name: jnp.asarray(array) for name, array in fixture.single(path, "parameter").items()}
        self.tasks = {name: jnp.asarray(array) for name, array in fixture.single(path, "task").items()}
        self.outer = OUTER.init(self.params)
        began = time.perf_counter()

        def update(params, outer, tasks):
            updates, outer = OUTER.update(self.metagradient(params, tasks), outer, params)
            return optax.apply_updates(params, updates), outer

        self.update = jax.jit(update)
        self.round(1)
        return {"first": time.perf_counter() - began}

    def gradient(self, source: str, path: str) -> dict:
        """In float64, of the parameters and tasks in the file `source`."""
        with jax.enable_x64(True):
            params, tasks = (
                {name: jnp.asarray(array) for name, array in fixture.doubled(source, group).items()}
                for group in ("parameter", "task")
            )
            found = jax.jit(self.metagradient)(params, tasks)
            fixture.save(path, gradient={name: np.asarray(value) for name, value in found.items()})
        return {}

    def round(self, iterations: int) -> dict:
        began = time.perf_counter()
        for _ in range(iterations):
            self.params, self.outer = self.update(self.params, self.outer, self.tasks)
        jax.block_until_ready(self.params)
        return {"seconds": time.perf_counter() - began}


if __name__ == "__main__":
    side = Side()
    serve({"open": side.open, "gradient": side.gradient, "round": side.round})
