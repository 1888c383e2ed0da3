"""Second-order MAML on sinusoids in JAX: one `jit` call for each update, or `lax.scan` over many.

Variants: `call` and `scan` draw their tasks inside the graph, as metaspec does; `drawn` is a scan over tasks that were
drawn before the clock started, an upper bound that no run reaches.
"""

from __future__ import annotations

import time

import jax
import jax.numpy as jnp
import numpy as np
import optax

from benchmarks import fixture
from benchmarks.protocol import serve

INNER_LR, SEED = 0.01, 1
OUTER = optax.adam(1e-3)


def apply(params, x):
    for number in (1, 2):
        x = jax.nn.relu(x @ params[f"hidden{number}.kernel"] + params[f"hidden{number}.bias"])
    return x @ params["head.kernel"] + params["head.bias"]


def loss(params, x, y):
    return jnp.mean((apply(params, x) - y) ** 2)


def metagradient(params, tasks, steps):
    def one(params, task):
        for _ in range(steps):
            slopes = jax.grad(loss)(params, task["support_x"], task["support_y"])
            params = jax.tree.map(lambda value, slope: value - INNER_LR * slope, params, slopes)
        return loss(params, task["query_x"], task["query_y"])

    return jax.grad(lambda params: jax.vmap(one, (None, 0))(params, tasks).mean())(params)


def sampled(key, count, points):
    first, second, third = jax.random.split(key, 3)
    amplitude = jax.random.uniform(first, (count, 1, 1), minval=0.1, maxval=5.0)
    phase = jax.random.uniform(second, (count, 1, 1), maxval=jnp.pi)
    x = jax.random.uniform(third, (count, 2 * points, 1), minval=-5.0, maxval=5.0)
    y = amplitude * jnp.sin(x - phase)
    return {"support_x": x[:, :points], "support_y": y[:, :points], "query_x": x[:, points:], "query_y": y[:, points:]}


class Side:
    """The state between two requests."""

    def open(self, path: str, steps: int, length: int) -> dict:
        """Compiles all variants; `length` is the number of updates in one scan."""
        self.params = {name: jnp.asarray(array) for name, array in fixture.single(path, "parameter").items()}
        self.tasks = {name: jnp.asarray(array) for name, array in fixture.single(path, "task").items()}
        self.steps, self.length = steps, length
        self.state = (self.params, OUTER.init(self.params))
        count, points = self.tasks["support_x"].shape[:2]

        def update(state, tasks):
            params, outer = state
            updates, outer = OUTER.update(metagradient(params, tasks, steps), outer, params)
            return (optax.apply_updates(params, updates), outer), None

        self.keys = jax.random.split(jax.random.key(SEED), length)
        self.drawn = jax.vmap(lambda key: sampled(key, count, points))(self.keys)
        self.one = jax.jit(lambda state, key: update(state, sampled(key, count, points))[0])
        self.many = jax.jit(
            lambda state, keys: jax.lax.scan(lambda s, k: update(s, sampled(k, count, points)), state, keys)[0]
        )
        self.given = jax.jit(lambda state, drawn: jax.lax.scan(update, state, drawn)[0])
        self.single = list(self.keys)
        return {variant: self.round(variant, length)["seconds"] for variant in ("call", "scan", "drawn")}

    def gradient(self, source: str, path: str) -> dict:
        """In float64, of the parameters and tasks in the file `source`."""
        with jax.enable_x64(True):
            params, tasks = (
                {name: jnp.asarray(array) for name, array in fixture.doubled(source, group).items()}
                for group in ("parameter", "task")
            )
            found = jax.jit(metagradient, static_argnums=2)(params, tasks, self.steps)
            fixture.save(path, gradient={name: np.asarray(value) for name, value in found.items()})
        return {}

    def round(self, variant: str, iterations: int) -> dict:
        """`iterations` is rounded up to whole scans."""
        state, scans = self.state, -(-iterations // self.length)
        began = time.perf_counter()
        for _ in range(scans):
            if variant == "call":
                for key in self.single:
                    state = self.one(state, key)
            else:
                state = self.many(state, self.keys) if variant == "scan" else self.given(state, self.drawn)
        jax.block_until_ready(state)
        return {"seconds": (time.perf_counter() - began) * iterations / (scans * self.length)}


if __name__ == "__main__":
    side = Side()
    serve({"open": side.open, "gradient": side.gradient, "round": side.round})
