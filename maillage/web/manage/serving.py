"""`serve` and `worker`: what stays running."""

import argparse
import importlib
import sys

from maillage.core.config import load
from maillage.core.places import Places
from maillage.web import serve
from maillage.web.installation import standing


def arguments(command: str, parser: argparse.ArgumentParser) -> None:
    if command == "serve":
        parser.add_argument("--workers", type=int, default=1, metavar="N", help="how many web processes (1)")


def run(arguments: argparse.Namespace) -> None:
    settings = load()
    if arguments.command == "serve":
        if not 1 <= arguments.workers <= 64:
            sys.exit("--workers takes a number from 1 to 64.")
        # Said here once, rather than by each of the processes as it ends.
        Places(settings.country_database)
        serve.run(settings, arguments.workers)
        return
    # The worker brings every floor with it, which `serve` has no time for.
    worker = importlib.import_module("maillage.web.processes.worker")
    with standing(settings, serve.say) as ready:
        worker.run(ready)
