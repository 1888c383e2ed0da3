"""Second-order MAML on characters in JAX: all tasks at once by `vmap`, or one after another by `lax.map`, under `jit`.

An ordinary convolution under `vmap` becomes a grouped one, which XLA's CPU backend runs thirty times slower, so it
is written as patches and a matrix product.
"""

from __future__ import annotations

import time

import jax
import jax.numpy as jnp
import numpy as np
import optax

from benchmarks import fixture
from benchmarks.protocol import serve

INNER_LR, EPSILON, LAYERS = 0.4, 1e-3, 4
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


def task_loss(params, task):
    gradient = jax.grad(loss)(params, task["support_x"], task["support_y"])
    adapted = jax.tree.map(lambda value, slope: value - INNER_LR * slope, params, gradient)
    return loss(adapted, task["query_x"], task["query_y"])


def by_vmap(params, tasks):
    return jax.grad(lambda params: jax.vmap(task_loss, (None, 0))(params, tasks).mean())(params)


def by_map(params, tasks):
    """One task at a time: the memory of one, and its activations stay in the cache."""

    def body(total, task):
        return jax.tree.map(jnp.add, total, jax.grad(task_loss)(params, task)), None

    total, _ = jax.lax.scan(body, jax.tree.map(jnp.zeros_like, params), tasks)
    return jax.tree.map(lambda value: value / len(tasks["support_x"]), total)


class Side:
    """The state between two requests."""

    def open(self, path: str, variant: str) -> dict:
        """Compiles; seconds until the first update is there."""
        self.metagradient = {"vmap": by_vmap, "map": by_map}[variant]
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
