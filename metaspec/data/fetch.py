"""Download of official archives with checksums; they stay packed, because the readers read them in place."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from metaspec.data.errors import DataError

DownloadProgress = Callable[[str, int, int], None]
"""Called with (file name, bytes so far, bytes in all)."""

_TIMEOUT_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Archive:
    """A file to download. checksum: `algorithm:digest`."""

    name: str
    checksum: str


@dataclass(frozen=True, slots=True)
class Download:
    """base_url: address of the folder that holds the archives. source: who published the checksums."""

    base_url: str
    archives: tuple[Archive, ...]
    source: str


DOWNLOADS: Mapping[str, Download] = MappingProxyType(
    {
        "omniglot": Download(
            "https://github.com/brendenlake/omniglot/raw/master/python",
            (
                Archive("images_background.zip", "md5:68d2efa1b9178cc56df9314c21c6e718"),
                Archive("images_evaluation.zip", "md5:6b91aef0f799c5bb55b94e3f2daec811"),
            ),
            "the md5 sums that torchvision's Omniglot checks",
        )
    }
)


def fetch(
    dataset: str,
    folder: Path,
    base_url: str | None = None,
    archives: tuple[Archive, ...] | None = None,
    progress: DownloadProgress | None = None,
) -> tuple[Path, ...]:
    """Download the archives of a data set into `folder`; what is there with the right checksum is kept.

    base_url and archives replace the official ones (a mirror; packed differently). An archive is complete
    or absent: it is renamed into place after its checksum was compared.
    Returns the paths of the archives. Raises DataError: setting, download, checksum.
    """
    if dataset not in DOWNLOADS:
        raise DataError(
            "setting",
            f'there is no download for "{dataset}"',
            f"known: {', '.join(sorted(DOWNLOADS))}",
            "dataset",
        )
    official = DOWNLOADS[dataset]
    address = (base_url or official.base_url).rstrip("/")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _cannot_write(folder, error) from error
    return tuple(
        _fetch_archive(archive, f"{address}/{archive.name}", folder, progress)
        for archive in archives or official.archives
    )


def _fetch_archive(archive: Archive, url: str, folder: Path, progress: DownloadProgress | None) -> Path:
    import pooch
    import requests

    pooch.get_logger().setLevel(logging.WARNING)
    path = folder / archive.name
    if path.exists() and pooch.hashes.hash_matches(path, archive.checksum):
        return path
    arrived = path.with_name(path.name + ".partial")
    bar = _Bar(archive.name, progress) if progress else False
    downloader = pooch.HTTPDownloader(progressbar=bar, timeout=_TIMEOUT_SECONDS)
    try:
        downloader(url, str(arrived), None)
        if not pooch.hashes.hash_matches(arrived, archive.checksum):
            raise DataError(
                "checksum",
                f"{url} is not the expected archive: its checksum is not {archive.checksum}",
                "download again; if it stays so, the file there is another one or was changed on the way",
            )
        arrived.replace(path)
    except requests.RequestException as error:
        raise DataError(
            "download",
            f"{url} cannot be downloaded: {_reason(error)}",
            f"check the connection, give another address with --base-url, or copy {archive.name} to {folder}",
        ) from error
    except OSError as error:
        raise _cannot_write(folder, error) from error
    finally:
        arrived.unlink(missing_ok=True)
    return path


class _Bar:
    """The interface by which pooch reports progress, forwarded to a function."""

    def __init__(self, name: str, progress: DownloadProgress) -> None:
        self.total = 0
        self._name = name
        self._done = 0
        self._progress = progress

    def update(self, count: int) -> None:
        self._done = min(self._done + count, self.total)
        self._progress(self._name, self._done, self.total)

    def reset(self) -> None:
        self._done = 0

    def close(self) -> None:
        """Nothing is held open."""


def _reason(error: Exception) -> str:
    response = getattr(error, "response", None)
    if response is not None:
        return f"the server answers {response.status_code} {response.reason}"
    if isinstance(error, ValueError):
        return "the address is not valid"
    return "the server does not answer"


def _cannot_write(folder: Path, error: OSError) -> DataError:
    return DataError("download", f"{folder} cannot be written: {error.strerror}", "choose another folder", "folder")
