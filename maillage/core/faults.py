"""A fault as the log may keep it: what kind, where in the code, and nothing of what a person wrote or is."""

import re
import traceback
from dataclasses import dataclass
from typing import Any

import asyncpg

# What messages quote is what somebody gave us; an address may stand there unquoted.
_GIVEN = re.compile(r"""'[^']*'|"[^"]*"|“[^”]*”|«[^»]*»|\([^()]*\)|[^\s<>=]+@[^\s<>]+|\d{5,}""")
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Fault:
    """`kind`: the exception's class. `said`: its message without what it quotes. `where`: its frames, outer first."""

    kind: str
    said: str
    where: tuple[str, ...]

    def as_fields(self) -> dict[str, Any]:
        return {"fault": self.kind, "said": self.said, "where": list(self.where)}


def fault(error: BaseException) -> Fault:
    """`error` without personal data. PostgreSQL's details, which repeat the row's values, are left out."""
    if isinstance(error, asyncpg.PostgresError):
        named = [error.sqlstate, error.table_name, error.constraint_name, error.column_name]
        said = " ".join([str(error.args[0]) if error.args else "", *(part for part in named if part)])
    else:
        said = str(error)
    return Fault(
        kind=type(error).__qualname__,
        said=_GIVEN.sub("…", said)[:_LONGEST],
        where=tuple(
            f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)
        ),
    )
