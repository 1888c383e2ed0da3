"""The hash of a run's final parameters, however it is executed: `python -m benchmarks.same_bits`.

One small spec (characters, second order, batch normalisation) with one, two and three workers; with ten workers
killed on the way; and with the whole run killed and taken up again. Every line must show the same hash.
"""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SPEC = """language 1
task characters = fewshot { data = glyphs {}, ways = 5, shots = 1, queries = 3 }
model net = conv4 { filters = 16 }
inner = maml { steps = 1, lr = 0.4 }
outer = adam { lr = 1e-3 }
train { iterations = 300, tasks = 16, seed = 3, checkpoint = 25 }
schedule = pool {}
evaluate { tasks = 40, steps = 2 }
"""
KILLS = 10


def start(spec: Path, folder: Path, workers: int, *options: str) -> subprocess.Popen:
    command = [sys.executable, "-m", "metaspec", "run", spec, "--json", "--out", folder, "--workers", workers, *options]
    return subprocess.Popen(
        [str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )


def finished(process: subprocess.Popen) -> str:
    return json.loads(process.communicate()[0])["parameters"]


def events(folder: Path) -> list[dict]:
    path = folder / "events.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def updates(folder: Path) -> int:
    path = folder / "metrics.jsonl"
    return path.read_text().count("\n") if path.exists() else 0


def kill_workers(process: subprocess.Popen, folder: Path, draw: random.Random) -> int:
    """Kills one worker after another, some meta-iterations apart, and says how many died before the run ended.

    Without a pause the same shard would lose its worker three times, and the run would rightly name it and stop.
    """
    killed: set[int] = set()
    after = 0
    while process.poll() is None and len(killed) < KILLS:
        time.sleep(draw.uniform(0.01, 0.05))
        if updates(folder) < after:
            continue
        alive = [event["pid"] for event in events(folder) if event["event"] == "WorkerStarted"]
        alive = [pid for pid in alive if pid not in killed and Path(f"/proc/{pid}").exists()]
        if alive:
            pid = draw.choice(alive)
            os.kill(pid, signal.SIGKILL)
            killed.add(pid)
            after = updates(folder) + draw.randint(8, 20)
    return len(killed)


def main() -> int:
    draw = random.Random(0)
    found: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        spec = place / "bits.meta"
        spec.write_text(SPEC)
        for workers in (1, 2, 3):
            found[f"{workers} worker{'s' * (workers > 1)}"] = finished(start(spec, place / f"run{workers}", workers))
            print(*list(found.items())[-1], flush=True)
        process = start(spec, place / "killed", 2)
        count = kill_workers(process, place / "killed", draw)
        found[f"2 workers, {count} of them killed"] = finished(process)
        print(*list(found.items())[-1], flush=True)
        folder, kills = place / "resumed", 0
        process = start(spec, folder, 2)
        while process.poll() is None and kills < 3:
            before = len([event for event in events(folder) if event["event"] == "Checkpointed"])
            while process.poll() is None:
                now = len([event for event in events(folder) if event["event"] == "Checkpointed"])
                if now > before:
                    break
                time.sleep(0.05)
            time.sleep(draw.uniform(0.0, 0.5))
            if process.poll() is None:
                process.kill()
                kills += 1
            process.communicate()
            process = start(spec, folder, 2, "--resume")
        found[f"2 workers, the run killed {kills} times and resumed"] = finished(process)
        print(*list(found.items())[-1], flush=True)
    same = len(set(found.values())) == 1
    print("all the same" if same else "NOT the same")
    return 0 if same else 1


if __name__ == "__main__":
    raise SystemExit(main())
