"""N01xx: what was decided for the user."""

from metaspec.diagnostics.codes.entry import Entry

ENTRIES = {
    "N0101": Entry(
        "block replaces a part of a preset",
        "A preset expands into several blocks; a block written beside it replaces its part.",
        "language 1\ninner = maml { steps = 5 }\nmetagrad = truncated { window = 1 }\n",
        "language 1\ninner = maml { steps = 5, order = 1 }\n",
    ),
    "N0102": Entry(
        "field about clusters without an effect",
        "`combine`, `groups`, `train.clusters` and `train.order` are about clusters. Without clusters, or for `order` "
        "where every meta-iteration uses all of them, they change nothing.",
        "language 1\ntask a = sinusoid\ntrain { clusters = 1 }\n",
        "language 1\ntask a = sinusoid\ncluster c { tasks = [a] }\ntrain { clusters = 1 }\n",
    ),
    "N0103": Entry(
        "preset of a sweep or an override replaces a block",
        "A preset brings all of its blocks, and what a sweep point or `-s` sets wins over the file. Points then differ in "
        "more than their method: `reptile` brings an outer method of its own, `maml` leaves that of the file. A block "
        "that is set after the preset, by a later axis or another `-s`, stands.",
        "language 1\ninner = maml {}\nouter = adam {}\nsweep methods { list inner { maml {} reptile {} } }\n",
        "language 1\ninner = maml {}\nouter = adam {}\n"
        "sweep methods { list inner { maml {} reptile {} } list outer { adam {} } }\n",
    ),
}
