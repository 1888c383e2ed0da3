"""Parts (b) to (d) of `benchmarks.paper_002`: what is learned against its plain counterpart, and evolution's reach."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.paper_002_runs import SHIPPED, SPECS, Row, on_test, over_seeds, seeds, tested, trained, verdict
from metaspec.plan.derived import derived
from metaspec.report.reading import Run
from metaspec.resolve.written import spelled

# --- (b) Distillation ----------------------------------------------------------------------------

RATE = "inner.lr=learned(0.05, scale = log)"
REAL = "digits.train_on=fixed(examples { per_class = 1, start = items })"
SETS = (
    ("ten real digits", "distill_digits", (REAL, "metagrad=unroll {}", RATE, "train.iterations=100")),
    ("ten distilled, truncated", "distill_digits", ()),
    ("ten distilled, matching", "distill_matching", ()),
    ("all digits", "distill_digits", ("digits.train_on=fixed(none)", RATE, "train.iterations=100")),
)


def distillation(out: Path, quick: bool) -> list[str]:
    """Fresh networks on ten items of the training split that were learned, on ten that were not, and on all of it."""
    extra = ("train.iterations=4", "evaluate.tasks=4") if quick else ()
    found = {}
    for name, spec, overrides in SETS:
        rows = [Row("distillation", name, SHIPPED / f"{spec}.meta", overrides, seed) for seed in seeds(quick)]
        runs = trained(out, rows, extra, at_once=2)
        found[name] = [tested(run, "accuracy") for run in runs]
    real, whole = (over_seeds(found[name]).mean for name in ("ten real digits", "all digits"))
    lines = [
        "distillation: test accuracy of fresh networks after 30 steps",
        f"  {'trained on':<28}{'accuracy':>18}{'of the gap closed':>20}",
    ]
    for name, values in found.items():
        figure = over_seeds(values)
        closed = f"{(figure.mean - real) / (whole - real):.0%}" if "distilled" in name and whole > real else ""
        lines.append(f"  {name:<28}{figure.text():>18}{closed:>20}")
    for name, spec, overrides in SETS[1:3]:
        row = Row("distillation", name, SHIPPED / f"{spec}.meta", overrides, seeds(quick)[0])
        lines.append(f"  images, {name}: {out / row.folder / 'report.html'}")
    return lines


# --- (c) Against the plain counterpart -----------------------------------------------------------


def loss(out: Path, quick: bool) -> list[str]:
    """Initial weights and step size learned with a loss that is learned too, and with the squared error alone."""
    extra = ("train.iterations=40", "evaluate.tasks=40") if quick else ()
    spec = SHIPPED / "learned_loss.meta"
    return _contest(
        out,
        extra,
        "learned loss: query loss of sinusoids after one step, 3,000 meta-iterations of 25 tasks",
        "query_loss",
        {
            "learned loss": [Row("loss", "learned", spec, (), seed) for seed in seeds(quick)],
            "squared error": [Row("loss", "plain", spec, ("inner.loss=fixed(none)",), seed) for seed in seeds(quick)],
        },
    )


def augmentation(out: Path, quick: bool) -> list[str]:
    """A small training set with a learned augmentation, and as it is."""
    extra = ("train.iterations=4", "evaluate.tasks=4") if quick else ()
    spec, plain = SHIPPED / "learned_augmentation.meta", ("digits.augment=fixed(none)", "train.iterations=0")
    return _contest(
        out,
        extra[1:],
        "learned augmentation: test accuracy of fresh networks after 60 steps on a tenth of the digits",
        "accuracy",
        {
            "augmented": [Row("augmentation", "learned", spec, extra[:1], seed) for seed in seeds(quick)],
            "plain": [Row("augmentation", "plain", spec, plain, seed) for seed in seeds(quick)],
        },
    )


SPACES = {"darts_digits": 6, "controller_digits": 3}  # the specs of the searches, and the places of their cells


def architecture(out: Path, quick: bool) -> list[str]:
    """Networks that a search has found, trained anew, and the same cell with a rectifier at every place."""
    lines: list[str] = []
    for spec, places in SPACES.items():
        extra = ("train.iterations=3",) if quick else ()
        rows = [Row("architecture", spec, SHIPPED / f"{spec}.meta", (), seed) for seed in seeds(quick)]
        chosen = [_operations(run) for run in trained(out, rows, extra, at_once=2)]
        rectified = f"fixed_ops {{ ops = [{', '.join(['relu'] * places)}] }}"
        lines += _contest(
            out,
            (),
            f"architecture of {spec}: test accuracy of the network trained anew, 200 steps",
            "accuracy",
            {
                "found": [anew(spec, "anew", text, seed) for text, seed in zip(chosen, seeds(quick), strict=True)],
                "a rectifier everywhere": [anew(spec, "relu", rectified, seed) for seed in seeds(quick)],
            },
        )
        lines += [*(f"  seed {seed}: {text}" for seed, text in zip(seeds(quick), chosen, strict=True)), ""]
    return lines[:-1]


def anew(spec: str, name: str, operations: str, seed: int) -> Row:
    """Ordinary training of a fixed architecture on the data of a search."""
    overrides = ("train.iterations=0", "train.warm_start=false", "metagrad=unroll {}", "evaluate.steps=200")
    fixed = f"net.architecture=fixed({operations})"
    return Row(
        "architecture", f"{spec} {name}", SHIPPED / f"{spec}.meta", (*overrides, "evaluate.tasks=8", fixed), seed
    )


def _operations(run: Run) -> str:
    (found,) = derived(run.plan, run.parameters).values()
    return spelled(found)


def _contest(out: Path, extra: Sequence[str], title: str, metric: str, sides: dict[str, list[Row]]) -> list[str]:
    """Two sides over the same seeds; the first is the learned one."""
    runs = trained(out, [row for rows in sides.values() for row in rows], extra, at_once=2)
    values = [tested(run, metric) for run in runs]
    count = len(values) // 2
    own, other = values[:count], values[count:]
    lines = [title]
    for name, each in zip(sides, (own, other), strict=True):
        lines.append(f"  {name:<28}{over_seeds(each).text():>18}   seeds: {', '.join(f'{v:.3f}' for v in each)}")
    return [*lines, f"  {verdict(own, other, lower_is_better=metric == 'query_loss')}"]


# --- (d) Evolution -------------------------------------------------------------------------------

GENERATIONS, RUNS = 100, 16  # of each method that samples: its meta-iterations, and inner loops of one task
TASKS = {False: 4, True: 16}  # of one update: trainings on digits, and sinusoids


def evolution_rows(many: bool, generations: int) -> dict[str, Row]:
    """By method. `many`: the initial weights for sinusoids; else two settings of a training on digits."""
    numbers, sigma, rate = ("1761", "0.02", 1e-3) if many else ("2", "0.2", 0.1)
    scored = ("metagrad=none", f"train.iterations={generations}")
    # A step of Adam is as long for a rough gradient as for a good one, and evolution has far fewer of them.
    rates = (f"outer.lr={rate:g}", f"outer.lr={rate * (10 if many else 1):g}")
    methods: dict[str, tuple[str, ...]] = {
        "nothing learned": ("train.iterations=0",),
        "back-propagation": (f"train.iterations={generations * RUNS}", rates[0]),
        "es": (f"metagrad=es {{ particles = {RUNS // 2}, sigma = {sigma} }}", scored[1], rates[1]),
        "elite": (*scored, f"outer=elite {{ particles = {RUNS}, keep = 4, deviation = {sigma} }}"),
    }
    if not many:  # a covariance for each pair of 1,761 numbers is refused when the spec is checked
        methods["cma_es"] = (*scored, f"outer=cma_es {{ particles = {RUNS}, deviation = {sigma} }}")
    spec = SPECS / ("evolution.meta" if many else "evolution_two.meta")
    return {
        name: Row("evolution", f"{numbers} {name}", spec, (*each, f"train.tasks={TASKS[many]}"))
        for name, each in methods.items()
    }


def evolution(out: Path, quick: bool) -> list[str]:
    """What the same number of inner loops reaches, by back-propagation and by three ways that only sample."""
    lines = [
        "evolution: query loss on test tasks for the same number of inner loops, one seed; step size and weight decay of "
        "a training on digits, and initial weights for sinusoids"
    ]
    for many in (False, True):
        rows = evolution_rows(many, 3 if quick else GENERATIONS)
        runs = trained(out, list(rows.values()), ("evaluate.tasks=4",) if quick else (), at_once=2)
        lines += _reached(many, dict(zip(rows, runs, strict=True)))
    return [*lines, f"  {'cma_es':<20}refused by `check`: it keeps a covariance for each pair of meta-parameters"]


def _reached(many: bool, runs: dict[str, Run]) -> list[str]:
    before, after = (tested(runs[name], "query_loss") for name in ("nothing learned", "back-propagation"))
    numbers = "1_761 numbers" if many else "2 numbers"
    lines = [
        "",
        f"  {numbers:<20}{'inner loops':>12}{'query loss':>20}{'of the gain':>13}{'s per update':>14}",
    ]
    for name, run in runs.items():
        updates = run.result.iterations
        loops = updates * TASKS[many] * (1 if name == "back-propagation" else RUNS)
        value = tested(run, "query_loss")
        gain = f"{(before - value) / (before - after):.0%}" if before != after and updates else ""
        each = f"{run.result.training_seconds / updates:.3f}" if updates else ""
        lines.append(f"  {name:<20}{loops:>12_}{on_test(run, 'query_loss').text():>20}{gain:>13}{each:>14}")
    return lines
