"""E03xx: types, ranges, units and choices of values."""

from metaspec.diagnostics.codes.entry import Entry

ENTRIES = {
    "E0301": Entry(
        "wrong type of value",
        "Each field takes one type of value: a number, a whole number, a text in quotes, true or "
        "false, a list, a choice or a kind. Nothing is converted silently.",
        'language 1\nouter = adam { lr = "0.001" }\n',
        "language 1\nouter = adam { lr = 0.001 }\n",
    ),
    "E0302": Entry(
        "value out of range",
        "The number is outside the range in which the field has a meaning; the message gives the range.",
        "language 1\nouter = adam { lr = -1e-3 }\n",
        "language 1\nouter = adam { lr = 1e-3 }\n",
    ),
    "E0303": Entry(
        "unit unknown, missing or of another dimension",
        "Durations are written with ms, s, min, h or d; memory with B, kB, MB, GB, TB, KiB, MiB, GiB "
        "or TiB; shares with %. The unit is glued to its number, and a field that has no unit takes "
        "none.",
        "language 1\ntrain { iterations = 100s }\n",
        "language 1\ntrain { iterations = 100 }\n",
    ),
    "E0304": Entry(
        "unknown choice",
        "The field takes one of a few words, which the message lists.",
        "language 1\ntrain { iterations = 100, objective = finale }\n",
        "language 1\ntrain { iterations = 100, objective = final }\n",
    ),
    "E0305": Entry(
        "value cannot be learned",
        "`learned(...)` marks numbers and tensors on which the loss depends smoothly. Counts, "
        "choices and the fields of the outer loop cannot be meta-parameters, nor numbers whose kind declares them as fixed. "
        "In a kind of your own `Setting[..]` or `Learnable[..]` declares one that can be learned.",
        "language 1\ninner = sgd { steps = learned(5) }\n",
        "language 1\ninner = sgd { steps = 5, lr = learned(0.1) }\n",
    ),
    "E0306": Entry(
        "arithmetic without a result",
        "Arithmetic is done on constant numbers when the file is read: no division by zero, no "
        "texts, no values that are drawn or learned.",
        "language 1\nouter = adam { lr = 1 / 0 }\n",
        "language 1\nouter = adam { lr = 1 / 100 }\n",
    ),
    "E0307": Entry(
        "fields that do not suit each other",
        "A kind can state rules about its own fields together; the message is that of its author.",
        "$ metaspec check with_my_task.meta --allow-python",
        "$ metaspec explain task.my_task",
    ),
}
