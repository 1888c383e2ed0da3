"""All codes of diagnostics, with the long text that `metaspec explain CODE` prints.

A code never changes its meaning. Each hundred has its table in `metaspec.diagnostics.codes`:
E01 syntax, E02 names, E03 values, E04 combinations, E05 data, E06 availability, E07 runs,
E08 overrides and sweeps, W01 warnings, N01 notes.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from types import MappingProxyType

from metaspec.diagnostics.codes import (
    e01_syntax,
    e02_names,
    e03_values,
    e04_combinations,
    e05_data,
    e06_availability,
    e07_runs,
    e08_sweeps,
    n01_notes,
    w01_warnings,
)
from metaspec.diagnostics.codes.entry import Entry

_TABLES = (
    e01_syntax,
    e02_names,
    e03_values,
    e04_combinations,
    e05_data,
    e06_availability,
    e07_runs,
    e08_sweeps,
    w01_warnings,
    n01_notes,
)


@functools.cache
def catalogue() -> Mapping[str, Entry]:
    """Code -> entry, in the order of the tables."""
    entries: dict[str, Entry] = {}
    for table in _TABLES:
        for code, entry in table.ENTRIES.items():
            if code in entries:
                raise ValueError(f"the code {code} has two entries")
            entries[code] = entry
    return MappingProxyType(entries)


__all__ = ["Entry", "catalogue"]
