"""Who runs PostgreSQL's programs: ourselves, or, as root, somebody of no importance with no more rights than needed."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from maillage.core.config import Trouble
from maillage.core.embedded.programs import POSIX, Programs

if sys.platform != "win32":
    import pwd

# One more than Linux ever gives to a process; other systems stay far below.
NOBODYS_NUMBER = 4_194_304
_CAPABILITIES = {"dac_read_search": 2, "dac_override": 1}


@dataclass(frozen=True, slots=True)
class Servant:
    """As whom the programs run: as ourselves, or, since PostgreSQL refuses root, as an ordinary user.

    When that user cannot walk to the programs or the data (a clone in root's own folder), the process gets the
    one capability to read past it, rather than everybody getting permission.
    """

    uid: int | None = None
    gid: int | None = None
    capability: str | None = None

    @classmethod
    def of(cls, data: Path, programs: Programs) -> "Servant":
        """Who works on `data`: its owner, or `nobody` while it is still root's."""
        if not POSIX or os.geteuid() != 0:
            if POSIX and data.stat().st_uid != os.geteuid():
                raise Trouble(f"{data} belongs to another user; run this as that user or as root.")
            return cls()
        owner = data.stat()
        uid, gid = (owner.st_uid, owner.st_gid) if owner.st_uid else _nobody()
        enough = _can_run(Path(programs.path("postgres")), uid, gid)
        if enough and _can_walk(data, uid, gid):
            return cls(uid, gid)
        if not sys.platform.startswith("linux") or shutil.which("setpriv") is None:
            raise Trouble(f"As root, PostgreSQL runs as user {uid}, who cannot reach {data} or {programs.folder}.")
        bounding = _bounding_set()
        # Reading past permissions is enough to walk and to read; running a closed program takes the larger one.
        wanted = (
            ["dac_read_search", "dac_override"]
            if _is_open(Path(programs.path("postgres")), uid, gid)
            else ["dac_override"]
        )
        for capability in wanted:
            if bounding >> _CAPABILITIES[capability] & 1:
                return cls(uid, gid, capability)
        raise Trouble(
            f"As root, PostgreSQL runs as user {uid}, who cannot reach {data} or {programs.folder}, and this machine "
            "lets nobody read past permissions; move the folder to a place that everybody can walk to."
        )

    def give(self, path: Path) -> None:
        """Make `path` this user's."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self._command(command),
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            **self._manner(),
        )

    def launch(self, command: list[str], log: Any) -> subprocess.Popen[bytes]:
        # A session of its own: Ctrl-C in the terminal is for us, and we stop it in our own time.
        return subprocess.Popen(
            self._command(command), stdout=log, stderr=log, start_new_session=True, **self._manner()
        )

    def _command(self, command: list[str]) -> list[str]:
        if self.capability is None:
            return command
        only = f"-all,+{self.capability}"
        identity = ["--reuid", str(self.uid), "--regid", str(self.gid), "--clear-groups"]
        # Without no_setuid_fixup, access(2), by which PostgreSQL looks for its own programs, ignores capabilities.
        powers = [
            "--inh-caps",
            only,
            "--ambient-caps",
            only,
            "--bounding-set",
            only,
            "--securebits",
            "+no_setuid_fixup",
        ]
        return ["setpriv", *identity, *powers, "--", *command]

    def _manner(self) -> dict[str, Any]:
        kept = ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "SYSTEMROOT", "SYSTEMDRIVE", "TEMP", "TMP")
        environment = {name: os.environ[name] for name in kept if name in os.environ} | {"LC_ALL": "C"}
        manner: dict[str, Any] = {"stdin": subprocess.DEVNULL, "env": environment, "cwd": Path.cwd().anchor}
        if self.uid is not None and self.capability is None:
            manner |= {"user": self.uid, "group": self.gid, "extra_groups": []}
        return manner


def _nobody() -> tuple[int, int]:
    entry = pwd.getpwnam("nobody")
    return entry.pw_uid, entry.pw_gid


def _permits(path: Path, uid: int, gid: int, bit: int) -> bool:
    status = path.stat()
    shift = 6 if status.st_uid == uid else 3 if status.st_gid == gid else 0
    return bool(status.st_mode >> shift & bit)


def _can_walk(path: Path, uid: int, gid: int) -> bool:
    return all(_permits(folder, uid, gid, 1) for folder in path.resolve().parents)


def _is_open(program: Path, uid: int, gid: int) -> bool:
    return _permits(program, uid, gid, 1)


def _can_run(program: Path, uid: int, gid: int) -> bool:
    return _can_walk(program, uid, gid) and _is_open(program, uid, gid) and _permits(program.resolve(), uid, gid, 4)


def _bounding_set() -> int:
    found = re.search(r"^CapBnd:\s*([0-9a-f]+)", Path("/proc/self/status").read_text("ascii"), re.MULTILINE)
    return int(found[1], 16) if found else 0


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    try:
        # A process that ended and that nobody has asked about yet is not alive.
        return Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()[0] != "Z"
    except (OSError, IndexError):
        return not Path("/proc/self").exists()


def may_be_postgres(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip().startswith(("postgres", "postmaster"))
    except OSError:
        return True
