"""Setting up from nothing: the right Python is looked for, and a machine without one is told so in one sentence."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.operating.house import ROOT

NEEDED = ("sh", "dirname", "pwd", "id", "cat", "cksum", "rm")


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder that is a whole PATH, with an old python3 and what every system has; beside it a clone."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in NEEDED:
        found = shutil.which(name)
        assert found is not None
        (programs / name).symlink_to(found)
    _program(programs / "python3", 'case "$1" in --version) echo Python 3.9.2 ;; *) exit 1 ;; esac')
    clone = tmp_path / "clone à moi" / "tools"
    clone.mkdir(parents=True)
    shutil.copy(ROOT / "tools" / "set-up", clone)
    for name in ("pyproject.toml", "requirements.lock", "requirements-dev.lock"):
        shutil.copy(ROOT / name, clone.parent)
    return programs


def _program(path: Path, script: str) -> None:
    path.write_text(f"#!{shutil.which('sh')}\n{script}\n")
    path.chmod(0o755)


def _set_up(machine: Path, what: str) -> "subprocess.CompletedProcess[str]":
    script = machine.parent / "clone à moi" / "tools" / "set-up"
    return subprocess.run(
        ["sh", str(script), what], env={"PATH": str(machine)}, capture_output=True, text=True, check=False
    )


def test_an_older_python_is_refused_in_one_sentence(machine: Path) -> None:
    done = _set_up(machine, "runtime")
    assert done.returncode == 1
    assert done.stderr.strip() == "Python 3.11 or newer is needed; this machine has Python 3.9.2."


def test_a_newer_python_by_another_name_is_found(machine: Path) -> None:
    _program(
        machine / "python3.13",
        'case "$1$2" in -mvenv) echo "venv by 3.13" >&2; exit 1 ;; *sys.version,*) echo 3.13 ;; esac',
    )
    done = _set_up(machine, "runtime")
    assert "venv by 3.13" in done.stderr
    assert "python3.13 cannot make a virtual environment" in done.stderr


def test_a_machine_without_a_browser_is_told_how_to_get_one(machine: Path) -> None:
    done = _set_up(machine, "browser")
    assert done.returncode == 1
    assert "apt-get install chromium" in done.stderr
