"""Checkpoints: the arrays as safetensors, and a manifest that makes them one.

The arrays' file is written first, under a name that holds its checksum; renaming the manifest into place is
the one step that creates a checkpoint. Two are kept. A checkpoint whose bytes do not fit its checksums is put
aside and the one before is used; who loads is told.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors import numpy as safetensors

from metaspec.diagnostics import error
from metaspec.runtime import files
from metaspec.runtime.errors import RunError, disk
from metaspec.runtime.position import Best, Position

FORMAT = 1
_KEPT = 2
_BEST = "best/"  # before the keys of the best meta-parameters so far


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A position, and what the files beside it held at that moment."""

    position: Position
    metrics_bytes: int  # length of metrics.jsonl
    identity: str  # hash of what the bits depend on (metaspec.runtime.identity)


@dataclass(frozen=True, slots=True)
class Loaded:
    checkpoint: Checkpoint
    damaged: tuple[str, ...]  # for each newer checkpoint that could not be used: what is wrong with it


class _Damaged(Exception):
    """What is wrong with a checkpoint, in words."""


def save(folder: Path, checkpoint: Checkpoint) -> Path:
    """Writes a checkpoint and removes those before the last two. Returns the manifest's path."""
    position = checkpoint.position
    best = position.best
    arrays = dict(position.state) | ({_BEST + key: value for key, value in best.meta.items()} if best else {})
    content = safetensors.save(arrays)
    checksum = hashlib.sha256(content).hexdigest()
    stem = f"{position.iteration:09d}"
    file = folder / f"{stem}-{checksum[:12]}.safetensors"
    manifest = {
        "format": FORMAT,
        "iteration": position.iteration,
        "evaluated": position.evaluated,
        "seconds": position.seconds,
        "training_seconds": position.training_seconds,
        "skipped": position.skipped,
        "best": {"iteration": best.iteration, "metric": best.metric, "score": best.score} if best else None,
        "metrics_bytes": checkpoint.metrics_bytes,
        "identity": checkpoint.identity,
        "file": file.name,
        "bytes": len(content),
        "sha256": checksum,
    }
    files.replace(file, content, lasting=False)  # the manifest's rename, next, makes both last
    path = folder / f"{stem}.json"
    text = json.dumps({"manifest": manifest, "sha256": _checksum(manifest)}, indent=1)
    files.replace(path, text.encode())
    _prune(folder)
    return path


def load(folder: Path) -> Loaded | None:
    """The newest checkpoint that is whole; None where none was ever written.

    Removes what a process left that was killed while it wrote or removed one.

    Raises RunError (E0702) where there are checkpoints and all of them are damaged.
    """
    damaged: list[tuple[Path, str]] = []
    for path in reversed(_manifests(folder)):
        try:
            checkpoint = _read(path)
        except _Damaged as problem:
            damaged.append((path, str(problem)))
            continue
        for broken, _ in damaged:
            _put_aside(broken)
        if not damaged:
            _prune(folder)
        return Loaded(checkpoint, tuple(f"{broken.name}: {problem}" for broken, problem in damaged))
    if damaged:
        reasons = "; ".join(f"{broken.name}: {problem}" for broken, problem in damaged)
        raise RunError(
            error(
                "E0702",
                f"no checkpoint in {folder} can be used ({reasons})",
                help=("start the run again in another folder with --out",),
            )
        )
    return None


def _read(path: Path) -> Checkpoint:
    manifest = _manifest(path)
    content = _content(path.parent / manifest["file"], manifest)
    try:
        arrays = safetensors.load(content)
    except SafetensorError as problem:  # the checksum fits, so the file was never right
        raise _Damaged(f"its arrays cannot be read ({problem})") from problem
    best = manifest["best"]
    meta = {key.removeprefix(_BEST): value for key, value in arrays.items() if key.startswith(_BEST)}
    position = Position(
        iteration=manifest["iteration"],
        state={key: value for key, value in arrays.items() if not key.startswith(_BEST)},
        best=Best(best["iteration"], best["metric"], best["score"], meta) if best else None,
        evaluated=manifest["evaluated"],
        seconds=manifest["seconds"],
        training_seconds=manifest["training_seconds"],
        skipped=manifest["skipped"],
    )
    return Checkpoint(position, manifest["metrics_bytes"], manifest["identity"])


def _manifest(path: Path) -> dict[str, Any]:
    with disk(path):
        text = path.read_bytes()
    try:
        both = json.loads(text)
        manifest, checksum = both["manifest"], both["sha256"]
    except (ValueError, KeyError, TypeError) as problem:
        raise _Damaged("its manifest is not readable") from problem
    if _checksum(manifest) != checksum:
        raise _Damaged("its manifest does not fit the checksum in it")
    if manifest["format"] != FORMAT:
        raise _Damaged(f"it is of format {manifest['format']}, this version reads format {FORMAT}")
    return manifest


def _content(file: Path, manifest: dict[str, Any]) -> bytes:
    if not file.exists():
        raise _Damaged(f"{file.name} is missing")
    with disk(file):
        content = file.read_bytes()
    if len(content) != manifest["bytes"]:
        raise _Damaged(f"{file.name} has {len(content)} bytes instead of {manifest['bytes']}")
    if hashlib.sha256(content).hexdigest() != manifest["sha256"]:
        raise _Damaged(f"the bytes of {file.name} do not fit their checksum")
    return content


def _checksum(manifest: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()


def _manifests(folder: Path) -> list[Path]:
    """From the oldest to the newest."""
    return sorted(folder.glob("[0-9]*.json"))


def _put_aside(path: Path) -> None:
    """Renames a damaged manifest, so that it is neither loaded nor counted, nor lost."""
    with disk(path):
        path.replace(path.with_name(f"damaged-{path.name}"))


def _prune(folder: Path) -> None:
    """Removes all but the last checkpoints, and arrays and temporary files that belong to none."""
    manifests = _manifests(folder)
    kept = {path.stem for path in manifests[-_KEPT:]}
    with disk(folder):
        last = json.loads(manifests[-1].read_bytes())["manifest"]["file"]
        for path in manifests[:-_KEPT]:
            path.unlink()
        for path in [*folder.glob("*.safetensors"), *folder.glob(".*.new")]:
            stem = path.name.partition("-")[0]
            replaced = last.startswith(stem) and path.name != last
            if stem not in kept or replaced:
                path.unlink()
