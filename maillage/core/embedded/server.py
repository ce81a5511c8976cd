"""The life of an embedded server: made, started, adopted, watched, stopped."""

import asyncio
import contextlib
import hashlib
import hmac
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import asyncpg

from maillage.core.config import Trouble, kept_secret
from maillage.core.embedded.place import Place, new_place
from maillage.core.embedded.programs import POSIX, Programs, find_programs, locales
from maillage.core.embedded.servant import NOBODYS_NUMBER, Servant, is_alive, may_be_postgres

_NAME = "maillage"
_LOG_LIMIT = 10_000_000
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
        return self._pid is not None and is_alive(self._pid)

    def stop(self) -> None:
        """Stop the server and wait until it has written everything down."""
        if self._pid is None:
            return
        self._given_up.clear()
        if self.is_alive():
            os.kill(self._pid, signal.SIGINT)
            self._wait(lambda: not self.is_alive(), "PostgreSQL is writing everything down before it stops")
        if self._place is not None:
            self._place.sweep()
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
        servant = Servant.of(aside, programs)
        for path in (aside, secret, cluster):
            servant.give(path)
        command = [programs.path("initdb"), "-D", str(cluster), "-U", "postgres", "--encoding=UTF8"]
        command += ["--auth=scram-sha-256", f"--pwfile={secret}", "--data-checksums", "--lc-messages=C"]
        failure = ""
        for locale in locales(programs.major):
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
        servant = Servant.of(self.cluster, programs)
        place = self._place or new_place(servant)
        give_up = time.monotonic() + 120
        while True:
            self._let_go_of_the_dead(place)
            error = self._launch(programs, servant, place)
            if error is None:
                return place
            if time.monotonic() > give_up or not any(phrase in error for phrase in _PASSING):
                raise Trouble(f"PostgreSQL does not start: {error} (the rest is in {self.log}).")
            time.sleep(0.3)

    def _launch(self, programs: Programs, servant: "Servant", place: Place) -> str | None:
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
        if not is_alive(pid) or not may_be_postgres(pid):
            return None
        self._child, self._pid = None, pid
        self._wait(
            lambda: not is_alive(pid) or self._status() == (pid, "ready"),
            "The PostgreSQL that still runs is not ready yet",
        )
        _, place = self._recorded() or (pid, None)
        return place if place is not None and asyncio.run(self._answers(place, self.cluster.resolve())) else None

    def _stop_the_silent(self, programs: Programs) -> None:
        """A server that runs and does not answer (its socket was swept away) makes room for one that does."""
        recorded = self._recorded()
        if recorded is None or not is_alive(recorded[0]):
            return
        self._say("A PostgreSQL still runs on this data directory and does not answer; stopping it ...")
        stop = [programs.path("pg_ctl"), "stop", "-D", str(self.cluster), "-m", "fast", "-w", "-t", "600"]
        Servant.of(self.cluster, programs).run(stop)

    def _let_go_of_the_dead(self, place: Place) -> None:
        """Let go of a process number in `postmaster.pid` that is nobody's, or another program's by now.

        PostgreSQL would take it for a server that runs: after `kill -9` while nobody has asked about the dead process
        yet (in a container without init, nobody ever does), or after a restart of the machine. The rest of the file
        stays: by it PostgreSQL sees whether backends of the dead server still hold its memory.
        """
        file = self.cluster / "postmaster.pid"
        recorded = self._recorded()
        if recorded is None:
            # Empty, after a full disk or a power cut, it says nothing that could still hold.
            if file.exists() and not file.read_bytes().strip():
                file.unlink()
            return
        pid, former = recorded
        if is_alive(pid) and may_be_postgres(pid):
            return
        with contextlib.suppress(FileNotFoundError):
            rest = file.read_text().partition("\n")[2]
            file.write_text(f"{NOBODYS_NUMBER}\n{rest}")
        if former is not None and former != place:
            former.sweep()

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


def _sync_folder(folder: Path) -> None:
    if POSIX:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
