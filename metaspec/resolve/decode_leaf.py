"""Values without fields -> the IR: numbers with units, texts, names, choices, lists and ranges."""

from __future__ import annotations

from typing import Any

from metaspec.diagnostics import Diagnostic, Fix, error
from metaspec.diagnostics.suggest import suggest
from metaspec.kinds.phrases import beyond, phrase
from metaspec.resolve.bind import constant
from metaspec.resolve.decode_call import CALLS, call_form, decode_call
from metaspec.resolve.draft import Leaf
from metaspec.resolve.reading import INVALID, Place, Reading, as_list, wrong_type
from metaspec.resolve.unknown import unknown_word
from metaspec.spec.declared import (
    ChoiceType,
    FieldType,
    FlagType,
    ListType,
    NameType,
    NothingType,
    NumberType,
    TextType,
)
from metaspec.syntax import tree
from metaspec.units import Dimension, find_unit, in_base, meant_unit, unit_names

_DIMENSIONS = {"duration": Dimension.TIME, "bytes": Dimension.MEMORY}
_LONGEST_RANGE = 100_000
_MARKS = {
    "learned": "write for example `learned(0.1)`, or of initial weights `learned(glorot_uniform)`",
    "fixed": "write for example `fixed(0.1)`",
}


def decode_leaf(leaf: Leaf, types: tuple[FieldType, ...], place: Place, reading: Reading) -> Any:
    """The value that a field of these types gets, or INVALID, which has been reported."""
    match leaf.value:
        case tree.Number() | tree.Negative():
            return _number(leaf, types, place, reading)
        case tree.Boolean(value=flag) if _has(types, FlagType):
            return flag
        case tree.String(value=text) if _has(types, TextType):
            return text
        case tree.Name():
            return _name(leaf, leaf.value, types, place, reading)
        case tree.ListValue(items=items):
            return _list(leaf, items, types, place, reading)
        case tree.Range():
            return _range(leaf, leaf.value, types, place, reading)
        case tree.Call():
            return decode_call(leaf, leaf.value, types, place, reading)
    reading.found.append(wrong_type(leaf, types, place))
    return INVALID


def _has(types: tuple[FieldType, ...], wanted: type) -> bool:
    return any(isinstance(each, wanted) for each in types)


# --- Numbers -------------------------------------------------------------------------------------


def _number(leaf: Leaf, types: tuple[FieldType, ...], place: Place, reading: Reading) -> Any:
    for each in types:
        if isinstance(each, ChoiceType) and constant(leaf.value) in [o for o in each.options if isinstance(o, int)]:
            return int(constant(leaf.value) or 0)
    wanted = next((each for each in types if isinstance(each, NumberType)), None)
    if wanted is None:
        reading.found.append(_no_number(leaf, types, place))
        return INVALID
    amount = _amount(leaf, wanted, place, reading)
    if amount is None:
        return INVALID
    if wanted.whole and amount != int(amount):
        reading.found.append(
            error("E0301", f"`{place.name}` takes {phrase((wanted,))}", leaf.span, label="not a whole number")
        )
        return INVALID
    if not wanted.holds(amount):
        message = f"`{place.name}` is out of range: it takes {phrase(types)}"
        reading.found.append(error("E0302", message, leaf.span, label=beyond(wanted, amount)))
        return INVALID
    return int(amount) if wanted.whole else float(amount)


def _no_number(leaf: Leaf, types: tuple[FieldType, ...], place: Place) -> Diagnostic:
    numbers = [str(o) for each in types if isinstance(each, ChoiceType) for o in each.options if isinstance(o, int)]
    if numbers:
        return error("E0304", f"`{place.name}` takes {phrase(types)}", leaf.span)
    return wrong_type(leaf, types, place)


def _amount(leaf: Leaf, wanted: NumberType, place: Place, reading: Reading) -> int | float | None:
    """The number in the base unit: seconds, bytes, or a fraction of one."""
    plain = constant(leaf.value)
    inner = leaf.value.value if isinstance(leaf.value, tree.Negative) else leaf.value
    if not isinstance(inner, tree.Number):
        reading.found.append(wrong_type(leaf, (wanted,), place))
        return None
    if plain is not None:
        if wanted.unit is None or plain == 0:
            return plain
        example = unit_names(_DIMENSIONS[wanted.unit])[1]
        fix = Fix(f"write {inner.text}{example}", ((leaf.span, f"{inner.text}{example}"),)) if leaf.span else None
        reading.found.append(
            error("E0303", f"`{place.name}` takes {phrase((wanted,))}; the unit is missing", leaf.span, fix=fix)
        )
        return None
    expected = _DIMENSIONS[wanted.unit] if wanted.unit else None
    legal = [name for name in unit_names(expected) if expected or _is_share(wanted) and name == "%"]
    help = [f"its units are {', '.join(legal)}"] if len(legal) > 1 else []
    unit = find_unit(inner.unit or "")
    if unit is None:
        meant = meant_unit(inner.unit or "")
        near = meant.name if meant else suggest(inner.unit or "", legal)
        fix = None
        if near and leaf.span:
            right = leaf.span.text.removesuffix(inner.unit or "") + near
            fix = Fix(f"write `{right}`", ((leaf.span, right),))
        help = [f"did you mean `{near}`?"] if near else help or ["leave it out: the field is a plain number"]
        reading.found.append(error("E0303", f"there is no unit `{inner.unit}`", leaf.span, help=help, fix=fix))
        return None
    if unit.dimension is not expected and not (unit.dimension is Dimension.SHARE and _is_share(wanted)):
        message = f"`{place.name}` takes {phrase((wanted,))}; `{unit.name}` is a unit of {_things(unit.dimension)}"
        reading.found.append(error("E0303", message, leaf.span, help=help))
        return None
    amount = in_base(inner.value, unit)
    return -amount if isinstance(leaf.value, tree.Negative) else amount


