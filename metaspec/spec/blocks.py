"""Blocks without kinds: train, evaluate, expect and sweep."""

from typing import Literal

from metaspec.spec.base import ClusterName, Count, Frozen, Size, TaskName, field
from metaspec.spec.values import MultiStep, Weighted


class Train(Frozen):
    """The outer loop."""

    iterations: Size = field(1000, doc="meta-iterations, each one outer update; 0 only evaluates")
    tasks: Count | None = field(
        None,
        doc="tasks of one meta-iteration, of each cluster where there are any; 1 for `training` tasks, else 16 where absent",
    )
    seed: Size = field(0, doc="seed of every random number of the run")
    on: tuple[TaskName, ...] = field((), doc="task blocks to train on; all of them where absent, in equal shares")
    clusters: Literal["all"] | Count = field("all", doc="clusters of one meta-iteration; with a number they take turns")
    order: Literal["random", "by_size", "curriculum"] | tuple[ClusterName, ...] = field(
        "random", doc="the order in which clusters take turns, where a meta-iteration does not use all of them"
    )
    objective: Literal["final", "mean", "log"] | Weighted | MultiStep | None = field(
        None, doc="what is differentiated: the query loss after the last inner step, or over the steps"
    )
    reduce: Literal["mean", "sum"] = field("mean", doc="how the tasks' meta-gradients become one")
    shards: Count | None = field(
        None,
        doc="shards of a meta-iteration without clusters, at most one for each task; 8 where absent. More keep more "
        "workers busy; another number adds in another order, so bits may differ",
    )
    precision: Literal["float32", "float64"] = field("float32", doc="precision of all numbers")
    device: Literal["cpu", "gpu"] = field("cpu", doc="where graphs run")
    warm_start: bool = field(False, doc="whether the inner solution carries over between meta-iterations")
    checkpoint: Count = field(500, doc="meta-iterations between two checkpoints")
    on_failure: Literal["stop", "skip"] = field("stop", doc="what to do with a shard that failed at every attempt")

    @property
    def width(self) -> int:
        """Bytes of a number in this precision."""
        return 8 if self.precision == "float64" else 4


class Evaluate(Frozen):
    """Adaptation to held-out tasks, during the run and at its end."""

    every: Count | None = field(None, doc="meta-iterations between two evaluations; only at the end where absent")
    tasks: Count | None = field(None, doc="tasks of one evaluation; 4 for `training` tasks, else 600 where absent")
    steps: Size | None = field(None, doc="inner steps of adaptation; as many as `inner.steps` where absent")
    split: Literal["train", "validation", "test"] = field(
        "validation", doc="whose tasks the evaluations during the run take"
    )
    keep: Literal["last", "best"] = field("last", doc="which meta-parameters the test figure at the end comes from")
    transductive: bool = field(
        True, doc="whether query items are predicted together, where a model normalises by its batch"
    )
    on: tuple[TaskName, ...] = field(
        (), doc="task blocks to evaluate on, trained on or not; all of the spec where absent, in equal shares"
    )
    against: tuple[Literal["sgd", "momentum", "adam", "rmsprop"], ...] = field(
        (),
        doc="baselines to compare with on the test tasks, each tuned on validation tasks: 15 step sizes, 1e-6 to 10",
    )


class Condition(Frozen):
    """One comparison of an `expect` block."""

    metric: str
    relation: Literal[">=", "<=", ">", "<", "=="]
    bound: float


class Expect(Frozen):
    """What the run should reach: the mean over the test tasks after the last evaluated step."""

    conditions: tuple[Condition, ...] = field((), doc="comparisons of a metric with a number, all of which must hold")
    source: str | None = field(None, doc="where the figure is from")


class Axis(Frozen):
    """One axis of a sweep: the paths it sets together, and the values, as text of the language, for each point."""

    paths: tuple[str, ...]
    points: tuple[tuple[str, ...], ...]


class When(Frozen):
    """Assignments for those points only in which a block is of a kind."""

    block: str
    kind: str
    assignments: tuple[tuple[str, str], ...]


class Interval(Frozen):
    """Where a search draws the number of a path from: both ends belong to it, and a whole number stays whole."""

    path: str
    distribution: Literal["uniform", "loguniform"]
    low: float
    high: float
    whole: bool = False


class Choices(Frozen):
    """What a search chooses from for a path: values, as text of the language."""

    path: str
    values: tuple[str, ...]


class Search(Frozen):
    """Trials one after the other, each drawn with a view to the validation scores of those before it."""

    space: tuple[Interval | Choices, ...] = field(doc="distributions and lists to draw from, by path")
    trials: Count = field(20, doc="number of trials, each of which is a run")
    direction: Literal["minimize", "maximize"] = field("minimize", doc="whether a smaller score is the better one")
    metric: str = field(
        "query_loss", doc="what is scored: its mean over the validation tasks after the last inner step"
    )
    sampler: Literal["tpe", "random"] = field(
        "tpe", doc="who draws: a tree-structured Parzen estimator (Bayesian), or chance alone; seeded by `train.seed`"
    )


class Sweep(Frozen):
    """Points to vary the spec over: the product of its parts, or the trials of a search.

    `sweep NAME { grid { train.seed = 0..2 } list inner { maml {} reptile {} } }` has six points, and `metaspec sweep FILE`
    runs them. A PATH is that of `-s`, such as `inner.lr`; the last part changes fastest.
    """

    axes: tuple[Axis, ...] = ()
    when: tuple[When, ...] = ()
    search: Search | None = None

    @property
    def size(self) -> int:
        if self.search is not None:
            return self.search.trials
        size = 1
        for axis in self.axes:
            size *= len(axis.points)
        return size
