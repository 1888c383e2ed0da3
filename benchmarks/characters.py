"""Characters: metaspec with two workers and with one, JAX with two threads and with one, a loop of PyTorch."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import fixture
from benchmarks.contest import TOLERANCE, Place, Row, compare
from benchmarks.measure import Lane, in_turns, ratio
from benchmarks.memory import Sampler
from benchmarks.problems import Problem

JAX, TORCH, OURS = "benchmarks.peers.jax_characters", "benchmarks.peers.torch_maml", "benchmarks.metaspec_side"


def run(problem: Problem, place: Place, rounds: int) -> list[Row]:
    """The rows of one problem. Memory is sampled while a competitor is the only one of its library."""
    with ExitStack() as opened:
        spec = str(place.folder / problem.spec)
        shared = str(place.folder / "cache")
        one = [*problem.overrides, "schedule.workers=1"]
        ours = place.start(opened, "metaspec", OURS)
        with Sampler(ours.pid) as memory:
            cold = ours.ask("open", spec=spec, overrides=list(problem.overrides), cache=shared)["first"]
            ours.ask("round", iterations=problem.iterations)
        alone = place.start(opened, "metaspec, 1 worker", OURS)
        warm = alone.ask("open", spec=spec, overrides=one, cache=shared)["first"]
        reference = place.folder / "reference.npz"
        alone.ask("gradient", path=str(reference))
        jax = place.start(opened, "JAX", JAX)
        with Sampler(jax.pid) as jax_memory:
            jax_first = jax.ask("open", path=str(reference), variant="vmap", method=problem.method)["first"]
            jax.ask("round", iterations=problem.iterations)
        jax_one = place.start(opened, "JAX, 1 thread", JAX, one_core=True)
        jax_one.ask("open", path=str(reference), variant="vmap", method=problem.method)
        mapped = place.start(opened, "JAX, lax.map", JAX, one_core=True)
        mapped.ask("open", path=str(reference), variant="map", method=problem.method)
        torch = place.start(opened, "PyTorch", TORCH)
        with Sampler(torch.pid) as torch_memory:
            torch.ask("open", path=str(reference), steps=problem.steps, method=problem.method)
            torch.ask("round", iterations=1, threads=2)
        worst = compare([jax, torch, mapped], reference, place.folder)

        def lane(name: str, competitor, iterations: int = problem.iterations, **arguments: Any) -> Lane:
            return Lane(name, iterations, lambda n: competitor.ask("round", iterations=n, **arguments)["seconds"])

        few = max(1, problem.iterations // 3)
        speeds = in_turns(
            [
                lane("metaspec, 2 workers", ours),
                lane("metaspec, 1 worker", alone),
                lane("JAX, 2 threads", jax),
                lane("JAX, 1 thread", jax_one),
                lane("JAX, 1 thread, a task at a time", mapped),
                lane("PyTorch loop, 1 thread", torch, few, threads=1),
                lane("PyTorch loop, 2 threads", torch, few, threads=2),
            ],
            rounds,
        )
    loop = max((name for name in speeds if name.startswith("PyTorch")), key=lambda name: median(speeds[name]))
    for_each = {name: problem.tasks * median(found) for name, found in speeds.items()}
    half, less = (2.0, 1.0) if problem.name.endswith("15") else (None, None)
    faster, than_loop = (1.7, 3.5) if problem.method == "maml" else (1.5, None)
    best = "metaspec, 2 workers"
    rows = [
        Row(problem.name, "speed, 2 workers / JAX with 2 threads", ratio(speeds, best, "JAX, 2 threads"), faster),
        Row(problem.name, f"speed, 2 workers / {loop}", ratio(speeds, best, loop), than_loop),
        Row(problem.name, "memory, JAX / one worker (peak)", jax_memory.each / memory.each, half),
        Row(problem.name, "memory, JAX / all processes (PSS)", jax_memory.together / memory.together, less),
        Row(problem.name, "speed, 2 workers / 1 worker", ratio(speeds, best, "metaspec, 1 worker"), None),
        Row(
            problem.name,
            "speed, 1 worker / JAX, 1 thread, a task at a time",
            ratio(speeds, "metaspec, 1 worker", "JAX, 1 thread, a task at a time"),
            None,
        ),
    ]
    place.figures += [(problem.name, f"{name}", f"{value:.0f} tasks/s") for name, value in for_each.items()]
    place.figures += [
        (
            problem.name,
            "peak of one process / PSS of all",
            ", ".join(
                f"{name} {found.each:.0f} / {found.together:.0f} MiB"
                for name, found in (("metaspec", memory), ("JAX", jax_memory), ("PyTorch", torch_memory))
            ),
        ),
        (problem.name, "peak of the process that compiles", f"{memory.brief:.0f} MiB, ended before the workers start"),
        (
            problem.name,
            "first update after",
            f"metaspec {cold:.1f} s, compiled before {warm:.1f} s, JAX {jax_first:.1f} s",
        ),
        (problem.name, "meta-gradients", f"largest relative difference {worst:.1e} (allowed {TOLERANCE:g}, float64)"),
    ]
    return rows


def prepare(folder: Path, specs: Path) -> None:
    fixture.write_items(folder / "items.npz")
    for spec in specs.glob("*.meta"):
        (folder / spec.name).write_text(spec.read_text(encoding="utf-8"), encoding="utf-8")
