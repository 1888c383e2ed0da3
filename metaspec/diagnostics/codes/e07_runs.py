"""E07xx, W07xx and N07xx: runs, run folders and checkpoints."""

from metaspec.diagnostics.codes.entry import Entry

ENTRIES = {
    "E0701": Entry(
        "run folder in use",
        "Another run is writing to the folder, or it already holds a finished run. Nothing is "
        "overwritten without being asked for.",
        "$ metaspec run spec.meta --out runs/a\n$ metaspec run spec.meta --out runs/a",
        "$ metaspec run spec.meta --out runs/a\n$ metaspec run spec.meta --out runs/b",
    ),
    "E0717": Entry(
        "folder holds other things",
        "A run is asked for in a folder that is not empty and holds no run: its checkpoints and reports would lie among "
        "files of something else. A folder that a start left before anything was computed is taken again.",
        "$ metaspec run spec.meta --out pictures",
        "$ metaspec run spec.meta --out runs/pictures",
    ),
    "E0702": Entry(
        "checkpoint damaged",
        "The checksum of a checkpoint does not fit its bytes. Two checkpoints are kept, and the older "
        "one is used with a warning (W0701); this message means that none of them is whole. Only a new "
        "run helps.",
        "$ truncate -s 100 runs/a/checkpoints/*\n$ metaspec run spec.meta --out runs/a --resume",
        "$ metaspec run spec.meta --out runs/b",
    ),
    "E0703": Entry(
        "shard failed at every attempt",
        "Workers raised an error, died or hung on the same shard as often as the schedule's `attempts` "
        "allows, so that replacing them does not help. The message names the shard and its tasks, and has "
        "the last thing that was reported. "
        "`train { on_failure = skip }` leaves such shards out and counts them.",
        "language 1\nschedule = pool { workers = 64 }\n",
        "language 1\nschedule = pool { workers = 2 }\n",
    ),
    "E0704": Entry(
        "checkpoint of another plan",
        "A run can only be resumed with the spec that it was started with; otherwise the result "
        'would belong to neither. `init = load("runs/x")` starts a new run from an older one.',
        "$ metaspec run spec.meta --out runs/a --resume -s outer.lr=0.1",
        "$ metaspec run spec.meta --out runs/a --resume",
    ),
    "E0705": Entry(
        "training diverged",
        "A loss or a gradient became infinite or not a number. The message names the "
        "meta-iteration, task and inner step. A smaller step size, or `clip_norm` in `outer`, helps.",
        "language 1\ninner = maml { steps = 5, lr = 1e6 }\n",
        "language 1\ninner = maml { steps = 5, lr = 0.1 }\n",
    ),
    "E0706": Entry(
        "run folder cannot be written",
        "The disk is full, the folder is read-only, or a file stands in its place. Checkpoints are "
        "written beside the old ones and renamed when they are whole, so the last one is kept.",
        "$ chmod a-w runs\n$ metaspec run spec.meta --out runs/a",
        "$ chmod u+w runs\n$ metaspec run spec.meta --out runs/a",
    ),
    "E0707": Entry(
        "nothing computes",
        "No worker process came up, or the plan's program could not be built in it. The whole output is "
        "in workers.log in the run folder.",
        "$ ulimit -v 100000\n$ metaspec run spec.meta",
        "$ ulimit -v unlimited\n$ metaspec run spec.meta",
    ),
    "E0708": Entry(
        "nothing to resume",
        "The folder holds no run. A run that has no checkpoint yet can be resumed; it starts over.",
        "$ metaspec run spec.meta --out runs/new --resume",
        "$ metaspec run spec.meta --out runs/new",
    ),
    "E0709": Entry(
        "no run there",
        "The folder does not hold a run: it has no plan.json. A run's folder is printed when it begins "
        "and when it ends; without `--out` it lies under runs/.",
        "$ metaspec report runs",
        "$ metaspec report runs/quickstart",
    ),
    "E0710": Entry(
        "run cannot be exported",
        "`export` writes the learned optimizer of a finished run as a Python package. The run's inner method must be "
        "one, such as `hierarchical_rnn`, with weights that were trained; the package's folder must be new, and its "
        "name one that Python can import.",
        "$ metaspec export runs/quickstart --to keras",
        "$ metaspec export runs/hierarchical_rnn --to keras --out my_optimizer",
    ),
    "E0711": Entry(
        "figure not there",
        "`metaspec compare` compares one metric of several runs. One of them does not report it: the loss is there for "
        "every task, accuracy for classification alone.",
        "$ metaspec compare runs/maml runs/reptile --metric mood",
        "$ metaspec compare runs/maml runs/reptile --metric accuracy",
    ),
    "E0712": Entry(
        "no Ray cluster there",
        "`schedule = ray` runs on a cluster that is there already. None answers at the address, or Ray is not installed "
        "here (`pip install metaspec[ray]`). `auto` means the cluster that this machine belongs to.",
        'schedule = ray { address = "10.0.0.9:6379" }   # no head there\n',
        "$ ray start --head\nschedule = ray {}\n",
    ),
    "E0713": Entry(
        "no room in the Ray cluster",
        "Ray lets a worker wait until a node has the capacity that it asks for. Here none of the workers found any in half "
        "a minute.",
        "schedule = ray { cpus_per_worker = 64 }\n",
        "schedule = ray { cpus_per_worker = 1 }\n",
    ),
    "E0714": Entry(
        "memory used up",
        "A shard needed more memory than there is, at every attempt, each in a new process: TensorFlow or Python said "
        "so, or the system killed the worker for it. The message names the shard, and what would need less of it: fewer "
        "workers side by side, fewer tasks on the task axis (`train { shards }`), or a meta-gradient that keeps less "
        "(`metagrad = unroll { checkpoint = sqrt }`). `metaspec plan` counts the memory of a meta-gradient beforehand.",
        "language 1\ninner = maml { steps = 1_000, lr = 0.01 }\n",
        "language 1\ninner = maml { steps = 1_000, lr = 0.01 }\nmetagrad = unroll { checkpoint = sqrt }\n",
    ),
    "E0715": Entry(
        "no learner of that run",
        "`metaspec predict` and `metaspec.learner` adapt what a run has learned to labelled items. The run's tasks must have "
        "such items: pictures in classes, or points of a function. An optimizer, a policy or the settings of one whole "
        "training are used in other ways.",
        "$ metaspec predict runs/navigation --labelled mine picture.png",
        "$ metaspec predict runs/images --labelled mine picture.png",
    ),
    "W0701": Entry(
        "older checkpoint used",
        "The newest checkpoint does not fit its checksums. It is renamed to `damaged-...`, and the run "
        "goes on from the one before, to the same result.",
        "$ truncate -s 100 runs/a/checkpoints/000002000.json\n$ metaspec run spec.meta --out runs/a --resume",
        "$ metaspec run spec.meta --out runs/a --resume",
    ),
    "W0702": Entry(
        "resumed in another environment",
        "Versions of libraries, the processor or oneDNN differ from those that the run began with. The run "
        "goes on; its bits may differ from those of an undisturbed one.",
        "$ TF_ENABLE_ONEDNN_OPTS=0 metaspec run spec.meta --out runs/a --resume",
        "$ metaspec run spec.meta --out runs/a --resume",
    ),
    "W0703": Entry(
        "metrics missing",
        "metrics.jsonl is shorter than the checkpoint says, so somebody cut it. Training is not touched; "
        "the lines before the checkpoint stay missing.",
        "$ truncate -s 0 runs/a/metrics.jsonl\n$ metaspec run spec.meta --out runs/a --resume",
        "$ metaspec run spec.meta --out runs/a --resume",
    ),
    "W0704": Entry(
        "compiled graphs not kept",
        "The code that graphs are compiled to is kept in the cache folder, so that workers, replacements of lost "
        "workers and later runs load it instead of compiling it again. Without that every process compiles its own: "
        "the run begins some seconds later and takes more memory, and its result is the same.",
        "$ METASPEC_CACHE=/proc/nowhere metaspec run spec.meta",
        "$ METASPEC_CACHE=/var/tmp/metaspec metaspec run spec.meta",
    ),
    "W0706": Entry(
        "report without example tasks",
        "`metaspec report` computes some tasks of the run again, from data that must lie where they lay in the run. Where "
        "that fails, the page is written without them; `--no-examples` does not try.",
        "$ mv pictures elsewhere\n$ metaspec report runs/a",
        "$ mv pictures elsewhere\n$ metaspec report runs/a --no-examples",
    ),
    "N0701": Entry(
        "stopped by a signal",
        "Ctrl-C or SIGTERM: the meta-iteration under way is given up, a checkpoint is written, and the "
        "command ends with exit code 130. A second Ctrl-C ends it at once, with the checkpoint before.",
        "$ timeout 10 metaspec run spec.meta --out runs/a",
        "$ metaspec run spec.meta --out runs/a --resume",
    ),
    "W0705": Entry(
        "fewer workers than asked for",
        "The Ray cluster has room for some of the workers only. The run goes on with those, to the same result; the others "
        "start when nodes join.",
        "schedule = ray { workers = 64 }   # on two nodes of 8 CPUs\n",
        "schedule = ray { workers = 16 }\n",
    ),
}
