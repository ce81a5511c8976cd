"""The demonstration's sign-in provider, in a process of its own: the application reaches it as it would any other."""

import socket
import sys
from urllib.parse import urlsplit

import uvicorn

from maillage.core.config import Settings
from maillage.web.demo.provider import create_provider, users
from maillage.web.processes import lifeline


def run(settings: Settings, listening: socket.socket) -> None:
    parts = urlsplit(settings.base_url)
    server = uvicorn.Server(
        uvicorn.Config(
            create_provider(
                users(), url=settings.demo_provider_url or "", client_origin=f"{parts.scheme}://{parts.netloc}"
            ),
            ws="none",
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=2,
        )
    )
    lifeline.when_cut(lambda: setattr(server, "should_exit", True))
    server.run(sockets=[listening])


if __name__ == "__main__":
    run(lifeline.settings(), socket.socket(fileno=int(sys.argv[1])))
