"""Sinusoids on one core: metaspec's stretches against JAX's calls and scans, and a loop of PyTorch."""

from __future__ import annotations

from contextlib import ExitStack
from statistics import median

from benchmarks.contest import TOLERANCE, Place, Row, compare
from benchmarks.measure import Lane, in_turns, ratio
from benchmarks.memory import Sampler
from benchmarks.problems import STRETCH, Problem

JAX, TORCH, OURS = "benchmarks.peers.jax_sinusoid", "benchmarks.peers.torch_maml", "benchmarks.metaspec_side"
TORCH_ITERATIONS = 10


def run(problem: Problem, place: Place, rounds: int) -> list[Row]:
    """The rows of one problem; all competitors are bound to the same core."""
    with ExitStack() as opened:
        reference = str(place.folder / "reference.npz")
        ours = place.start(opened, "metaspec", OURS, one_core=True)
        with Sampler(ours.pid) as memory:
            first = ours.ask(
                "open",
                spec=str(place.folder / problem.spec),
                overrides=list(problem.overrides),
                cache=str(place.folder / "cache"),
            )["first"]
            ours.ask("round", iterations=STRETCH)
        jax = place.start(opened, "JAX", JAX, one_core=True)
        ours.ask("gradient", path=reference)
        with Sampler(jax.pid) as jax_memory:
            compiled = jax.ask("open", path=reference, steps=problem.steps, length=STRETCH)
        torch = place.start(opened, "PyTorch", TORCH, one_core=True)
        torch.ask("open", path=reference, steps=problem.steps)
        worst = compare([jax, torch], place.folder / "reference.npz", place.folder)

        def lane(variant: str) -> Lane:
            run = lambda n: jax.ask("round", variant=variant, iterations=n)["seconds"]  # noqa: E731
            return Lane(JAX_NAMES[variant], problem.iterations, run)

        speeds = in_turns(
            [
                Lane("metaspec", problem.iterations, lambda n: ours.ask("round", iterations=n)["seconds"]),
                *(lane(variant) for variant in JAX_NAMES),
                Lane("PyTorch loop", TORCH_ITERATIONS, lambda n: torch.ask("round", iterations=n)["seconds"]),
                Lane("metaspec, one call each", STRETCH, lambda n: ours.ask("single", iterations=n)["seconds"]),
            ],
            rounds,
        )
    drawn = JAX_NAMES["drawn"]
    better = max((JAX_NAMES["call"], JAX_NAMES["scan"]), key=lambda name: median(speeds[name]))
    one = 1e3 / median(speeds["metaspec, one call each"]) - 1e3 / median(speeds["metaspec"])
    place.figures += [(problem.name, name, f"{median(found):.0f} meta-iterations/s") for name, found in speeds.items()]
    place.figures += [
        (problem.name, "a call outside a stretch costs", f"{one:.2f} ms more than a meta-iteration inside"),
        (problem.name, "peak of one process", f"metaspec {memory.each:.0f} MiB, JAX {jax_memory.each:.0f} MiB"),
        (
            problem.name,
            "first update after",
            f"metaspec {first:.1f} s; {STRETCH} of JAX {compiled['call']:.1f} s, as a scan {compiled['scan']:.1f} s",
        ),
        (problem.name, "meta-gradients", f"largest relative difference {worst:.1e} (allowed {TOLERANCE:g}, float64)"),
    ]
    return [
        Row(problem.name, f"speed, metaspec / {better}", ratio(speeds, "metaspec", better), 1.0),
        Row(problem.name, f"speed, metaspec / {drawn}", ratio(speeds, "metaspec", drawn), None),
        Row(problem.name, "speed, metaspec / PyTorch loop", ratio(speeds, "metaspec", "PyTorch loop"), None),
    ]


JAX_NAMES = {"call": "JAX, a jit call a step", "scan": "JAX, lax.scan", "drawn": "JAX, lax.scan, tasks drawn before"}
