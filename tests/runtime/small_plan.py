"""A plan small enough for tests: 5 shards of 3 tasks, and the faults' schedule."""

from __future__ import annotations

from metaspec.kinds.inner.sgd import Sgd
from metaspec.kinds.metagrads.unroll import Unroll
from metaspec.kinds.models.linear import Linear
from metaspec.kinds.outers.adam import Adam
from metaspec.kinds.schedules.inline import Inline
from metaspec.kinds.schedules.pool import Pool
from metaspec.kinds.tasks.sinusoid import Sinusoid
from metaspec.plan.model import Estimate, Execution, MetaTensor, Plan, Shard, TaskPlan
from metaspec.spec.blocks import Evaluate, Train
from metaspec.spec.spec import Spec
from metaspec.spec.values import Learned


def small_plan(workers=2, *, mode="shards", stretch=7, train=None, evaluate=None, schedule=None, expect=None) -> Plan:
    """workers: 0 for the inline schedule. train, evaluate, schedule: fields that differ from these."""
    spec = Spec(
        language=1,
        tasks={"line": Sinusoid()},
        models={"net": Linear()},
        inner=Sgd(init=Learned("glorot_uniform"), steps=2),
        metagrad=Unroll(),
        outer=Adam(lr=0.05),
        train=Train(**{"iterations": 30, "tasks": 15, "seed": 3, "checkpoint": 5} | (train or {})),
        schedule=Pool(**{"workers": workers} | (schedule or {})) if workers else Inline(),
        evaluate=Evaluate(**{"every": 10, "tasks": 12, "keep": "best"} | (evaluate or {})),
        expect=expect,
    )
    return Plan(
        name="small",
        spec=spec,
        tasks=(TaskPlan(name="line", inputs=(40,), outputs=1, loss="mean_squared_error", support=10, query=10),),
        parameters=(),
        meta=(MetaTensor(key="init/w", meta_parameter="init", shape=(40,), start="random"),),
        steps=2,
        evaluation_steps=2,
        tasks_per_iteration=15 * getattr(getattr(spec.schedule, "exchange", None), "updates", 1),
        execution=Execution(
            mode=mode,
            stretch=stretch,
            chunk=3,
            compiled=False,
            shards=tuple(Shard(index=n, task="line", first=3 * n, count=3) for n in range(5)),
            evaluation=tuple(Shard(index=n, task="line", first=4 * n, count=4) for n in range(3)),
        ),
        estimate=Estimate(operations=0, memory=0, exchanged=160),
        reasons=(),
    )
