"""A backup brings everything back, and nothing else is taken for one."""

import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.operating.house import House

pytestmark = pytest.mark.operating


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(tmp_path_factory.mktemp("backups") / "var")
    with house.serving():
        house.asks(
            "INSERT INTO organization (slug, name, name_key) VALUES ('ancrage', 'L’Ancrage', 'ancrage') RETURNING id"
        )
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
    again = other.run("restore", str(backup))
    assert (again.returncode, "--replace" in again.stderr) == (1, True)
    replaced = other.run("restore", "--replace", str(backup))
    assert replaced.returncode == 0, replaced.stderr
    with other.serving():
        assert other.asks("SELECT name FROM organization WHERE slug = 'ancrage'") == "L’Ancrage"


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
