"""A real installation for the operating tests: its own data directory and port, its own processes, killed for real."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import asyncpg

from maillage.core.embedded import Embedded

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(true: Any, what: str) -> None:
    """Wait for something that must become true."""
    end = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < end, f"in {PATIENCE_S} s this did not happen: {what}"
        time.sleep(0.05)


@dataclass
class House:
    """One installation. Production settings by default, so that nothing has to be loaded first."""

    data_dir: Path
    port: int = field(default_factory=free_port)
    code: Path = ROOT
    env: dict[str, str] = field(default_factory=dict)
    # What the commands are run through, when not as ourselves.
    prefix: list[str] = field(default_factory=list)
    supervisor: "subprocess.Popen[str] | None" = None

    @property
    def log(self) -> Path:
        return self.data_dir.parent / f"{self.data_dir.name}.serve.log"

    def environment(self) -> dict[str, str]:
        base = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("MAILLAGE_", "PORT", "PG", "PYTHONDONT"))
        }
        production = {
            "MAILLAGE_ENV": "production",
            "MAILLAGE_BASE_URL": f"http://127.0.0.1:{self.port}",
            "MAILLAGE_RESPONSIBLE_NAME": "Une personne",
            "MAILLAGE_RESPONSIBLE_EMAIL": "personne@example.org",
            "MAILLAGE_POSTAL_ADDRESS": "1, rue de l’Exemple, Trois-Rivières",
        }
        own = {"PORT": str(self.port), "MAILLAGE_DATA_DIR": str(self.data_dir), "PYTHONPATH": str(self.code)}
        return {**base, **production, **own, **self.env}

    def maillage(self, *words: str) -> list[str]:
        return [*self.prefix, sys.executable, "-P", "-m", "maillage.web.manage", *words]

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run one command to its end."""
        return subprocess.run(
            self.maillage(*words),
            env=self.environment(),
            cwd=self.code,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def serve(self, *words: str) -> None:
        """Start serving, and wait for the page."""
        with self.log.open("w") as log:
            supervisor = subprocess.Popen(
                self.maillage("serve", *words), env=self.environment(), cwd=self.code, stdout=log, stderr=log, text=True
            )
        self.supervisor = supervisor
        until(lambda: supervisor.poll() is not None or self.is_ready(), "a page answers")
        assert supervisor.poll() is None, self.log.read_text()

    def get(self, path: str) -> tuple[int, str]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode(errors="replace")
        finally:
            connection.close()

    def is_ready(self) -> bool:
        try:
            return self.get("/readyz")[0] == 200
        except (OSError, HTTPException):
            return False

    def stop(self, number: int = signal.SIGINT) -> int:
        """Ask it to stop as Ctrl-C does; its exit code."""
        assert self.supervisor is not None
        self.supervisor.send_signal(number)
        code = self.supervisor.wait(PATIENCE_S)
        self.supervisor = None
        return code

    def kill(self) -> None:
        """Kill the supervisor, and only it, without warning."""
        assert self.supervisor is not None
        self.supervisor.kill()
        self.supervisor.wait()
        self.supervisor = None

    def postmaster(self) -> int:
        return int((self.data_dir / "postgres" / "postmaster.pid").read_text().split()[0])

    def asks(self, sql: str, *arguments: object) -> Any:
        """Ask the database something, past the application."""

        async def ask(dsn: str) -> Any:
            connection = await asyncpg.connect(dsn)
            try:
                return await connection.fetchval(sql, *arguments)
            finally:
                await connection.close()

        # In a thread of its own: a browser's driver keeps a loop running in this one.
        with ThreadPoolExecutor(1) as threads:
            return threads.submit(lambda: asyncio.run(ask(self.dsn()))).result()

    def dsn(self) -> str:
        dsn = Embedded(self.data_dir, print).attach()
        assert dsn is not None
        return dsn

    def processes(self) -> list[str]:
        """What still runs for this installation, as `ps` shows it."""
        children = f"MAILLAGE_DATA_DIR={self.data_dir}".encode()
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                command = process.joinpath("cmdline").read_bytes().replace(b"\0", b" ")
                if children in process.joinpath("environ").read_bytes() or bytes(self.data_dir) in command:
                    found.append(f"{process.name} {command.decode(errors='replace')}")
        return found

    @contextlib.contextmanager
    def serving(self, *words: str) -> Iterator["House"]:
        self.serve(*words)
        try:
            yield self
        finally:
            self.clear_away()

    def clear_away(self) -> None:
        """Leave nothing running, whatever happened."""
        if self.supervisor is not None and self.supervisor.poll() is None:
            self.stop()
        self.supervisor = None
        with contextlib.suppress(OSError, ValueError, IndexError):
            os.kill(self.postmaster(), signal.SIGINT)
        until(lambda: not self.processes(), "everything ends")
