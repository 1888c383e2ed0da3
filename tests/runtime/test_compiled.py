"""Kept code of graphs: the same bits with and without it, loaded and not compiled again, and no run fails for it."""

import os
from pathlib import Path

import pytest
from PIL import Image

from metaspec.plan import make
from metaspec.resolve.checks.readiness import not_ready
from metaspec.resolve.pipeline import resolve
from metaspec.runtime import compiled, run
from metaspec.runtime.errors import RunError
from metaspec.runtime.events import Warned
from metaspec.source import Source

TEXT = """language 1
task glyphs = fewshot { data = glyphs {}, ways = 2, shots = 1, queries = 1 }
model net = conv4 { filters = 4 }
inner = maml { steps = 1, lr = 0.1 }
outer = adam { lr = 1e-2 }
train { iterations = 2, tasks = 8, seed = 1 }
schedule = pool { workers = WORKERS }
evaluate { tasks = 4 }
"""


def plan_of(workers: int = 1):
    resolved = resolve(Source("glyphs.meta", TEXT.replace("WORKERS", str(workers))))
    assert resolved.spec is not None, resolved.diagnostics
    return make(resolved.spec, name="glyphs")


def entries(cache: Path) -> set[str]:
    return {path.name for path in (cache / "compiled").glob("*/*.pb")}


@pytest.mark.slow
def test_the_same_bits_whether_compiled_here_before_or_never_kept(tmp_path):
    cache, closed = tmp_path / "cache", tmp_path / "closed"
    cold = run(plan_of(), tmp_path / "cold", cache=cache)
    kept = entries(cache)
    assert len(kept) == 2  # the meta-gradient of a shard, and the evaluation
    warm = run(plan_of(2), tmp_path / "warm", cache=cache)
    assert entries(cache) == kept
    shared = run(plan_of(2), tmp_path / "shared", cache=tmp_path / "other")  # two processes compile a part each
    assert entries(tmp_path / "other") == kept
    closed.mkdir()
    (closed / "compiled").write_text("a file where the folder should be")
    warnings = []
    never = run(plan_of(), tmp_path / "never", cache=closed, sinks=(warnings.append,))
    assert [event.code for event in warnings if isinstance(event, Warned)] == ["W0704"]
    assert cold.state == warm.state == shared.state == never.state
    assert cold.test == warm.test == never.test


@pytest.mark.slow
def test_a_picture_that_is_cut_off_is_no_matter_of_compiling(tmp_path):
    for name in "abcdef":
        (tmp_path / "own" / name).mkdir(parents=True)
        for number in range(2):
            Image.linear_gradient("L").save(tmp_path / "own" / name / f"{number}.png")
    whole = (tmp_path / "own/c/1.png").read_bytes()
    (tmp_path / "own/c/1.png").write_bytes(whole[: len(whole) // 2])
    data = f'image_folder {{ path = "{tmp_path / "own"}", size = 16, split = fractions {{ validation = 0.4, test = 0.3 }} }}'
    resolved = resolve(Source("own.meta", TEXT.replace("WORKERS", "1").replace("glyphs {}", data)))
    assert resolved.spec is not None and not_ready(resolved) == ()  # its header is right
    events = []
    with pytest.raises(RunError) as caught:
        run(make(resolved.spec, name="own"), tmp_path / "run", cache=tmp_path / "cache", sinks=(events.append,))
    assert caught.value.diagnostic.code == "E0502" and "c/1.png" in caught.value.diagnostic.message
    assert not [event for event in events if isinstance(event, Warned)]


def test_old_entries_make_room(tmp_path, monkeypatch):
    monkeypatch.setattr(compiled, "LIMIT", 250)
    for age, name in enumerate(["newest", "older", "oldest"]):
        (tmp_path / name).write_bytes(bytes(100))
        os.utime(tmp_path / name, (1e9 - age, 1e9 - age))
    assert compiled.prepare(tmp_path) is None
    assert {path.name for path in tmp_path.iterdir()} == {"newest", "older"}


def test_settings_of_the_users_own_stay():
    place = Path("/cache/compiled")
    found = compiled.environment(place, {"TF_XLA_FLAGS": "--tf_xla_auto_jit=1"})
    kept = "--tf_xla_persistent_cache_directory='/cache/compiled'"
    assert found["TF_XLA_FLAGS"].split() == ["--tf_xla_auto_jit=1", kept]
    chosen = {"TF_XLA_FLAGS": "--tf_xla_persistent_cache_directory=/elsewhere"}
    assert compiled.environment(place, chosen) == {}


def test_the_mark_is_of_the_plan_and_not_of_its_schedule(tmp_path):
    plan = plan_of(1)
    assert not compiled.filled(tmp_path, plan)
    compiled.mark_filled(tmp_path, plan)
    assert compiled.filled(tmp_path, plan_of(2))
    inner = plan.spec.inner.model_copy(update={"steps": 2})
    other = plan.model_copy(update={"spec": plan.spec.model_copy(update={"inner": inner})})
    assert not compiled.filled(tmp_path, other)
