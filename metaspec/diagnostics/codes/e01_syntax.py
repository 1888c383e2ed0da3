"""E01xx: the text is not a spec."""

from metaspec.diagnostics.codes.entry import Entry

_HEAD = "language 1\n"

ENTRIES = {
    "E0101": Entry(
        "character without a meaning",
        "The character stands outside a text in quotes or a comment and is not part of the language.",
        _HEAD + "outer = adam { lr = @0.1 }\n",
        _HEAD + "outer = adam { lr = 0.1 }\n",
    ),
    "E0102": Entry(
        "something else is expected here",
        "The message lists what may stand at the place. KEYWORD [NAME] [= KIND] { field = value .. } "
        "is the form of a block.",
        _HEAD + "import base\n",
        _HEAD + 'import "base.meta" as base\n',
    ),
    "E0103": Entry(
        "bracket not closed",
        "Each `{`, `[` and `(` needs its closing bracket. The place where the bracket opens is shown.",
        _HEAD + "outer = adam { lr = 1e-3\n",
        _HEAD + "outer = adam { lr = 1e-3 }\n",
    ),
    "E0104": Entry(
        "`=` is missing",
        "`=` stands between a field and its value, and between a block and its kind.",
        _HEAD + "outer = adam { lr 1e-3 }\n",
        _HEAD + "outer = adam { lr = 1e-3 }\n",
    ),
    "E0105": Entry(
        "`:` in place of `=`",
        "`=` stands between a field and its value; `:` has no meaning.",
        _HEAD + "outer = adam { lr: 1e-3 }\n",
        _HEAD + "outer = adam { lr = 1e-3 }\n",
    ),
    "E0106": Entry(
        "text not closed",
        'A text begins and ends with `"`, on one line.',
        _HEAD + 'import "base.meta\n',
        _HEAD + 'import "base.meta"\n',
    ),
    "E0107": Entry(
        "number that cannot be read",
        "A number has digits on both sides of its point, single `_` between digits and no comma, and a "
        "size that fits a 64-bit floating-point number.",
        _HEAD + "outer = adam { lr = .5 }\n",
        _HEAD + "outer = adam { lr = 0.5 }\n",
    ),
    "E0108": Entry(
        "value is missing",
        "A value must follow: a number, a text, true or false, a name, a list, a range, a call or a "
        "kind with its fields.",
        _HEAD + "outer = adam { lr = }\n",
        _HEAD + "outer = adam { lr = 1e-3 }\n",
    ),
    "E0109": Entry(
        "comment of another language",
        "A comment runs from `#` to the end of its line.",
        _HEAD + "outer = adam { lr = 1e-3 } // the step size\n",
        _HEAD + "outer = adam { lr = 1e-3 } # the step size\n",
    ),
    "E0110": Entry(
        "comma too many",
        "A comma stands between two fields or values; one may follow the last. Blocks are not separated by commas.",
        _HEAD + "outer = adam { lr = 1e-3,, clip = 10 }\n",
        _HEAD + "outer = adam { lr = 1e-3, clip = 10 }\n",
    ),
    "E0111": Entry(
        "semicolon",
        "Fields are separated by a comma or a new line.",
        _HEAD + "outer = adam { lr = 1e-3; clip = 10 }\n",
        _HEAD + "outer = adam { lr = 1e-3, clip = 10 }\n",
    ),
    "E0112": Entry(
        "true, false and none are written small",
        "The two truth values are `true` and `false`; the choice of nothing is `none`.",
        _HEAD + "train { iterations = 10, warm_start = True }\n",
        _HEAD + "train { iterations = 10, warm_start = true }\n",
    ),
    "E0113": Entry(
        "space between a number and its unit",
        "A unit is glued to its number: 30s, 5min, 2GiB, 90%.",
        _HEAD + "schedule = pool { workers = 2, timeout = 30 s }\n",
        _HEAD + "schedule = pool { workers = 2, timeout = 30s }\n",
    ),
    "E0114": Entry(
        "closing bracket without an opening one",
        "The bracket closes nothing: it is one too many, or an opening bracket is missing before it.",
        _HEAD + "outer = adam { lr = 1e-3 } }\n",
        _HEAD + "outer = adam { lr = 1e-3 }\n",
    ),
    "E0115": Entry(
        "in the wrong place",
        "Comparisons stand in `expect`; `grid`, `zip`, `list`, `when` and `search` stand in `sweep`; "
        "fields stand between the braces of a block.",
        _HEAD + "outer = adam { lr == 1e-3 }\n",
        _HEAD + "outer = adam { lr = 1e-3 }\n",
    ),
    "E0116": Entry(
        "`language` not first, or twice",
        "`language N` is the first thing in a file, and stands there once.",
        "let ways = 5\nlanguage 1\n",
        "language 1\nlet ways = 5\n",
    ),
    "E0117": Entry(
        "escape without a meaning",
        'In a text, `\\"` is a quote, `\\\\` a backslash, `\\n` a new line and `\\t` a tab. Paths can be '
        "written with `/` on every system.",
        _HEAD + 'import "data\\base.meta"\n',
        _HEAD + 'import "data/base.meta"\n',
    ),
    "E0118": Entry(
        "wrong quotes",
        'A text stands between two `"`; a name stands without quotes.',
        _HEAD + "import 'base.meta'\n",
        _HEAD + 'import "base.meta"\n',
    ),
    "E0119": Entry(
        "operator that the language does not have",
        "Constant arithmetic has `+`, `-`, `*`, `/` and brackets. Powers are written out: 1e-3, 2 * 2.",
        _HEAD + "outer = adam { lr = 10 ** 2 }\n",
        _HEAD + "outer = adam { lr = 100 }\n",
    ),
    "E0120": Entry(
        "nested too deep",
        "Values may stand inside each other a hundred times; more is a mistake or an attack.",
        _HEAD + "let a = " + "[" * 120 + "]" * 120 + "\n",
        _HEAD + "let a = [[]]\n",
    ),
    "E0121": Entry(
        "comma is missing",
        "The values of a list and of a call are separated by commas.",
        _HEAD + "model net = mlp { hidden = [40 40] }\n",
        _HEAD + "model net = mlp { hidden = [40, 40] }\n",
    ),
    "E0122": Entry(
        "block without a kind",
        "After the `=` of a block stands the name of a kind, or of a block that is copied.",
        _HEAD + "outer = 1e-3\n",
        _HEAD + "outer = adam { lr = 1e-3 }\n",
    ),
    "E0123": Entry(
        "name is missing",
        "`let` and `as` are followed by a name of letters, digits and `_` that begins with a letter.",
        _HEAD + "let = 5\n",
        _HEAD + "let ways = 5\n",
    ),
    "E0124": Entry(
        "round brackets around fields",
        "The fields of a block stand between `{` and `}`; `(` and `)` belong to distributions, "
        "schedules of a number, `learned` and `load`.",
        _HEAD + "outer = adam(lr = 1e-3)\n",
        _HEAD + "outer = adam { lr = 1e-3 }\n",
    ),
    "E0125": Entry(
        "opening brace is missing",
        "The fields of a block stand between `{` and `}`, after its kind or its keyword.",
        _HEAD + "outer = adam lr = 1e-3 }\n",
        _HEAD + "outer = adam { lr = 1e-3 }\n",
    ),
    "E0126": Entry(
        "round brackets around a list",
        "A list stands between `[` and `]`. Round brackets group arithmetic, and hold the values of a call.",
        _HEAD + "model net = mlp { hidden = (40, 40) }\n",
        _HEAD + "model net = mlp { hidden = [40, 40] }\n",
    ),
}
