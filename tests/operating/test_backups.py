"""A backup brings everything back, and nothing else is taken for one."""

import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.operating.house import House

# A picture, in two sizes.
KEY = "f" * 32
PICTURE = {"480.webp": b"petite", "960.webp": b"grande" * 1000}
_ADD_FILE = f"""
    INSERT INTO stored_file (key, guest_key, kind, media_type, name, bytes, width, height, sizes, alt, right_of_use)
    VALUES ('{KEY}', 'x', 'image', 'image/webp', 'parc.webp', 6000, 960, 640, '{{480,960}}', 'Un parc', 'mine')
    RETURNING id
"""  # noqa: S608 — a constant

pytestmark = pytest.mark.operating


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(tmp_path_factory.mktemp("backups") / "var")
    with house.serving():
        house.asks(
            "INSERT INTO organization (slug, name, name_key) VALUES ('ancrage', 'L’Ancrage', 'ancrage') RETURNING id"
        )
        house.asks(_ADD_FILE)
        for part, content in PICTURE.items():
            path = house.data_dir / "files" / KEY / part
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        yield house


@pytest.fixture(scope="module")
def backup(house: House, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("file") / "hier soir.tar"
    done = house.run("backup", str(file))
    assert done.returncode == 0, done.stderr
    return file


def test_it_is_readable_by_its_owner_only(backup: Path) -> None:
    assert backup.stat().st_mode & 0o777 == 0o600
    assert list(backup.parent.iterdir()) == [backup]


def test_it_comes_back_in_another_installation(backup: Path, tmp_path: Path) -> None:
    other = House(tmp_path / "var")
    done = other.run("restore", str(backup))
    assert done.returncode == 0, done.stderr
    assert files_of(other) == PICTURE
    again = other.run("restore", str(backup))
    assert (again.returncode, "--replace" in again.stderr) == (1, True)
    replaced = other.run("restore", "--replace", str(backup))
    assert replaced.returncode == 0, replaced.stderr
    assert files_of(other) == PICTURE
    with other.serving():
        assert other.asks("SELECT name FROM stored_file WHERE key = $1", KEY) == "parc.webp"
        assert other.asks("SELECT name FROM organization WHERE slug = 'ancrage'") == "L’Ancrage"


def files_of(house: House) -> dict[str, bytes]:
    """The sizes of the picture that an installation keeps."""
    return {path.name: path.read_bytes() for path in (house.data_dir / "files" / KEY).iterdir()}


def test_a_running_installation_is_left_alone(house: House, backup: Path) -> None:
    done = house.run("restore", "--replace", str(backup))
    assert done.returncode == 1
    assert "Stop maillage serve" in done.stderr
    assert house.asks("SELECT count(*) FROM organization") == 1


def test_a_file_that_is_something_else(house: House, tmp_path: Path) -> None:
    file = tmp_path / "photo.jpg"
    file.write_bytes(b"\xff\xd8\xff" * 1000)
    done = house.run("restore", str(file))
    assert (done.returncode, done.stderr.strip()) == (1, f"{file} is not a Maillage backup.")


def test_a_tar_that_is_something_else(house: House, tmp_path: Path) -> None:
    file = tmp_path / "autre.tar"
    with tarfile.open(file, "w") as tar:
        tar.add(__file__, "test.py")
    done = house.run("restore", str(file))
    assert (done.returncode, done.stderr.strip()) == (1, f"{file} is not a Maillage backup.")


def test_a_damaged_one(house: House, backup: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "abime.tar"
    content = bytearray(backup.read_bytes())
    content[len(content) // 2] ^= 0xFF
    damaged.write_bytes(content)
    done = house.run("restore", str(damaged))
    assert done.returncode == 1
    assert "its checksum does not fit" in done.stderr
