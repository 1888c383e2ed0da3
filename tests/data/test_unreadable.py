"""What may not be read is named, and never missing without a word."""

from pathlib import Path

import pytest
from PIL import Image

from metaspec.data.errors import DataError
from metaspec.data.files import list_files
from metaspec.data.headers import header_problems
from metaspec.data.image_folder import ImageFolder
from metaspec.data.paths import find_data
from tests.unprivileged import open_folder, unprivileged


@pytest.fixture
def classes():
    with open_folder() as root:
        for name in ("ant", "bee", "cat"):
            (root / name).mkdir()
            for number in range(2):
                Image.new("L", (4, 4), number).save(root / name / f"{number}.png")
        yield root
        for path in root.rglob("*"):
            path.chmod(0o755)


def refused(call) -> DataError:
    with unprivileged(), pytest.raises(DataError) as caught:
        call()
    return caught.value


def test_a_class_folder_without_permission_is_an_error(classes):
    source = ImageFolder(classes, (4, 4))
    (classes / "bee").chmod(0o000)
    found = refused(source.table)
    assert found.code == "permission" and found.message == f"{classes / 'bee'} cannot be read: permission denied"
    assert "chmod" in found.help
    (classes / "bee").chmod(0o444)  # its names can be listed, and nothing in it opened
    assert refused(source.table).message == f"{classes / 'bee' / '0.png'} cannot be read: permission denied"
    (classes / "bee").chmod(0o755)
    with unprivileged():
        assert len(source.table().classes) == 3


def test_a_hidden_folder_without_permission_is_nobodys_business(classes):
    (classes / ".git").mkdir(mode=0o000)
    with unprivileged():
        assert len(list_files(classes)) == 6


def test_a_picture_without_permission_is_not_called_broken(classes, tmp_path):
    (classes / "cat" / "1.png").chmod(0o000)
    source = ImageFolder(classes, (4, 4))
    with unprivileged():
        (found,) = header_problems(source, source.table(), classes)
    assert found.message == f"cat/1.png in {classes} cannot be read: permission denied"
    assert "replace" not in found.help and "permission" in found.help


def test_data_below_a_closed_folder(classes):
    classes.chmod(0o700)
    assert refused(lambda: find_data(str(classes / "ant"))).code == "permission"


def test_a_link_that_leads_nowhere_is_named(tmp_path: Path):
    (tmp_path / "ant").mkdir()
    (tmp_path / "ant" / "0.png").symlink_to(tmp_path / "gone.png")
    with pytest.raises(DataError, match="0.png is a link that leads nowhere"):
        list_files(tmp_path)
