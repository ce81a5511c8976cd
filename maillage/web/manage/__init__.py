"""The command line, `maillage …`: each command does one thing, and a failure is non-zero and one clear sentence."""

import argparse
import asyncio
import sys
from importlib import import_module

import asyncpg

from maillage.core.config import Trouble
from maillage.core.errors import Unavailable

# Each command's module has `arguments(command, parser)` and `run(arguments)`; only the one asked for is loaded,
# so that `serve` starts quickly.
COMMANDS = {
    "serve": ("serving", "start everything, and say where to click"),
    "worker": ("serving", "run jobs (letters, clean-up) until stopped"),
    "migrate": ("database", "bring the database to this version's tables"),
    "backup": ("database", "write everything to one file"),
    "restore": ("database", "bring everything back from such a file"),
    "demo": ("content", "load the demonstration world (--clear takes it away)"),
    "flood": ("content", "make a large volume of discussions, for measuring"),
    "sign-in-link": ("people", "print a one-time link to sign in, valid 15 minutes"),
    "make-admin": ("people", "let somebody administer the platform"),
    "reseal": ("secrets", "seal what organizations entrusted with the secret key of now"),
    "doctor": ("doctor", "say in plain words what is wrong with this installation"),
}


def say(sentence: str) -> None:
    """Tell the operator something beside the result."""
    print(sentence, file=sys.stderr, flush=True)


def main(words: list[str] | None = None) -> None:
    """Run the command that `words` name; the process's own by default."""
    words = sys.argv[1:] if words is None else words
    parser = argparse.ArgumentParser(prog="maillage", description="Runs and looks after a Maillage installation.")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, (module, meaning) in COMMANDS.items():
        subparser = subparsers.add_parser(name, help=meaning, description=f"maillage {name}: {meaning}.")
        if words and words[0] == name:
            import_module(f"maillage.web.manage.{module}").arguments(name, subparser)
    arguments = parser.parse_args(words)
    try:
        import_module(f"maillage.web.manage.{COMMANDS[arguments.command][0]}").run(arguments)
    except Trouble as trouble:
        say(str(trouble))
        sys.exit(1)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, Unavailable) as error:
        say(f"maillage {arguments.command} failed: {error}.")
        sys.exit(1)
    except (KeyboardInterrupt, asyncio.CancelledError):
        say("Interrupted.")
        sys.exit(130)
