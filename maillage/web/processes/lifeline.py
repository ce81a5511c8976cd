"""How a child process hears from `maillage serve`: its orders on one line of input, and the end when input closes.

A pipe closes whatever way the supervisor ends, `kill -9` included, so that no child outlives it.
"""

import json
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass

from pydantic import SecretStr

from maillage.core import config


@dataclass(frozen=True, slots=True)
class Orders:
    """What only the supervisor knows: where the database is, and the demo's sign-in provider."""

    database_url: str
    demo_provider_url: str | None = None

    def line(self) -> bytes:
        return json.dumps(asdict(self)).encode() + b"\n"


def settings() -> config.Settings:
    """This process's settings, once the supervisor has said what was missing; ends the process when it never does."""
    line = sys.stdin.buffer.readline()
    if not line.endswith(b"\n"):
        sys.exit(0)
    orders = Orders(**json.loads(line))
    return config.load().model_copy(
        update={"database_url": SecretStr(orders.database_url), "demo_provider_url": orders.demo_provider_url}
    )


def when_cut(act: Callable[[], object]) -> None:
    """Call `act`, from another thread, when the supervisor closes the pipe or ends."""

    def watch() -> None:
        # Not through sys.stdin, whose lock this thread would still hold while the interpreter shuts down.
        while os.read(0, 4096):
            pass
        act()

    threading.Thread(target=watch, name="lifeline", daemon=True).start()
