"""MAML in PyTorch as the public examples write it, a loop over the tasks, `create_graph=True`; iMAML by the same loop.

Serves both problems; the parameters' names say which one it is.
"""

from __future__ import annotations

import time

import numpy as np
import torch
import torch.nn.functional as functional

from benchmarks import fixture
from benchmarks.protocol import serve

EPSILON, LAYERS = 1e-3, 4
CHARACTERS_LR, SINUSOID_LR = 0.4, 0.01
# iMAML: step size, the pull to the initial weights, iterations of conjugate gradients and their damping.
IMPLICIT_LR, PROXIMAL, ITERATIONS, DAMPING = 0.1, 2.0, 5, 1.0


def convolutional(params, x):
    for number in range(1, LAYERS + 1):
        kernel, bias, scale, shift = (params[f"conv{number}.{role}"] for role in ("kernel", "bias", "scale", "shift"))
        size = x.shape[2]
        padding = ((size + 1) // 2 - 1) * 2 + 3 - size
        before = padding // 2
        if padding % 2:  # SAME padding of an even size is one-sided, which conv2d itself does not offer
            x = functional.conv2d(functional.pad(x, (before, padding - before) * 2), kernel, bias, stride=2)
        else:
            x = functional.conv2d(x, kernel, bias, stride=2, padding=before)
        x = functional.relu(functional.batch_norm(x, None, None, scale, shift, training=True, eps=EPSILON))
    return x.mean((2, 3)) @ params["head.kernel"] + params["head.bias"]


def dense(params, x):
    for number in (1, 2):
        x = functional.relu(x @ params[f"hidden{number}.kernel"] + params[f"hidden{number}.bias"])
    return x @ params["head.kernel"] + params["head.bias"]


def inwards(array: np.ndarray) -> torch.Tensor:
    """Kernels (3, 3, c, f) become (f, c, 3, 3), pictures (tasks, items, h, w, c) become (tasks, items, c, h, w)."""
    if array.ndim == 4:
        array = array.transpose(3, 2, 0, 1)
    elif array.ndim == 5:
        array = array.transpose(0, 1, 4, 2, 3)
    tensor = torch.tensor(np.ascontiguousarray(array))
    return tensor if tensor.is_floating_point() else tensor.long()


def outwards(tensor: torch.Tensor) -> np.ndarray:
    array = tensor.detach().numpy()
    return array.transpose(2, 3, 1, 0) if array.ndim == 4 else array


def sampled(count: int, points: int) -> dict[str, torch.Tensor]:
    amplitude = 0.1 + 4.9 * torch.rand(count, 1, 1)
    phase = torch.pi * torch.rand(count, 1, 1)
    x = 10 * torch.rand(count, 2 * points, 1) - 5
    y = amplitude * torch.sin(x - phase)
    return {"support_x": x[:, :points], "support_y": y[:, :points], "query_x": x[:, points:], "query_y": y[:, points:]}


class Side:
    """The state between two requests."""

    def open(self, path: str, steps: int, method: str = "maml") -> dict:
        self.steps, self.method = steps, method
        self._take(fixture.single(path, "parameter"), fixture.single(path, "task"))
        return {}

    def _take(self, params: dict[str, np.ndarray], tasks: dict[str, np.ndarray]) -> None:
        self.params = {name: inwards(array).requires_grad_() for name, array in params.items()}
        self.tasks = {name: inwards(array) for name, array in tasks.items()}
        self.pictures = "conv1.kernel" in self.params
        self.apply = convolutional if self.pictures else dense
        self.loss = functional.cross_entropy if self.pictures else functional.mse_loss
        self.lr = CHARACTERS_LR if self.pictures else SINUSOID_LR
        self.outer = torch.optim.Adam(self.params.values(), lr=1e-3)

    def _metagradient(self, tasks: dict[str, torch.Tensor]) -> None:
        """Leaves the mean over the tasks in the parameters' `grad`."""
        count = len(tasks["support_x"])
        for task in range(count):
            if self.method == "imaml":
                self._implicit({name: tensor[task] for name, tensor in tasks.items()}, count)
                continue
            adapted = self.params
            for _ in range(self.steps):
                inner = self.loss(self.apply(adapted, tasks["support_x"][task]), tasks["support_y"][task])
                slopes = torch.autograd.grad(inner, adapted.values(), create_graph=self.method == "maml")
                adapted = {
                    name: value - self.lr * slope for (name, value), slope in zip(adapted.items(), slopes, strict=True)
                }
            query = self.loss(self.apply(adapted, tasks["query_x"][task]), tasks["query_y"][task])
            (query / count).backward()

    def _implicit(self, task: dict[str, torch.Tensor], count: int) -> None:
        """Adds PROXIMAL v / count with (H + PROXIMAL + DAMPING) v = the query gradient, at the end of the inner steps."""
        weights = [value.detach().requires_grad_() for value in self.params.values()]
        start = [value.detach() for value in weights]

        def loss(values: list[torch.Tensor], part: str) -> torch.Tensor:
            params = dict(zip(self.params, values, strict=True))
            return self.loss(self.apply(params, task[f"{part}_x"]), task[f"{part}_y"])

        for _ in range(self.steps):
            slopes = torch.autograd.grad(loss(weights, "support"), weights)
            weights = [
                (value - IMPLICIT_LR * (slope + PROXIMAL * (value - begun))).detach().requires_grad_()
                for value, slope, begun in zip(weights, slopes, start, strict=True)
            ]
        right = torch.cat([slope.flatten() for slope in torch.autograd.grad(loss(weights, "query"), weights)])
        slopes = torch.autograd.grad(loss(weights, "support"), weights, create_graph=True)
        flat = torch.cat([slope.flatten() for slope in slopes])
        solution, residual, direction = torch.zeros_like(right), right.clone(), right.clone()
        square = residual @ residual
        for _ in range(ITERATIONS):
            found = torch.autograd.grad(flat @ direction, weights, retain_graph=True)
            image = torch.cat([each.flatten() for each in found]) + (PROXIMAL + DAMPING) * direction
            curvature = direction @ image
            if curvature <= 0:  # as metaspec has it
                break
            share = square / curvature
            solution, residual = solution + share * direction, residual - share * image
            before, square = square, residual @ residual
            direction = residual + square / before * direction
        pieces = torch.split(PROXIMAL / count * solution, [value.numel() for value in weights])
        for parameter, piece in zip(self.params.values(), pieces, strict=True):
            own = piece.reshape(parameter.shape)
            parameter.grad = own if parameter.grad is None else parameter.grad + own

    def gradient(self, source: str, path: str) -> dict:
        """In float64, of the parameters and tasks in the file `source`; what `open` read is taken again after it."""
        kept = self.params, self.tasks, self.outer
        self._take(fixture.doubled(source, "parameter"), fixture.doubled(source, "task"))
        self._metagradient(self.tasks)
        fixture.save(path, gradient={name: outwards(value.grad) for name, value in self.params.items()})
        self.params, self.tasks, self.outer = kept
        return {}

    def round(self, iterations: int, threads: int = 1) -> dict:
        torch.set_num_threads(threads)
        began = time.perf_counter()
        for _ in range(iterations):
            self.outer.zero_grad()
            self._metagradient(self.tasks if self.pictures else sampled(*self.tasks["support_x"].shape[:2]))
            self.outer.step()
        return {"seconds": time.perf_counter() - began}


if __name__ == "__main__":
    side = Side()
    serve({"open": side.open, "gradient": side.gradient, "round": side.round})
