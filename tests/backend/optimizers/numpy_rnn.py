"""A forward pass of the hierarchical optimizer in NumPy, tensor by tensor, written from the paper's equations alone."""

import numpy as np

SCALES = 4


def sigmoid(value):
    return 1 / (1 + np.exp(-value))


def gru(weights, level, inputs, state, bias):
    """Rows are items; the bias has a third for the reset gate, the update gate and the candidate."""
    size = state.shape[1]
    gates = sigmoid(
        np.hstack([inputs, state]) @ weights[f"{level}.gates.kernel"]
        + weights[f"{level}.gates.bias"]
        + bias[:, : 2 * size]
    )
    reset, update = gates[:, :size], gates[:, size:]
    proposed = np.tanh(
        np.hstack([inputs, reset * state]) @ weights[f"{level}.candidate.kernel"]
        + weights[f"{level}.candidate.bias"]
        + bias[:, 2 * size :]
    )
    return update * state + (1 - update) * proposed


def told(weights, name, state):
    return state @ weights[f"{name}.kernel"] + weights[f"{name}.bias"]


def forward(weights, sizes, log_rate, global_input):
    """A function from a gradient of all elements to the step of all elements, which remembers."""
    ends = np.cumsum(sizes)[:-1]
    rates = np.split(log_rate, ends)
    states = [
        {
            "h": np.tile(weights["parameter.start"], (size, 1)),
            "t": weights["tensor.start"][None],
            "a": np.zeros((size, SCALES)),
            "v": np.zeros((size, SCALES)),
            "l": rate[:, None],
            "d": np.zeros((size, 1)),
            "e": np.zeros((size, 1)),
        }
        for size, rate in zip(sizes, rates, strict=True)
    ]
    world = {"g": weights["task.start"][None]}

    def step(gradient):
        mean_rate = np.mean(np.concatenate([state["l"] for state in states]))
        steps, seen = [], []
        for state, slope in zip(states, np.split(gradient[:, None], ends), strict=True):
            decays = np.hstack([state["d"] ** (0.5**scale) for scale in range(SCALES)])
            state["a"] = (1 - decays) * slope + decays * state["a"]
            state["v"] = (1 - state["e"]) * (state["a"] ** 2 + 1e-12) + state["e"] * state["v"]
            scaled = np.arcsinh(state["a"] / np.sqrt(state["v"] + 1e-16))
            logs = np.log(state["v"] + 1e-16)
            inputs = np.hstack(
                [
                    scaled,
                    scaled[:, :-1] * scaled[:, 1:],
                    logs - logs.mean(axis=1, keepdims=True),
                    state["l"] - mean_rate,
                ]
            )
            bias = told(weights, "parameter.from_tensor", state["t"]) + told(weights, "parameter.from_task", world["g"])
            state["h"] = gru(weights, "parameter", inputs, state["h"], np.tile(bias, (len(inputs), 1)))
            pooled = np.hstack([state["h"], inputs]).mean(axis=0, keepdims=True)
            state["t"] = gru(weights, "tensor", pooled, state["t"], told(weights, "tensor.from_task", world["g"]))
            seen.append(state["t"])
            direction = state["h"] @ weights["update.kernel"] + scaled @ weights["shortcut.kernel"]
            direction /= np.sqrt(np.mean(direction**2) + 1e-16)
            state["e"] = sigmoid(told(weights, "scale_decay", state["h"]))
            state["d"] = sigmoid(told(weights, "input_decay", state["h"]))
            moved = np.clip(state["l"] + told(weights, "rate", state["h"]), -33, 33)
            share = sigmoid(weights["rate_momentum"])
            state["l"] = share * state["l"] + (1 - share) * moved
            steps.append((np.exp(moved + weights["step_offset"]) * direction)[:, 0])
        below = seen[-1] if global_input == "last" else np.mean(seen, axis=0)
        world["g"] = gru(weights, "task", below, world["g"], np.zeros((1, 3 * world["g"].shape[1])))
        return np.concatenate(steps)

    return step
