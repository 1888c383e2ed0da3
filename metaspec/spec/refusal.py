"""What a block of the IR says when a program builds it wrongly: the same exception as for a mistake in a file."""

import re
from typing import Any

from pydantic import BaseModel, ValidationError

from metaspec.diagnostics import Diagnostic, SpecError, error
from metaspec.diagnostics.suggest import called_here, suggest

_OUT_OF_RANGE = ("greater_than", "greater_than_equal", "less_than", "less_than_equal")


def refused(block: type[BaseModel], failure: ValidationError) -> SpecError:
    """One message for each field, in the order in which pydantic found them."""
    by_field: dict[str, list[Any]] = {}
    for each in failure.errors(include_url=False):
        by_field.setdefault(str(each["loc"][0]) if each["loc"] else "", []).append(each)
    return SpecError(_diagnostic(block, name, found) for name, found in by_field.items())


def _diagnostic(block: type[BaseModel], name: str, found: list[Any]) -> Diagnostic:
    title = getattr(block, "name", "") or block.__name__
    kind = found[0]["type"]
    info = block.model_fields.get(name)
    help = [f"`{name}`: {info.description}"] if info is not None and info.description else []
    if kind == "extra_forbidden":
        near = called_here(name, block.model_fields) or suggest(name, block.model_fields)
        legal = f"there are {', '.join(block.model_fields)}"
        return error("E0203", f"`{title}` has no field `{name}`", help=[f"did you mean `{near}`?" if near else legal])
    if kind == "missing":
        return error("E0208", f"`{title}` needs the field `{name}`", help=help)
    if not name:
        return error("E0307", f"`{title}`: {_reason(found[0])}")
    reasons = "; ".join(dict.fromkeys(map(_reason, found)))
    code = "E0302" if all(each["type"] in _OUT_OF_RANGE for each in found) else "E0301"
    return error(code, f"`{title}.{name}` is {found[0]['input']!r}: {reasons}", help=help)


def _reason(each: Any) -> str:
    """Pydantic's own sentence, or that of the rule's author."""
    text = str(each.get("ctx", {}).get("error", each["msg"]))
    text = re.sub(r"a valid dictionary or instance of (\w+)(\[.*\])?", r"an instance of \1", text)
    return text[:1].lower() + text[1:]