def _is_share(wanted: NumberType) -> bool:
    return wanted.unit is None and not wanted.whole and wanted.low is not None and wanted.high == 1


def _things(dimension: Dimension) -> str:
    return {"duration": "durations", "amount of memory": "memory", "share": "shares"}[dimension]


# --- Names ---------------------------------------------------------------------------------------


def _name(leaf: Leaf, name: tree.Name, types: tuple[FieldType, ...], place: Place, reading: Reading) -> Any:
    options = [option for each in types if isinstance(each, ChoiceType) for option in each.options]
    if name.text in options:
        return name.text
    if name.text == "none" and _has(types, NothingType):
        return None
    if _has(types, NameType):
        return name.text
    if name.text in CALLS or name.text in _MARKS:
        reading.found.append(_bare_call(leaf, name.text, types, place))
        return INVALID
    words = [option for option in options if isinstance(option, str)]
    if not words:
        if _has(types, TextType):
            fix = Fix("put it in quotes", ((leaf.span, f'"{name.text}"'),)) if leaf.span else None
            reading.found.append(
                error("E0301", f"`{place.name}` takes {phrase(types)}; quotes are missing", leaf.span, fix=fix)
            )
        else:
            message = f"`{place.name}` takes {phrase(types)}; there is no `let {name.text}`"
            reading.found.append(error("E0204", message, leaf.span, fix=as_list(leaf, types)))
        return INVALID
    message = f"`{place.name}` has no choice `{name.text}`"
    others = phrase(each for each in types if not isinstance(each, ChoiceType))
    reading.found.append(
        unknown_word(
            "E0304", message, name.text, words, leaf.span, f"`{place.name}` also takes {others}" if others else ""
        )
    )
    return INVALID


def _bare_call(leaf: Leaf, word: str, types: tuple[FieldType, ...], place: Place) -> Diagnostic:
    """`phase = uniform`, `lr = learned`: the name of a call without its values."""
    if word in _MARKS:
        return error("E0301", f"`{word}` has its value between brackets", leaf.span, help=[_MARKS[word]])
    if not _has(types, CALLS[word][0]):
        return wrong_type(leaf, types, place)
    return error("E0301", f"`{word}` has its values between brackets", leaf.span, help=[call_form(word)])


# --- Lists ---------------------------------------------------------------------------------------


def _list(
    leaf: Leaf, items: tuple[tree.Value, ...], types: tuple[FieldType, ...], place: Place, reading: Reading
) -> Any:
    wanted = list_type(leaf, len(items), types, place, reading)
    if wanted is None:
        return INVALID
    values = [
        decode_leaf(Leaf(item, leaf.chain), wanted.item, Place(place.path, f"{place.name}[{index}]"), reading)
        for index, item in enumerate(items)
    ]
    return INVALID if any(value is INVALID for value in values) else tuple(values)


def list_type(leaf: Leaf, count: int, types: tuple[FieldType, ...], place: Place, reading: Reading) -> ListType | None:
    """What a field with a list of so many items takes; None where it takes none or another number, which is reported."""
    wanted = next((each for each in types if isinstance(each, ListType)), None)
    if wanted is None:
        reading.found.append(wrong_type(leaf, types, place))
        return None
    if count < wanted.shortest or (wanted.longest is not None and count > wanted.longest):
        message = f"`{place.name}` takes {phrase((wanted,))}; here are {count}"
        reading.found.append(error("E0302", message, leaf.span))
        return None
    return wanted


def _range(leaf: Leaf, value: tree.Range, types: tuple[FieldType, ...], place: Place, reading: Reading) -> Any:
    first, last = constant(value.first), constant(value.last)
    if not isinstance(first, int) or not isinstance(last, int):
        reading.found.append(error("E0301", "a range goes from one whole number to another", leaf.span))
        return INVALID
    if last < first or last - first >= _LONGEST_RANGE:
        reason = "ends before it begins" if last < first else f"has more than {_LONGEST_RANGE:_} numbers"
        reading.found.append(error("E0302", f"the range {reason}", leaf.span))
        return INVALID
    numbers = tuple(tree.Number(str(each), each, span=leaf.span) for each in range(first, last + 1))
    return _list(leaf, numbers, types, place, reading)
