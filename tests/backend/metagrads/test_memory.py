"""The memory of implicit meta-gradients does not grow with the inner steps; that of unrolled ones does."""

import json
import subprocess
import sys

import pytest

PROGRAM = """
import json, resource, sys
import tensorflow as tf
tf.config.threading.set_intra_op_parallelism_threads(1)
from metaspec.plan import make
from metaspec.backend.program import Program
from metaspec.resolve import resolve
from metaspec.source import Source
text = '''language 1
task t = sinusoid { shots = 2_000, queries = 10 }
model net = mlp { hidden = [128, 128] }
inner = sgd { init = learned(glorot_uniform), steps = %s, lr = 0.01, proximal = 1.0 }
metagrad = %s
outer = sgd {}
train { tasks = 1 }'''
plan = make(resolve(Source("memory", text % (sys.argv[1], sys.argv[2]))).spec)
program = Program(plan, None)
program.gradient(program.start(), 0, plan.execution.shards[0])
print(json.dumps(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))
"""


def peak(steps: int, metagrad: str) -> float:
    """The largest resident memory of one meta-iteration in a process of its own, in MiB."""
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(steps), metagrad], capture_output=True, text=True, check=True
    )
    return json.loads(run.stdout.splitlines()[-1])


@pytest.mark.slow
def test_implicit_is_flat():
    found = {steps: peak(steps, "implicit { solver = cg { iterations = 5 } }") for steps in (5, 50, 500)}
    # The same within what two runs of one program differ by; one kept step alone would take 5 MiB.
    assert max(found.values()) - min(found.values()) < 60, found
    assert peak(500, "unroll {}") > found[500] + 500
