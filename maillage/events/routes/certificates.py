"""What one has of a gathering beside one's registration: the code for its door, certificates of what one attended."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from maillage.auth.viewer import viewer_of
from maillage.core import clock, limits, times
from maillage.core.codes import drawn
from maillage.core.config import Settings
from maillage.core.db import Row, reading
from maillage.core.errors import NotHere
from maillage.core.languages import Text, _
from maillage.core.sealing import Unreadable, seal, unseal
from maillage.events.pdf import certificate
from maillage.events.policies.zones import span
from maillage.events.queries import attendance

# A certificate is shown years later: its address holds a registration and a session, or 0 for all, and never ends.
ATTESTED = "a certificate of attendance"


@dataclass(frozen=True, slots=True)
class Beside:
    """The code for the door, while it opens it, and the addresses of certificates with what they are of."""

    code: Markup | None
    certificates: Sequence[tuple[Text, str]]


def beside(settings: Settings, row: Row) -> Beside:
    """What goes with a registration of hers, as `queries.registrations` has it."""
    code = None
    if row["status"] == "confirmed" and row["way"] == "in-person" and row["ends_at"] and row["ends_at"] > clock.now():
        code = drawn(f"{settings.base_url}/rencontres/{row['gathering_id']}/accueil?code={row['ticket']}")
    # Pairs of a session that she attended and its place among the sessions of the date.
    attended = [(int(session), int(place) - 1) for session, place in row["attended"] or ()]
    found = [(span(row["starts"][at], row["ends"][at], row["zone"]), session) for session, at in attended]
    if row["attended_in_all"] > 1 and found:
        found.append((_("All that I attended of this gathering"), 0))
    return Beside(code, [(words, address(settings, row["id"], session)) for words, session in found])


def address(settings: Settings, registration_id: int, session_id: int = 0) -> str:
    """Of the certificate of one session; without one, of all that she attended of the gathering."""
    token = seal(settings.secret, ATTESTED, f"{registration_id} {session_id}".encode()).decode()
    return f"/rencontres/attestations/{token}.pdf"


async def attest(request: Request) -> Response:
    """The certificate, as what was noted at the door has it today."""
    settings: Settings = request.app.state.settings
    try:
        said = unseal(settings.secret, ATTESTED, request.path_params["token"].encode()).decode()
    except Unreadable:
        raise NotHere from None
    registration_id, session_id = (int(part) for part in said.split())
    who = viewer_of(request)
    await limits.check(request, "export", who.id if who else None)
    async with reading(request) as db:
        found = await attendance.attended(db, registration_id, clock.now())
    sessions = [row for row in found.sessions if session_id in (0, row["id"])] if found else []
    if found is None or not sessions:
        raise NotHere
    locale = found.whose["locale"]
    made = await certificate(
        replace(found, sessions=sessions),
        locale,
        site=settings.name,
        address=settings.base_url + request.url.path,
        issued=times.date(clock.today(settings.time_zone), locale),
    )
    headers = {
        "Content-Disposition": f'inline; filename="attestation-{found.whose["gathering_id"]}.pdf"',
        "Cache-Control": "private, no-store",
    }
    return Response(made, media_type="application/pdf", headers=headers)


routes: list[BaseRoute] = [Route("/rencontres/attestations/{token}.pdf", attest, name="certificate")]
