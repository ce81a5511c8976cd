"""A backup takes the files of the data directory along, and gives back none that is not as it was."""

import tarfile
from pathlib import Path

import pytest

from maillage.core.config import Settings, Trouble
from maillage.web.manage import kept_files
from tests.conftest import settings_for

KEY = "a" * 32
DAMAGED = Trouble("damaged")


def house(folder: Path) -> Settings:
    folder.mkdir()
    return settings_for("postgresql://nowhere/x", folder)


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    settings = house(tmp_path / "one")
    for name, content in ((f"{KEY}/480.webp", b"petit"), (f"{KEY}/960.webp", b"grand"), ("notes/x", b"not ours")):
        path = settings.data_dir / "files" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    file = tmp_path / "whole.tar"
    with tarfile.open(file, "w") as tar:
        assert kept_files.pack(settings, tar) == 1
    return file


def restored(settings: Settings, backup: Path) -> dict[str, bytes]:
    with tarfile.open(backup) as tar:
        kept_files.put_in_place(settings, kept_files.unpack(settings, tar, DAMAGED))
    folder = settings.data_dir / "files"
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_they_come_back_in_the_place_of_others(backup: Path, tmp_path: Path) -> None:
    settings = house(tmp_path / "two")
    other = settings.data_dir / "files" / ("b" * 32)
    other.mkdir(parents=True)
    (other / "document").write_bytes(b"former")
    with pytest.raises(Trouble, match="not empty"):
        kept_files.must_be_empty(settings)
    assert restored(settings, backup) == {f"{KEY}/480.webp": b"petit", f"{KEY}/960.webp": b"grand"}
    assert [path.name for path in settings.data_dir.iterdir()] == ["files"]


@pytest.mark.parametrize("damage", ["changed", "cut"])
def test_a_damaged_one_is_refused(backup: Path, tmp_path: Path, damage: str) -> None:
    content = backup.read_bytes()
    backup.write_bytes(content.replace(b"petit", b"autre") if damage == "changed" else content[:2048])
    settings = house(tmp_path / "two")
    with pytest.raises((Trouble, tarfile.TarError)):
        restored(settings, backup)
    assert not (settings.data_dir / "files").exists()
