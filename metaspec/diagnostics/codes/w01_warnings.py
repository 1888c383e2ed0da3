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
}
