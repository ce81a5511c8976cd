"""The server processes that are measured, one at a time on one core, and what they weigh."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from maillage.core.config import Settings
from maillage.web.processes.lifeline import Orders

PATIENCE_S = 30


@dataclass(frozen=True, slots=True)
class Server:
    name: str
    pid: int
    port: int

    def memory_mb(self) -> float | None:
        """What the process weighs, its share of shared pages included; None where the system does not say."""
        try:
            told = Path(f"/proc/{self.pid}/smaps_rollup").read_text()
        except OSError:
            return None
        kilobytes = next(int(line.split()[1]) for line in told.splitlines() if line.startswith("Pss:"))
        return kilobytes / 1024

    def cpu_s(self) -> float | None:
        """How many seconds of processor it has used so far."""
        try:
            told = Path(f"/proc/{self.pid}/stat").read_text()
        except OSError:
            return None
        # The name, in brackets, may hold anything; user and system time are the 12th and 13th after it.
        fields = told.rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def spread_out() -> tuple[set[int], set[int]] | None:
    """Cores for the server and for everybody else; None where there are no two or the system has no say."""
    if not hasattr(os, "sched_getaffinity"):
        return None
    first, *others = sorted(os.sched_getaffinity(0))
    return ({first}, set(others)) if others else None


@contextlib.contextmanager
def ours(settings: Settings, core: set[int] | None) -> Iterator[Server]:
    """A web process as `maillage serve` starts it, with the same options."""
    given = {
        "MAILLAGE_ENV": "demo",
        "MAILLAGE_DATA_DIR": str(settings.data_dir),
        # Its pages name their own address: they are to be as long as those that were counted.
        "MAILLAGE_BASE_URL": settings.base_url,
        # Every request of the load then comes from an address of its own, as visitors do.
        "MAILLAGE_TRUSTED_PROXIES": "1",
    }
    with _process("ours", ["maillage.web.processes.web"], given, settings.data_dir, core) as (server, process):
        assert process.stdin is not None
        process.stdin.write(Orders(settings.dsn).line())
        process.stdin.flush()
        _until_it_answers(server)
        yield server


@contextlib.contextmanager
def floor(plan: Path, core: set[int] | None) -> Iterator[Server]:
    """The bare server of `bench/floor.py`."""
    with _process("floor", ["bench.floor", str(plan)], {}, plan.parent, core) as (server, _):
        _until_it_answers(server)
        yield server


@contextlib.contextmanager
def _process(
    name: str, module: list[str], settings: dict[str, str], folder: Path, core: set[int] | None
) -> "Iterator[tuple[Server, subprocess.Popen[bytes]]]":
    with socket.socket() as listening, (folder / f"{name}.log").open("wb") as log:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", 0))
        listening.listen(2048)
        listening.setblocking(False)
        port, descriptor = listening.getsockname()[1], listening.fileno()
        command = [sys.executable, "-m", *module, str(descriptor)]
        others = {key: value for key, value in os.environ.items() if not key.startswith("MAILLAGE_")}
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            pass_fds=(descriptor,),
            env={**others, **settings, "PORT": str(port)},
        )
        if core is not None:
            os.sched_setaffinity(process.pid, core)
        try:
            yield Server(name, process.pid, port), process
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.terminate()
            process.wait(PATIENCE_S)


def _until_it_answers(server: Server) -> None:
    until = time.monotonic() + PATIENCE_S
    while True:
        with contextlib.suppress(OSError):
            connection = HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE_S)
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        if time.monotonic() > until:
            raise TimeoutError(f"{server.name} does not answer")
        time.sleep(0.05)
