"""A web process: answers HTTP on the supervisor's socket, and finishes what is in flight before it ends."""

import socket
import sys

import uvicorn

from maillage.core.config import Settings
from maillage.web import log
from maillage.web.app import create_app
from maillage.web.processes import lifeline

# How long requests in flight may take to finish.
_PATIENCE_S = 20


def run(settings: Settings, listening: socket.socket) -> None:
    log.configure(settings)
    server = uvicorn.Server(
        uvicorn.Config(
            create_app(settings),
            loop="uvloop",
            http="httptools",
            ws="none",
            lifespan="on",
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            # Whom to believe about the visitor's address is the application's own setting.
            proxy_headers=False,
            backlog=2048,
            timeout_keep_alive=65,
            timeout_graceful_shutdown=_PATIENCE_S,
        )
    )
    lifeline.when_cut(lambda: setattr(server, "should_exit", True))
    server.run(sockets=[listening])


if __name__ == "__main__":
    run(lifeline.settings(), socket.socket(fileno=int(sys.argv[1])))
