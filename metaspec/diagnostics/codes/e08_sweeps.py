"""E08xx: overrides on the command line, and sweeps."""

from metaspec.diagnostics.codes.entry import Entry

ENTRIES = {
    "E0801": Entry(
        "override of something that is not there",
        "The path of an override is KEYWORD.field, or NAME.field for a named block.",
        "$ metaspec run spec.meta -s outr.lr=0.1",
        "$ metaspec run spec.meta -s outer.lr=0.1",
    ),
    "E0802": Entry(
        "override without a usable value",
        "The right side of an override is read by the grammar of the spec, and its value must suit "
        "the field. Mind the quotes that the shell removes.",
        "$ metaspec run spec.meta -s outer.lr=",
        "$ metaspec run spec.meta -s outer.lr=0.1",
    ),
    "E0803": Entry(
        "sweep that cannot be expanded",
        "A sweep lists values for fields of the spec; the lists of a `zip` have one length, and a "
        "field stands in one part of the sweep only.",
        "language 1\nsweep s { zip { outer.lr = [0.1, 0.2], train.seed = [1, 2, 3] } }\n",
        "language 1\nsweep s { zip { outer.lr = [0.1, 0.2, 0.3], train.seed = [1, 2, 3] } }\n",
    ),
    "E0804": Entry(
        "point or sweep that is not there",
        "`--point K` counts from 0 to the number of points less one; `--sweep NAME` says which sweep is meant "
        "where a spec has several.",
        "$ metaspec run spec.meta --sweep beta --point 1000",
        "$ metaspec run spec.meta --sweep beta --point 0",
    ),
}
