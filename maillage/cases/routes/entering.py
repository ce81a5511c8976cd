"""How a request comes to a story: through the one door, with an account, a private link, or neither."""

from hashlib import sha256

from starlette.requests import Request

from maillage.auth.viewer import viewer_of
from maillage.cases.queries import door
from maillage.core.db import Db


def guest_cookie(case_id: int) -> str:
    """The cookie that holds the private link of somebody who takes part without an account, in her browser alone. Each
    story has its own: somebody may be a guest of several."""
    return f"recit-{case_id}"


async def enter(request: Request, db: Db) -> door.Look:
    """The story of this address. Raises `NotHere` when absent or not hers to read."""
    return await door.look(db, viewer_of(request), guest_of(request), request.path_params["id"])


def guest_of(request: Request) -> bytes | None:
    """The private link by which this browser came to the story of this address, hashed; None without one."""
    token = request.cookies.get(guest_cookie(request.path_params["id"]), "")
    return sha256(token.encode()).digest() if token else None
