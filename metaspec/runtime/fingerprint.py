"""The environment of a run: what else, besides the plan, its bits may depend on."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from pathlib import Path

from metaspec.plan.model import Plan

_PACKAGES = ("metaspec", "tensorflow", "tensorflow_cpu", "numpy", "keras", "safetensors")


def fingerprint(plan: Plan) -> dict[str, str | int | bool]:
    """Versions, threads and processor, without importing what it names. Values are JSON."""
    found: dict[str, str | int | bool] = {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }
    for name in _PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue  # TensorFlow comes under one of two names
    return found | {
        "processor": processor(),
        "threads": 1,
        "onednn": os.environ.get("TF_ENABLE_ONEDNN_OPTS", "default"),
        "jit": plan.execution.compiled,
        "device": plan.spec.train.device,
        "precision": plan.spec.train.precision,
    }


def differences(before: dict, now: dict) -> tuple[str, ...]:
    """What differs between two environments, one phrase each."""
    return tuple(
        f"{key} was {before.get(key, 'absent')} and is now {now.get(key, 'absent')}"
        for key in before | now
        if before.get(key) != now.get(key)
    )


def processor() -> str:
    """The processor's model, which decides what instructions TensorFlow's kernels take."""
    table = Path("/proc/cpuinfo")
    if table.exists():
        for line in table.read_text().splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()
