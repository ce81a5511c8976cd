"""Where an embedded server listens: a short private folder for its socket, or the loopback address."""

import contextlib
import os
import socket
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

from maillage.core.config import Trouble
from maillage.core.embedded.programs import POSIX
from maillage.core.embedded.servant import Servant

# The address of a Unix socket holds 108 bytes on Linux and 104 on macOS, the final zero included.
_SOCKET_PATH_LIMIT = 103
_FOLDER = "maillage-"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server listens: a folder for its socket, or the loopback address and a port."""

    host: str
    port: int

    def dsn(self, user: str, password: str, database: str) -> str:
        return f"postgresql://{user}:{quote(password, safe='')}@/{database}?" + urlencode(
            {"host": self.host, "port": self.port}
        )

    def sweep(self) -> None:
        """Remove the folder of a socket that nobody listens on any more, if it is one that we made."""
        folder = Path(self.host)
        # An adopted server may have been told any folder, /tmp for one: only our sockets go, and an empty folder.
        if folder.name.startswith(_FOLDER):
            with contextlib.suppress(OSError):
                for file in folder.glob(".s.PGSQL.*"):
                    file.unlink()
                folder.rmdir()


def new_place(servant: Servant) -> Place:
    """A fresh private folder for the socket, under a short path; or a free port where there are no Unix sockets."""
    if not POSIX:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return Place("127.0.0.1", probe.getsockname()[1])
    runtime = os.environ.get("XDG_RUNTIME_DIR") if servant.uid is None else None
    for base in (runtime, "/tmp", tempfile.gettempdir()):  # noqa: S108 — mkdtemp makes the private folder in it
        if not base or len(os.fsencode(base)) > _SOCKET_PATH_LIMIT - len("/maillage-12345678/.s.PGSQL.5432.lock"):
            continue
        try:
            folder = Path(tempfile.mkdtemp(prefix=_FOLDER, dir=base))
        except OSError:
            continue
        servant.give(folder)
        return Place(str(folder), 5432)
    raise Trouble("No folder for PostgreSQL's socket: neither XDG_RUNTIME_DIR nor /tmp can be written to.")
