"""The types of fields in words: "a number of 0 or more, or learned(...), or a table by part"."""

from __future__ import annotations

from collections.abc import Iterable

from metaspec.spec.declared import (
    ChoiceType,
    DecayType,
    DistributionType,
    FieldType,
    FlagType,
    KindType,
    LearnedType,
    ListType,
    LoadType,
    MultiStepType,
    NameType,
    NothingType,
    NumberType,
    PartsType,
    TextType,
    WeightedType,
)

# category -> what one of its kinds is called in a sentence
SINGULAR = {
    "tasks": "task",
    "clusters": "clustering",
    "models": "model",
    "inner": "inner method",
    "metagrads": "meta-gradient",
    "outers": "outer method",
    "schedules": "schedule",
    "data": "data set",
    "splits": "split",
    "presets": "preset",
    "solvers": "solver",
    "exchanges": "exchange",
    "merges": "weight generator",
    "groupings": "grouping",
    "sources": "source",
    "augmentations": "augmentation",
    "architectures": "architecture",
    "problems": "problem",
}


def phrase(types: Iterable[FieldType]) -> str:
    """What a field takes, in words."""
    return ", or ".join(_phrase(each) for each in types if not isinstance(each, NothingType))


def bounds(number: NumberType) -> str:
    """The range of a number: ` of 0 or more`, ` above 0 and below 1`, or nothing."""
    low, high = number.low, number.high
    if low is None and high is None:
        return ""
    if high is None:
        return f" of {low:g} or more" if number.low_included else f" above {low:g}"
    if low is None:
        return f" of {high:g} or less" if number.high_included else f" below {high:g}"
    if number.low_included and number.high_included:
        return f" from {low:g} to {high:g}"
    first = f"of {low:g} or more" if number.low_included else f"above {low:g}"
    last = f"at most {high:g}" if number.high_included else f"below {high:g}"
    return f" {first} and {last}"


def beyond(number: NumberType, value: float) -> str:
    """Which end of its range a value is past: `below 0`, `not above 0`."""
    if number.low is not None and value <= number.low:
        return f"below {number.low:g}" if number.low_included else f"not above {number.low:g}"
    return f"above {number.high:g}" if number.high_included else f"not below {number.high:g}"


def _phrase(each: FieldType) -> str:
    match each:
        case NumberType(unit="duration"):
            return f"a duration such as 30s{_lower(each)}"
        case NumberType(unit="bytes"):
            return f"an amount of memory such as 2GiB{_lower(each)}"
        case NumberType():
            return ("a whole number" if each.whole else "a number") + bounds(each)
        case FlagType():
            return "true or false"
        case TextType():
            return "a text in quotes"
        case NameType():
            return f"the name of a {each.what}"
        case ChoiceType():
            return one_of(map(str, each.options))
        case ListType():
            return f"{_length(each)} of {_items(each)}"
        case KindType():
            return f"{with_article(SINGULAR.get(each.category, each.category))} with its fields"
        case LearnedType():
            return "learned(...)"
        case PartsType():
            return "a table by part"
        case DistributionType():
            return "a distribution such as uniform(0, 1)"
        case DecayType():
            return "a schedule such as cosine(1e-3, 0)"
        case WeightedType():
            return "weighted([...])"
        case MultiStepType():
            return "multi_step(10%)"
        case LoadType():
            return 'load("runs/NAME")'
    return "none"


def one_of(words: Iterable[str]) -> str:
    """`` `a` or `b` ``; `` `a`, `b` or `c` ``."""
    quoted = [f"`{word}`" for word in words]
    return quoted[0] if len(quoted) == 1 else ", ".join(quoted[:-1]) + f" or {quoted[-1]}"


def with_article(word: str) -> str:
    """`a task`, `an exchange`"""
    return f"{'an' if word[0] in 'aeiou' else 'a'} {word}"


def _lower(number: NumberType) -> str:
    return f", above {number.low:g}" if number.low is not None and number.low > 0 else ""


def _length(each: ListType) -> str:
    if each.longest is not None and each.longest == each.shortest:
        return f"a list of {each.shortest} values, each"
    return "a list"


def _items(each: ListType) -> str:
    exact = each.longest is not None and each.longest == each.shortest
    match each.item:
        case (NumberType() as number,) if not exact:
            return ("whole numbers" if number.whole else "numbers") + bounds(number)
        case (NameType(what=what),):
            return f"names of {what}s"
    return phrase(each.item)
