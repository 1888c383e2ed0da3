"""E07xx: runs, run folders and checkpoints."""

from metaspec.diagnostics.codes.entry import Entry

ENTRIES = {
    "E0701": Entry(
        "run folder in use",
        "Another run is writing to the folder, or it already holds a finished run. Nothing is "
        "overwritten without being asked for.",
        "$ metaspec run spec.meta --out runs/a\n$ metaspec run spec.meta --out runs/a",
        "$ metaspec run spec.meta --out runs/a\n$ metaspec run spec.meta --out runs/b",
    ),
    "E0702": Entry(
        "checkpoint damaged",
        "The checksum of a checkpoint does not fit its bytes. Two checkpoints are kept; the older "
        "one can be used by removing the damaged one.",
        "$ truncate -s 100 runs/a/checkpoints/2000.ckpt\n$ metaspec run spec.meta --out runs/a --resume",
        "$ rm runs/a/checkpoints/2000.ckpt\n$ metaspec run spec.meta --out runs/a --resume",
    ),
    "E0703": Entry(
        "worker failed",
        "A worker process stopped again and again on the same shard, so that replacing it does not "
        "help. The message has the last thing that it reported; often the memory was used up.",
        "language 1\nschedule = pool { workers = 64 }\n",
        "language 1\nschedule = pool { workers = 2 }\n",
    ),
    "E0704": Entry(
        "checkpoint of another plan",
        "A run can only be resumed with the spec that it was started with; otherwise the result "
        "would belong to neither. `init = load(\"runs/x\")` starts a new run from an older one.",
        "$ metaspec run spec.meta --out runs/a --resume -s outer.lr=0.1",
        "$ metaspec run spec.meta --out runs/a --resume",
    ),
    "E0705": Entry(
        "training diverged",
        "A loss or a gradient became infinite or not a number. The message names the "
        "meta-iteration, task and inner step. A smaller step size, `clip` or `on_nan = skip` helps.",
        "language 1\ninner = maml { steps = 5, lr = 1e6 }\n",
        "language 1\ninner = maml { steps = 5, lr = 0.1 }\n",
    ),
}
