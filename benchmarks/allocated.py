"""What compiled meta-gradients allocate, as XLA reports it, beside what `plan` says: `python -m benchmarks.allocated`.

Each row is a process of its own. `plan` counts one shard's meta-gradient; the report is of its largest program.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

MIB = 2**20


@contextmanager
def reported() -> Iterator[Callable[[], int]]:
    """Within it, a function of the largest number of bytes that a program compiled so far allocates.

    To be entered before XLA has compiled anything in the process: it reads its flags once.
    """
    with tempfile.TemporaryDirectory() as name:
        os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} --xla_dump_to={name}".strip()

        def largest() -> int:
            reports = [path.read_text() for path in Path(name).glob("*memory-usage-report.txt")]
            return max(int(re.search(r"Total bytes used: (\d+)", report)[1]) for report in reports)

        yield largest


LINE = "sinusoid { shots = 400, queries = 10 }"
NETWORK = "mlp { hidden = [64, 64] }"
PICTURES = "fewshot { data = glyphs {}, ways = 5, shots = 5, queries = 5 }"
CONVOLUTION = "conv4 { filters = 16 }"
L2 = "l2 = learned(1e-3, per = layer, scale = log)"
SGD = f"sgd {{ steps = 20, lr = 0.01, {L2} }}"
WEIGHTS = "weights = learned(random), steps = 20"


def case(
    metagrad: str,
    inner: str = SGD,
    task: str = LINE,
    model: str = NETWORK,
    outer: str = "adam {}",
    train: str = "tasks = 1",
) -> str:
    blocks = f"task t = {task}\n" + (f"model net = {model}\n" if model else "")
    return (
        f"language 1\n{blocks}inner = {inner}\nmetagrad = {metagrad}\nouter = {outer}\n"
        f"train {{ iterations = 1, {train} }}\nevaluate {{ tasks = 1 }}\n"
    )


def scored(particles: int, tasks: int = 1) -> str:
    return case("none", outer=f"elite {{ particles = {particles} }}", train=f"tasks = {tasks}")


def moved_by(inner: str, metagrad: str = "unroll {}") -> str:
    return case(metagrad, inner=inner)


CASES = {
    "unroll": case("unroll {}"),
    "unroll, order 1": case("unroll { order = 1 }"),
    "unroll, sqrt": case("unroll { checkpoint = sqrt }"),
    "forward": case("forward {}"),
    "implicit": case("implicit {}"),
    "reptile": case("reptile {}", inner="sgd { init = learned(glorot_uniform), steps = 20, lr = 0.01 }"),
    "truncated": case("truncated { window = 5 }"),
    "truncated, 8 tasks": case("truncated { window = 5 }", train="tasks = 8, shards = 1"),
    "es, 64 pairs": case("es {}"),
    "pes, 64 pairs": case("pes { window = 5 }"),
    "elite, 8": scored(8),
    "elite, 512": scored(512),
    "elite, 8, 8 tasks": scored(8, 8),
    "momentum": moved_by(f"momentum {{ steps = 20, lr = 0.01, {L2} }}"),
    "rmsprop": moved_by(f"rmsprop {{ steps = 20, lr = 0.01, {L2} }}"),
    "adam": moved_by(f"adam {{ steps = 20, lr = 0.01, {L2} }}"),
    "lbfgs": moved_by(f"lbfgs {{ steps = 20, {L2} }}"),
    "learned_adam": moved_by(f"learned_adam {{ {WEIGHTS} }}", "truncated { window = 20 }"),
    "small_fc": moved_by(f"small_fc {{ {WEIGHTS} }}", "truncated { window = 20 }"),
    "mlp_optimizer": moved_by(f"mlp_optimizer {{ {WEIGHTS} }}", "truncated { window = 20 }"),
    "coordinate_rnn": moved_by(f"coordinate_rnn {{ {WEIGHTS} }}", "truncated { window = 20 }"),
    "hierarchical_rnn": moved_by(f"hierarchical_rnn {{ {WEIGHTS} }}", "truncated { window = 20 }"),
    "mlp_optimizer, es": moved_by(f"mlp_optimizer {{ {WEIGHTS} }}", "es { window = 20, particles = 8 }"),
    "pictures, unroll": case("unroll {}", f"sgd {{ steps = 5, lr = 0.01, {L2} }}", PICTURES, CONVOLUTION),
    "pictures, implicit": case("implicit {}", f"sgd {{ steps = 5, lr = 0.01, {L2} }}", PICTURES, CONVOLUTION),
    "pictures, warm, 8 tasks": case(
        "unroll {}",
        f"sgd {{ steps = 5, lr = 0.01, {L2} }}",
        PICTURES,
        CONVOLUTION,
        train="tasks = 8, shards = 1, warm_start = true",
    ),
    "problems, hierarchical_rnn": case(
        "truncated { window = 20 }",
        f"hierarchical_rnn {{ {WEIGHTS} }}",
        "problems { of = quadratic { size = 1_000 }, instances = 4 }",
        "",
        train="tasks = 4",
    ),
    "problems, adam": case(
        "truncated { window = 20 }",
        "adam { steps = 20, lr = learned(0.01) }",
        "problems { of = quadratic { size = 1_000 }, instances = 4 }",
        "",
        train="tasks = 4",
    ),
}


def planned(name: str):
    from metaspec.plan import make
    from metaspec.resolve import resolve
    from metaspec.source import Source

    found = make(resolve(Source(f"{name}.meta", CASES[name])).required())
    if found.execution.mode != "stretches":
        return found
    return found.model_copy(update={"execution": found.execution.model_copy(update={"mode": "shards"})})


def measured(name: str) -> tuple[int, int]:
    """Bytes allocated and planned, in this process, in which XLA has compiled nothing before."""
    from metaspec.runtime import threads

    threads.limit("cpu")
    with reported() as largest:
        from metaspec.backend.program import Program

        plan = planned(name)
        program = Program(plan)
        program.gradient(program.start(), 0, plan.execution.shards[0])
        return largest(), plan.estimate.memory


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", nargs="*", default=list(CASES), choices=CASES)
    parser.add_argument("--row", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.row:
        print(json.dumps(measured(given.row)))
        return
    print("| meta-gradient | allocated MiB | planned MiB | planned / allocated |\n|---|---|---|---|")
    for name in given.cases:
        call = [sys.executable, "-m", "benchmarks.allocated", "--row", name]
        answer = subprocess.run(call, capture_output=True, text=True)
        if answer.returncode:
            sys.exit(f"{name}:\n{answer.stderr}")
        used, said = json.loads(answer.stdout.splitlines()[-1])
        print(f"| {name} | {used / MIB:.3g} | {said / MIB:.3g} | {said / used:.2f} |", flush=True)


if __name__ == "__main__":
    main()
