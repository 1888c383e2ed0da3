"""N01xx: what was decided for the user."""

from metaspec.diagnostics.codes.entry import Entry

ENTRIES = {
    "N0101": Entry(
        "block replaces a part of a preset",
        "A preset expands into several blocks; a block written beside it replaces its part.",
        "language 1\ninner = maml { steps = 1 }\nmetagrad = unroll { order = 1 }\n",
        "language 1\ninner = maml { steps = 1, order = 1 }\n",
    ),
}
