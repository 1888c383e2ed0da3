"""Where a path of a spec leads: beside the file that holds it, then under $METASPEC_DATA; folder or zip."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from metaspec.data.errors import DataError
from metaspec.data.files import PERMISSION

DATA_VARIABLE = "METASPEC_DATA"


def find_data(
    path: str,
    beside: Path | None = None,
    environment: Mapping[str, str] | None = None,
    within: Iterable[Path] | None = None,
) -> Path:
    """The absolute path of a folder, zip or file of data.

    path: as written in the spec. beside: the folder of the file that holds it (default: the working folder).
    within: folders that may be read; without it there is no limit. `name.zip` is found for `name`.
    Raises DataError path-missing (with the places that were looked in), permission or path-outside.
    """
    environment = os.environ if environment is None else environment
    tried: list[Path] = []
    for candidate in _candidates(path, (beside or Path.cwd()).absolute(), environment):
        tried.append(candidate)
        for found in (candidate, candidate.with_name(candidate.name + ".zip")):
            if _exists(found):
                return _permitted(Path(os.path.normpath(found)), path, within)
    raise DataError(
        "path-missing",
        f'there is no data at "{path}"; looked for a folder or a zip at ' + ", ".join(map(str, tried)),
        _way_out(path, environment),
        "path",
    )


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except PermissionError as error:  # of a folder above
        raise DataError("permission", f"{path} cannot be looked up: permission denied", PERMISSION, "path") from error


def _candidates(path: str, beside: Path, environment: Mapping[str, str]) -> Iterator[Path]:
    written = Path(path).expanduser()
    if written.is_absolute():
        yield written
        return
    yield Path(os.path.normpath(beside / written))
    root = environment.get(DATA_VARIABLE)
    if root:
        under = Path(root).expanduser().absolute()
        yield Path(os.path.normpath(under / written))
        # The variable often names the very folder that a spec calls "data".
        parts = PurePosixPath(written.as_posix()).parts
        if len(parts) > 1 and parts[0] == "data":
            yield Path(os.path.normpath(under.joinpath(*parts[1:])))


def _way_out(path: str, environment: Mapping[str, str]) -> str:
    ways = []
    if "omniglot" in path.lower():
        ways.append("`metaspec data fetch omniglot` downloads it")
    if environment.get(DATA_VARIABLE):
        ways.append("correct the path")
    else:
        ways.append(
            f"correct the path, which starts at the spec's folder, or set {DATA_VARIABLE} to where your data lies"
        )
    return ", or ".join(ways)


def _permitted(found: Path, path: str, within: Iterable[Path] | None) -> Path:
    if within is None:
        return found
    folders = list(within)
    real = found.resolve()
    if any(real.is_relative_to(folder.resolve()) for folder in folders):
        return found
    raise DataError(
        "path-outside",
        f'"{path}" leads to {real}, outside the folders that this spec may read',
        f"move the data under {' or '.join(map(str, folders)) or 'an allowed folder'}, or allow its folder",
        "path",
    )
