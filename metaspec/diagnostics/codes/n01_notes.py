"""N01xx: what was decided for the user."""

from metaspec.diagnostics.codes.entry import Entry

ENTRIES = {
    "N0101": Entry(
        "block replaces a part of a preset",
        "A preset expands into several blocks; a block written beside it replaces its part.",
        "language 1\ninner = maml { steps = 5 }\nmetagrad = truncated { window = 1 }\n",
        "language 1\ninner = maml { steps = 5, order = 1 }\n",
    ),
}
