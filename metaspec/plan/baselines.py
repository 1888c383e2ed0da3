"""Hand-designed optimizers that a learned one is compared with: the grid of their step sizes, and their plans."""

from __future__ import annotations

from pydantic import create_model

from metaspec.kinds import registry
from metaspec.plan.model import MetaTensor, Plan
from metaspec.spec.gradient import GradientInner
from metaspec.spec.spec import Spec
from metaspec.spec.values import Learned

# Step sizes that every baseline is tuned over: two for each decade from 1e-6 to 10.
RATES = tuple(10.0 ** (half / 2) for half in range(-12, 3))
RATE = "inner.lr"


def baseline_plan(plan: Plan, name: str) -> Plan:
    """The plan with another inner method, whose step size is an argument of the graphs: one for all of the grid.

    It sees the batches that the plan's own sees, starts at the same weights and takes the same steps. Nothing trains.
    """
    spec = plan.spec
    lr: Learned[float] = Learned(start=RATES[0], name=RATE)
    return plan.model_copy(
        update={
            "spec": spec.model_copy(
                update={
                    "inner": _inner(spec, name, lr),
                    "metagrad": registry.load("metagrads", "unroll")(),
                    "outer": registry.load("outers", "sgd")(),
                    "train": spec.train.model_copy(update={"objective": None, "warm_start": False}),
                }
            ),
            "meta": (MetaTensor(key=RATE, meta_parameter=RATE, shape=(), start=RATES[0]),),
            "execution": plan.execution.model_copy(update={"mode": "shards", "particles": 0}),
        }
    )


def _inner(spec: Spec, name: str, lr: Learned[float]) -> GradientInner:
    own = spec.inner
    kept = {field: getattr(own, field) for field in ("init", "adapt", "steps") if hasattr(own, field)}
    kind = registry.load_as(GradientInner, name)
    if not hasattr(own, "data_batches"):
        return kind(lr=lr, **kept)
    # A field that only learned optimizers have: how many batches one step sees.
    return create_model(kind.__name__, __base__=kind, data_batches=(int, own.data_batches))(lr=lr, **kept)
