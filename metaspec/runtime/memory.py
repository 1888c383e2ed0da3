"""What tells that memory was used up, and what a plan could do about it."""

from __future__ import annotations

from pathlib import Path

from metaspec.plan.copies import exchange_of_weights
from metaspec.plan.memory import advice, amount
from metaspec.plan.model import Plan

_NAMES = ("MemoryError", "ResourceExhaustedError", "OutOfMemoryError")  # Python's, TensorFlow's, Ray's
_SAID = ("bad_alloc", "RESOURCE_EXHAUSTED", "ut of memory", "OOM when allocating", "Cannot allocate memory")
_READ = 65_536  # bytes at the end of a log that are looked at
_COUNTERS = Path("/proc/vmstat")


def exhausted(problem: BaseException) -> bool:
    """Whether an exception says so. Its classes are known by name, since the driver does not import TensorFlow."""
    named = any(each.__name__ in _NAMES for each in type(problem).__mro__)
    return named or "RESOURCE_EXHAUSTED" in str(problem)


def kills() -> int:
    """Processes that the kernel has killed for want of memory since it started; 0 where it does not say."""
    try:
        lines = _COUNTERS.read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("oom_kill "))


def complained(log: Path, start: int) -> bool:
    """Whether the log says so from its byte `start` on: the last words of a process whose allocator gave up."""
    try:
        with log.open("rb") as file:
            file.seek(max(start, log.stat().st_size - _READ))
            text = file.read().decode(errors="replace")
    except OSError:
        return False
    return any(words in text for words in _SAID)


def ways_out(plan: Plan) -> tuple[str, ...]:
    """What would need less memory, those that keep the result first."""
    spec, execution = plan.spec, plan.execution
    found = []
    workers = getattr(spec.schedule, "workers", 1)
    if workers > 1:
        found.append(f"`schedule.workers` below {workers} leaves more for each; the result stays the same")
    largest = max((shard.count for shard in execution.shards), default=1)
    if execution.mode == "shards" and spec.models and 1 < largest <= execution.chunk:
        found.append(
            f"`train {{ shards = {2 * len(execution.shards)} }}` halves the tasks that stand on the task axis at a time, "
            f"now {largest}"
        )
    found += advice(plan, above=0)
    if exchange_of_weights(spec) or execution.mode == "stretches":
        found.append(f"fewer `train.tasks` than {plan.tasks_per_update}")
    found.append(
        f"the plan counts about {amount(plan.estimate.memory)} for a meta-gradient: fewer inner steps, support or query "
        "items, or a smaller model need less"
    )
    return tuple(dict.fromkeys(found))
