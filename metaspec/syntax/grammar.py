"""The parser that Lark makes of `metaspec.lark`."""

from __future__ import annotations

import functools
import os
from importlib import resources
from pathlib import Path

from lark import Lark

START_FILE = "file"
START_VALUE = "_value"


def grammar_text() -> str:
    """The grammar: from the installed package, or from the folder `grammar` of a source tree."""
    packaged = resources.files("metaspec.syntax") / "metaspec.lark"
    if packaged.is_file():
        return packaged.read_text(encoding="utf-8")
    return (Path(__file__).parents[2] / "grammar" / "metaspec.lark").read_text(encoding="utf-8")


@functools.cache
def grammar() -> Lark:
    """The LALR(1) parser with contextual lexer.

    Making the tables takes about 0.15 s, reading them 10 ms, so they are kept in the user's cache
    folder where there is one. Lark checks there that grammar, Lark and Python are the same.
    """
    folder = _cache_folder()
    return Lark(
        grammar_text(),
        parser="lalr",
        lexer="contextual",
        start=[START_FILE, START_VALUE],
        keep_all_tokens=True,  # the spans of nodes begin and end at tokens
        maybe_placeholders=False,
        cache=str(folder / "grammar.lark") if folder else False,
    )


def _cache_folder() -> Path | None:
    """A folder that belongs to the user alone, or None where none can be made.

    Never the shared temporary folder: the tables are a pickle, which whoever writes it controls.
    """
    try:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        folder = Path(base) / "metaspec"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        owned = not hasattr(os, "getuid") or folder.stat().st_uid == os.getuid()
        return folder if owned and os.access(folder, os.W_OK) else None
    except (OSError, RuntimeError):  # RuntimeError: there is no home folder
        return None
