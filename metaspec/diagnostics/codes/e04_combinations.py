"""E04xx: pieces that are each right and have no meaning together."""

from metaspec.diagnostics.codes.entry import Entry

ENTRIES = {
    "E0401": Entry(
        "combination without a meaning",
        "The blocks are right each by itself, but the method is not defined for them together. The "
        "message gives the reason and the ways out.",
        "language 1\ninner = sgd { lr = 0.1 }\nmetagrad = unroll {}\n",
        "language 1\ninner = sgd { lr = learned(0.1) }\nmetagrad = unroll {}\n",
    ),
    "E0402": Entry(
        "preset beside a block that contradicts it",
        "A preset expands into several blocks. A block written beside it replaces its part, but "
        "not where the preset would lose its meaning.",
        "language 1\ninner = imaml { steps = 5 }\nmetagrad = reptile\n",
        "language 1\ninner = imaml { steps = 5 }\n",
    ),
    "E0403": Entry(
        "field that belongs to another method",
        "The field exists, but only has an effect with another meta-gradient, schedule or outer "
        "method. It is not ignored silently.",
        "language 1\nmetagrad = unroll { window = 20 }\n",
        "language 1\nmetagrad = truncated { window = 20 }\n",
    ),
}
