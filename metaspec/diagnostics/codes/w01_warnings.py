"""W01xx: what runs, but is probably not meant."""

from metaspec.diagnostics.codes.entry import Entry

ENTRIES = {
    "W0101": Entry(
        "no `language` line",
        "A spec says first which version of the language it is written in, so that later versions "
        "can still read it. Without the line, language 1 is taken.",
        "let ways = 5\n",
        "language 1\nlet ways = 5\n",
    ),
    "W0102": Entry(
        "`let` that nothing uses",
        "The name is declared and stands in no value; perhaps it is spelled otherwise where it was meant.",
        "language 1\nlet ways = 5\n",
        "language 1\nlet ways = 5\ntask a = fewshot { data = glyphs, ways = ways }\n",
    ),
    "W0103": Entry(
        "batch statistics of one item",
        "`norm = batch` takes mean and variance over the items predicted together. With one support item they are "
        "those of its own pixels.",
        "$ metaspec check one_image.meta --allow-python",
        "$ metaspec check one_image.meta --allow-python -s net.norm=layer",
    ),
    "W0104": Entry(
        "evaluation that never happens",
        "`every` is larger than the number of meta-iterations, so that only the evaluation at the end remains.",
        "language 1\ntrain { iterations = 100 }\nevaluate { every = 500 }\n",
        "language 1\ntrain { iterations = 1_000 }\nevaluate { every = 500 }\n",
    ),
    "W0105": Entry(
        "`keep = best` without evaluations to choose from",
        "The best checkpoint is the best of the evaluations during the run, which `every` asks for.",
        "language 1\nevaluate { keep = best }\n",
        "language 1\nevaluate { keep = best, every = 500 }\n",
    ),
    "W0106": Entry(
        "checkpoint chosen on test tasks",
        "A checkpoint that was chosen because it is good on the test tasks has a test figure that is too good.",
        "language 1\nevaluate { keep = best, every = 500, split = test }\n",
        "language 1\nevaluate { keep = best, every = 500, split = validation }\n",
    ),
    "W0107": Entry(
        "task in no cluster",
        "With clusters, a meta-iteration trains on the tasks that are in them. A task outside of all clusters is "
        "evaluated on, and never trained on.",
        "language 1\ntask a = sinusoid\ntask b = sinusoid\ncluster c { tasks = [a] }\n",
        "language 1\ntask a = sinusoid\ntask b = sinusoid\ncluster c { tasks = [a, b] }\n",
    ),
    "W0108": Entry(
        "more cluster groups than clusters",
        "A cluster group is a set of clusters. With more groups than clusters some stay empty; their workers help "
        "the others, so nothing waits for long.",
        "language 1\ntask a = sinusoid\ncluster c { tasks = [a] }\n"
        "schedule = pool { groups = balanced { count = 2 } }\n",
        "language 1\ntask a = sinusoid\ncluster c { tasks = [a] }\n"
        "schedule = pool { groups = balanced { count = 1 } }\n",
    ),
    "W0109": Entry(
        "optimizer trained with other fields",
        "The weights of a learned optimizer are loaded from a run whose optimizer had other fields, such as another "
        "`step_scale`, so they mean something else here than what was trained.",
        '# with runs/small_fc of step_scale = 0.1\ninner = small_fc { weights = load("runs/small_fc") }\n',
        'inner = small_fc { weights = load("runs/small_fc"), step_scale = 0.1 }\n',
    ),
    "W0110": Entry(
        "one copy exchanges weights",
        "Copies of the meta-model that exchange weights train apart and merge. One copy has nothing to merge with: it "
        "trains as with `exchange = gradients`, but on one worker.",
        "language 1\nschedule = pool { exchange = weights { copies = 1 } }\n",
        "language 1\nschedule = pool { exchange = weights { copies = 2 } }\n",
    ),
    "W0111": Entry(
        "folders for training and test are pooled",
        "The data lies in folders `train`, `validation` and `test` of your own, and the split divides all of it anew. "
        "`split = folders {}` takes the folders as the parts.",
        '# with faces/train/CLASS and faces/test/CLASS\ntask faces = fewshot { data = image_folder { path = "faces" } }\n',
        'task faces = fewshot { data = image_folder { path = "faces", split = folders {} } }\n',
    ),
    "W0112": Entry(
        "inner loop ends short of the minimum",
        "`implicit` gives the meta-gradient at the minimum of the inner loss. It is wrong by as much as the inner steps end "
        "short of it, which few or small ones do. `unroll` is exact for any number of steps.",
        "language 1\ntask a = sinusoid\nmodel net = mlp\n"
        "inner = sgd { init = learned(glorot_uniform), proximal = 1, lr = 0.01, steps = 1 }\n"
        "metagrad = implicit\nouter = adam\n",
        "language 1\ntask a = sinusoid\nmodel net = mlp\n"
        "inner = sgd { init = learned(glorot_uniform), proximal = 1, lr = 0.1, steps = 30 }\n"
        "metagrad = implicit\nouter = adam\n",
    ),
    "W0113": Entry(
        "folders or files passed over",
        "In a folder of classes, a folder without a picture is no class, and a file whose name does not end as that of a "
        "picture is no item. The message has their number and names the first.",
        "# with faces/anna/001.dat beside pictures, and faces/otto empty\n"
        'task faces = fewshot { data = image_folder { path = "faces" } }\n',
        "# with faces/anna/001.png, and without faces/otto\n"
        'task faces = fewshot { data = image_folder { path = "faces" } }\n',
    ),
    "W0114": Entry(
        "field without effect",
        "`fewshot` tasks draw from classes, which `split` divides; a `training` task takes every class, and `validation` and "
        "`test` of the data divide the items of each. What is written for the other of the two counts nothing.",
        'language 1\ntask faces = fewshot { data = image_folder { path = "faces", test = 0.3 } }\n',
        "language 1\n"
        'task faces = fewshot { data = image_folder { path = "faces", split = fractions { test = 0.3 } } }\n',
    ),
    "W0115": Entry(
        "workers without work",
        "The schedule has more workers than a meta-iteration has shards or copies. Those without any work are not started. "
        "`train { shards }` cuts a meta-iteration finer, as long as it has tasks.",
        "language 1\nschedule = pool { workers = 64 }\ntrain { tasks = 4 }\n",
        "language 1\nschedule = pool { workers = 4 }\ntrain { tasks = 4 }\n",
    ),
    "W0116": Entry(
        "staleness is cut short",
        "With `staleness = k` a copy may be k meta-iterations ahead of the slowest one. Whenever a run evaluates or writes "
        "a checkpoint, all copies have done the same number, so they wait for each other: where that happens every k "
        "meta-iterations or more often, no copy ever gets as far ahead.",
        "language 1\nschedule = pool { exchange = weights { staleness = 3 } }\nevaluate { every = 1 }\n",
        "language 1\nschedule = pool { exchange = weights { staleness = 3 } }\nevaluate { every = 100 }\n",
    ),
    "W0117": Entry(
        "windows without a meta-gradient",
        "`es` and `pes` estimate a meta-gradient from the objective of one window. With `objective = final`, the default of a "
        "model, only the window with the last inner step has any: in all others the estimate is zero, and the outer method "
        "moves by its momentum alone.",
        "language 1\ninner = sgd { lr = learned(0.1), steps = 100 }\nmetagrad = pes { window = 20 }\n",
        "language 1\ninner = sgd { lr = learned(0.1), steps = 100 }\nmetagrad = pes { window = 20 }\n"
        "train { objective = mean }\n",
    ),
}
