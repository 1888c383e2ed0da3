"""Downloads from a server on the loopback interface."""

import functools
import hashlib
import http.server
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from metaspec.data.errors import DataError
from metaspec.data.fetch import DOWNLOADS, Archive, fetch
from metaspec.data.omniglot import Omniglot

PARTS = ("images_background.zip", "images_evaluation.zip")


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """Counts the requests of its server and writes nothing to the terminal."""

    def do_GET(self) -> None:
        self.server.requests.append(self.path)
        super().do_GET()

    def log_message(self, *arguments: object) -> None:
        return


class Server(http.server.ThreadingHTTPServer):
    def __init__(self, folder: Path) -> None:
        self.requests: list[str] = []
        super().__init__(("127.0.0.1", 0), functools.partial(QuietHandler, directory=str(folder)))
        self.url = f"http://127.0.0.1:{self.server_port}"


@pytest.fixture
def server(omniglot_zips: Path) -> Iterator[Server]:
    yield from serving(omniglot_zips)


def serving(folder: Path) -> Iterator[Server]:
    with Server(folder) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.02,))
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def archives_in(folder: Path, names: tuple[str, ...] = PARTS) -> tuple[Archive, ...]:
    return tuple(Archive(name, f"md5:{hashlib.md5((folder / name).read_bytes()).hexdigest()}") for name in names)


def test_archives_arrive_whole_and_the_reader_takes_them(server, omniglot_zips, tmp_path):
    calls: list[tuple[str, int, int]] = []
    folder = tmp_path / "data" / "omniglot"
    paths = fetch("omniglot", folder, server.url + "/", archives_in(omniglot_zips), lambda *call: calls.append(call))
    assert paths == tuple(folder / name for name in PARTS)
    for path in paths:
        size = path.stat().st_size
        assert path.read_bytes() == (omniglot_zips / path.name).read_bytes()
        assert (path.name, size, size) in calls
    assert all(0 <= done <= total for _, done, total in calls)
    assert sorted(path.name for path in folder.iterdir()) == sorted(PARTS)
    assert Omniglot(folder).table().classes == Omniglot(omniglot_zips).table().classes


def test_what_is_there_is_not_downloaded_again(server, omniglot_zips, tmp_path):
    archives = archives_in(omniglot_zips)
    fetch("omniglot", tmp_path / "data", server.url, archives)
    (tmp_path / "data" / PARTS[1]).write_bytes(b"cut short")
    server.requests.clear()
    fetch("omniglot", tmp_path / "data", server.url, archives)
    assert server.requests == [f"/{PARTS[1]}"]


def test_another_file_is_refused_and_not_kept(server, tmp_path):
    with pytest.raises(DataError) as caught:
        fetch("omniglot", tmp_path / "data", server.url)  # not the official archives
    assert caught.value.code == "checksum"
    assert f"{server.url}/images_background.zip" in caught.value.message
    assert list((tmp_path / "data").iterdir()) == []


def test_a_failed_download_keeps_what_was_there(server, tmp_path):
    (tmp_path / PARTS[0]).write_bytes(b"older")
    with pytest.raises(DataError):
        fetch("omniglot", tmp_path, server.url)
    assert (tmp_path / PARTS[0]).read_bytes() == b"older"


def test_a_server_without_the_file(server, tmp_path):
    with pytest.raises(DataError, match="404") as caught:
        fetch("omniglot", tmp_path / "data", server.url + "/elsewhere")
    assert caught.value.code == "download"
    assert "--base-url" in caught.value.help


def test_no_server(tmp_path):
    with Server(tmp_path) as closed:
        url = closed.url
    with pytest.raises(DataError, match="does not answer"):
        fetch("omniglot", tmp_path / "data", url)


def test_wrong_names_and_addresses(tmp_path):
    with pytest.raises(DataError, match='no download for "imagenet"'):
        fetch("imagenet", tmp_path)
    with pytest.raises(DataError, match="address is not valid"):
        fetch("omniglot", tmp_path, "nonsense")
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="cannot be written"):
        fetch("omniglot", tmp_path / "file")


def test_the_real_background_archive_over_http(real_omniglot, tmp_path):
    # The copy at hand is packed anew: its checksum is not the official one, its content is.
    archives = archives_in(real_omniglot, PARTS[:1])
    for server in serving(real_omniglot):
        fetch("omniglot", tmp_path, server.url, archives)
    assert len(Omniglot(tmp_path).table().classes) == 964


def test_official_downloads_are_over_https_with_checksums():
    for download in DOWNLOADS.values():
        assert download.base_url.startswith("https://")
        for archive in download.archives:
            algorithm, digest = archive.checksum.split(":")
            assert len(digest) == hashlib.new(algorithm).digest_size * 2


def test_nothing_heavy_is_imported_before_it_is_needed():
    code = (
        "import sys\n"
        "from metaspec.data import arrays, digits, episodes, fetch, glyphs\n"
        "from metaspec.data import image_folder, omniglot, paths, preview, store\n"
        "digits.Digits().table(); glyphs.Glyphs().table()\n"
        "print(sorted({'tensorflow', 'sklearn', 'pooch', 'requests', 'scipy'} & sys.modules.keys()))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
