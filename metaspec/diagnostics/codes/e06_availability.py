"""E06xx: what this installation cannot do, or may not."""

from metaspec.diagnostics.codes.entry import Entry

ENTRIES = {
    "E0601": Entry(
        "not yet available",
        "The language knows the kind, but this version cannot run it. `metaspec list` shows what it can run.",
        "language 1\nmodel net = resnet12\n",
        "language 1\nmodel net = conv4\n",
    ),
    "E0602": Entry(
        "optional package not installed",
        "The kind, or the search of a sweep, needs a package that belongs to an extra of metaspec; the message gives the "
        "command that installs it.",
        "$ metaspec sweep search.meta",
        "$ pip install 'metaspec[sweep]'\n$ metaspec sweep search.meta",
    ),
    "E0603": Entry(
        "Python code is not allowed",
        "A spec is data and runs no code. `import python` names a module of your own, which runs only "
        "when the command line says so.",
        "$ metaspec run with_my_task.meta",
        "$ metaspec run with_my_task.meta --allow-python",
    ),
    "E0604": Entry(
        "Python module that cannot be imported",
        "The module that `import python` names raised an error when it ran, or takes the name of another kind.",
        "$ metaspec check with_broken_task.meta --allow-python",
        "$ python my_tasks.py",
    ),
}
