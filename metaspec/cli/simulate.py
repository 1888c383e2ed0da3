"""`metaspec simulate FILE`"""

from __future__ import annotations

import argparse

from metaspec.api import plan as plan_of
from metaspec.cli.arguments import add_json, add_spec, resolve_spec
from metaspec.cli.exits import ERRORS, FINE, RUN_FAILED, WRONG_USE
from metaspec.cli.output import print_diagnostics, print_json, report, wrong_use
from metaspec.diagnostics import SpecError
from metaspec.plan.copies import exchange_of_weights
from metaspec.plan.model import Plan
from metaspec.plan.simulation import Costs, Prediction, best_size, simulate

WORKERS = (1, 2, 4, 8, 16, 32, 64, 1000)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_spec(parser)
    add_json(parser)
    parser.add_argument(
        "--workers", type=int, nargs="+", metavar="N", default=WORKERS, help="numbers of workers to simulate"
    )
    parser.add_argument(
        "--failures",
        type=float,
        metavar="RATE",
        default=0.0,
        help="how often a worker is lost, in an hour (default: 0)",
    )
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    if min(options.workers) < 1 or options.failures < 0:
        wrong_use("`--workers` takes numbers of 1 or more, `--failures` a number of 0 or more")
        return WRONG_USE
    resolved = resolve_spec(options)
    try:
        plan = plan_of(resolved)
    except SpecError as failure:
        report(failure.diagnostics, options.json)
        return ERRORS
    reason = not_simulated(plan)
    if reason:
        wrong_use(f"nothing to simulate: {reason}")
        return WRONG_USE
    from metaspec.runtime.errors import RunError
    from metaspec.runtime.measuring import measure

    print_diagnostics(resolved.diagnostics)
    try:
        costs = measure(plan)
    except RunError as failure:
        print_diagnostics((failure.diagnostic,))
        return RUN_FAILED
    pieces = pieces_of(plan)
    found = [simulate(costs, pieces, workers, failures=options.failures) for workers in options.workers]
    best = None
    if not exchange_of_weights(plan.spec):
        best = [best_size(costs, sum(pieces), workers, options.failures) for workers in options.workers]
    if options.json:
        print_json(
            {
                "costs": costs._asdict(),
                "predictions": [each._asdict() for each in found],
                "best": [each._asdict() for each in best] if best else None,
            }
        )
    else:
        print("\n".join(lines(plan, costs, found, best)))
    return FINE


def not_simulated(plan: Plan) -> str | None:
    """Why a plan has no pieces of work of one kind; None where it has."""
    if plan.execution.mode == "stretches":
        return "this plan runs stretches of meta-iterations in one compiled graph, on one worker"
    if plan.execution.clusters or plan.tasks[0].instances:
        return "shards of clusters and of problems cost different times; `run` measures them, and its report shows them"
    if plan.execution.particles or plan.spec.train.warm_start or type(plan.spec.metagrad).carries:
        return "what a shard of this plan costs depends on what it carries from one meta-iteration to the next"
    return None


def pieces_of(plan: Plan) -> tuple[int, ...]:
    """Tasks of each piece of work; a copy of the meta-model is one piece."""
    exchange = exchange_of_weights(plan.spec)
    return (1,) * exchange.copies if exchange else tuple(shard.count for shard in plan.execution.shards)


def lines(plan: Plan, costs: Costs, found: list[Prediction], best: list[Prediction] | None) -> list[str]:
    copies = exchange_of_weights(plan.spec)
    what = "copy until the merge" if copies else "shard"
    told = [
        f"measured on this machine, with one worker: {1e3 * (costs.call + costs.task):.1f} ms for a {what}"
        + ("" if copies else f" of one task, {1e3 * costs.task:.1f} ms for each more")
        + f", {1e3 * costs.broadcast:.1f} ms to send the meta-parameters to a worker, {1e3 * costs.answer:.1f} ms for an "
        f"answer, {1e3 * costs.update:.1f} ms for the {'merge' if copies else 'update'}; {costs.start:.1f} s to replace "
        "a worker"
        + (f"; {costs.crowded:.2f} times as long for a {what} with {costs.cores} at once" if costs.cores > 1 else ""),
        "",
        "workers  s/meta-iteration  speed-up   idle  driver busy  done twice      whole run"
        + ("" if best is None else "   best: shards  s/meta-iteration"),
    ]
    for number, each in enumerate(found):
        whole = each.seconds * plan.spec.train.iterations
        row = (
            f"{each.workers:7}  {each.seconds:16.4f}  {each.speed_up(found[0]):8.2f}  {each.idle:5.0%}  {each.driver:11.0%}"
            f"  {each.repeated:10.1%}  {duration(whole):>13}"
        )
        if best is not None:
            row += f"  {best[number].pieces:13}  {best[number].seconds:16.4f}"
        told.append(row)
    if best is not None:
        told += ["", f"this plan has {len(plan.execution.shards)} shards; `train {{ shards = N }}` cuts it otherwise"]
    return told


def duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s"
