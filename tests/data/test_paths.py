import pytest

from metaspec.data.errors import DataError
from metaspec.data.paths import find_data


def test_beside_the_file_comes_before_the_data_folder(tmp_path):
    for root in ("specs", "data"):
        (tmp_path / root / "omniglot").mkdir(parents=True)
    environment = {"METASPEC_DATA": str(tmp_path / "data")}
    assert find_data("omniglot", tmp_path / "specs", environment) == tmp_path / "specs/omniglot"
    (tmp_path / "specs/omniglot").rmdir()
    assert find_data("omniglot", tmp_path / "specs", environment) == tmp_path / "data/omniglot"


def test_a_zip_is_found_under_the_name_of_its_folder(tmp_path):
    (tmp_path / "flowers.zip").write_bytes(b"")
    assert find_data("flowers", tmp_path, {}) == tmp_path / "flowers.zip"
    assert find_data("flowers.zip", tmp_path, {}) == tmp_path / "flowers.zip"
    (tmp_path / "flowers").mkdir()
    assert find_data("flowers", tmp_path, {}) == tmp_path / "flowers"


def test_the_data_folder_may_be_the_one_that_the_spec_calls_data(tmp_path):
    (tmp_path / "store/omniglot").mkdir(parents=True)
    environment = {"METASPEC_DATA": str(tmp_path / "store")}
    assert find_data("data/omniglot", tmp_path / "specs", environment) == tmp_path / "store/omniglot"
    (tmp_path / "store/data/omniglot").mkdir(parents=True)
    assert find_data("data/omniglot", tmp_path / "specs", environment) == tmp_path / "store/data/omniglot"


def test_an_absolute_path_is_looked_up_nowhere_else(tmp_path):
    (tmp_path / "x").mkdir()
    assert find_data(str(tmp_path / "x"), tmp_path / "specs", {"METASPEC_DATA": "/d"}) == tmp_path / "x"
    with pytest.raises(DataError) as caught:
        find_data("/no/such", tmp_path, {"METASPEC_DATA": str(tmp_path)})
    assert str(tmp_path) not in caught.value.message


def test_the_error_lists_the_places_and_the_way_out(tmp_path):
    environment = {"METASPEC_DATA": str(tmp_path / "store")}
    with pytest.raises(DataError) as caught:
        find_data("data/omniglot", tmp_path / "specs", environment)
    found = caught.value
    assert (found.code, found.field) == ("path-missing", "path")
    for place in ("specs/data/omniglot", "store/data/omniglot", "store/omniglot"):
        assert str(tmp_path / place) in found.message
    assert "metaspec data fetch omniglot" in found.help
    with pytest.raises(DataError) as caught:
        find_data("flowers", tmp_path, {})
    assert "METASPEC_DATA" in caught.value.help
    assert "fetch" not in caught.value.help


def test_a_path_may_be_kept_within_folders(tmp_path):
    (tmp_path / "specs").mkdir()
    (tmp_path / "secret").mkdir()
    (tmp_path / "specs/link").symlink_to(tmp_path / "secret")
    (tmp_path / "specs/own").mkdir()
    for path in ("../secret", "link", str(tmp_path / "secret")):
        assert find_data(path, tmp_path / "specs", {}).exists()
        with pytest.raises(DataError) as caught:
            find_data(path, tmp_path / "specs", {}, within=[tmp_path / "specs"])
        assert caught.value.code == "path-outside"
    assert find_data("own", tmp_path / "specs", {}, within=[tmp_path / "specs"]) == tmp_path / "specs/own"
