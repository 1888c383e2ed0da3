"""E02xx: blocks, kinds, fields and names."""

from metaspec.diagnostics.codes.entry import Entry

ENTRIES = {
    "E0201": Entry(
        "unknown block",
        "A block begins with one of the words language, import, let, task, cluster, model, inner, "
        "metagrad, outer, train, schedule, evaluate, sweep, expect. A word that is none of them is "
        "never skipped.",
        "language 1\ntrian { iterations = 100 }\n",
        "language 1\ntrain { iterations = 100 }\n",
    ),
    "E0202": Entry(
        "unknown kind",
        "The word after `=` names a kind that is legal for the block or field, or a block that was "
        "declared or imported earlier. `metaspec list` prints the kinds of each block.",
        "language 1\nmodel net = convv4 {}\n",
        "language 1\nmodel net = conv4 {}\n",
    ),
    "E0203": Entry(
        "unknown field",
        "Each kind has a fixed set of fields; `metaspec explain KIND` prints them with their ranges "
        "and defaults. An unknown field is never skipped.",
        "language 1\nouter = adam { learning_rate = 1e-3 }\n",
        "language 1\nouter = adam { lr = 1e-3 }\n",
    ),
    "E0204": Entry(
        "unknown name",
        "A name in a value must be a choice of its field, or a `let`, a task, a model or an import "
        "that stands in the file or in an imported one.",
        "language 1\nlet ways = 5\ntask sine = sinusoid { shots = wyas }\n",
        "language 1\nlet ways = 5\ntask sine = sinusoid { shots = ways }\n",
    ),
    "E0205": Entry(
        "written twice",
        "A block without a name may stand once in a file, a named block once for each name, and a "
        "field once in its block. Later wins between files and overrides, not inside one file.",
        "language 1\nouter = adam { lr = 1e-3, lr = 1e-4 }\n",
        "language 1\nouter = adam { lr = 1e-4 }\n",
    ),
    "E0206": Entry(
        "imports in a circle",
        "A file may not import itself, directly or through other files. Move what both files need into a third one.",
        '# in a.meta, while b.meta imports a.meta\nlanguage 1\nimport "b.meta" as b\n',
        '# in a.meta, while b.meta imports nothing\nlanguage 1\nimport "b.meta" as b\n',
    ),
    "E0207": Entry(
        "import not found",
        "A relative path is looked up beside the file that holds it.",
        'language 1\nimport "bsae.meta" as base\n',
        'language 1\nimport "base.meta" as base\n',
    ),
    "E0208": Entry(
        "something required is missing",
        "A spec needs at least a task, an inner method and an outer method; a field without a default must be written.",
        "language 1\ntask sine = sinusoid {}\nmodel net = mlp {}\ninner = maml {}\n",
        "language 1\ntask sine = sinusoid {}\nmodel net = mlp {}\ninner = maml {}\nouter = adam {}\n",
    ),
    "E0209": Entry(
        "language of a later version",
        "The file is written in a version of the language that this version of metaspec cannot read.",
        "language 2\n",
        "language 1\n",
    ),
    "E0210": Entry(
        "copy of a block of another keyword",
        "A block can be a copy of one that was declared or imported earlier, of the same keyword.",
        "language 1\nmodel net = mlp {}\ntask copy = net {}\n",
        "language 1\nmodel net = mlp {}\nmodel copy = net {}\n",
    ),
}
