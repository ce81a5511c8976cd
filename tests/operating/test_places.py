"""Where the installation stands and who runs it must not matter: spaces, accents, closed folders, any user."""

import os
import pwd
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.operating.house import ROOT, House

pytestmark = pytest.mark.operating
IS_ROOT = os.geteuid() == 0


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The code in a folder whose name has a space and an accent."""
    copy = tmp_path / "Mes projets à moi" / "maillage"
    shutil.copytree(ROOT / "maillage", copy / "maillage", ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def test_a_path_with_a_space_and_an_accent(copy: Path) -> None:
    with House(copy / "var", code=copy).serving() as house:
        assert house.get("/a-propos")[0] == 200


@pytest.mark.skipif(not IS_ROOT, reason="every other test here already runs as an ordinary user")
def test_an_ordinary_user(copy: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    # Python and the tests' folders may be root's own; this is no more than permission to walk past that.
    only = "-all,+dac_read_search"
    prefix = ["setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"]
    prefix += [f"--inh-caps={only}", f"--ambient-caps={only}", "--securebits=+no_setuid_fixup", "--"]
    subprocess.run(["chown", "-R", "nobody", str(copy)], check=True)
    with House(copy / "var", code=copy, prefix=prefix).serving() as house:
        assert house.get("/a-propos")[0] == 200
        for path in ("var", "var/postgres", "var/secret-key"):
            status = (copy / path).stat()
            assert (status.st_uid, status.st_mode & 0o077) == (nobody.pw_uid, 0), path


@pytest.mark.skipif(not IS_ROOT, reason="only root has to hand PostgreSQL to somebody else")
def test_root_in_a_closed_folder_opens_nobodys_permissions(copy: Path) -> None:
    closed = copy.parent
    closed.chmod(0o700)
    with House(copy / "var", code=copy).serving() as house:
        assert house.get("/a-propos")[0] == 200
        assert (closed.stat().st_uid, closed.stat().st_mode & 0o777) == (0, 0o700)
        assert (copy / "var/postgres").stat().st_uid != 0
        assert (copy / "var/secret-key").stat().st_mode & 0o777 == 0o600
