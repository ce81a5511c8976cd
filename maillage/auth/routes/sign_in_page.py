"""The sign-in page: an address or an organization, what was chosen last in this browser, and what went wrong."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from maillage.auth.forms.arriving import AddressForm
from maillage.auth.queries import signing_in as queries
from maillage.auth.queries.signing_in import ProviderChoice
from maillage.auth.routes.clients import NO_STORE, leads_elsewhere, settings_of
from maillage.core.config import Settings
from maillage.core.db import reading
from maillage.core.languages import Text
from maillage.core.pages import locale_of, page

# The way in that this browser took last: a provider's number, or this word.
_LAST, BY_LETTER = "dernier", "courriel"
_REMEMBERED = 365 * 86_400
# From here on the list folds, and offers a field that narrows it.
_LONG = 8


@dataclass(frozen=True, slots=True)
class Trouble:
    """What went wrong with signing in, on the page that offers to try again."""

    why: Text
    reference: str
    status: int
    provider_id: int | None = None


async def sign_in_page(
    request: Request,
    next_path: str,
    *,
    trouble: Trouble | None = None,
    form: AddressForm | None = None,
    offered: list[ProviderChoice] | None = None,
) -> Response:
    """`offered`: the account services of the organization whose domain the address in `form` is in."""
    settings, last = settings_of(request), request.cookies.get(_LAST, "")
    async with reading(request) as db:
        choices = await queries.providers(db)
        people = await queries.demo_people(db) if settings.env == "demo" else {}
    failed = next((choice for choice in choices if trouble and choice.id == trouble.provider_id), None)
    response = page(
        request,
        "auth/sign_in.html",
        trouble.status if trouble else 422 if form is not None and form.errors else 200,
        form=form or AddressForm(locale_of(request)),
        offered=offered or [],
        # Never first what has just failed.
        last=next((choice for choice in choices if str(choice.id) == last and choice is not failed), None),
        by_letter=last == BY_LETTER,
        others=[choice for choice in choices if failed and _stands_in(choice, failed)],
        listed=[choice for choice in choices if choice.id not in people],
        shown_with_people=[choice for choice in choices if choice.id in people],
        people=people,
        long=len(choices) > _LONG,
        next_path=next_path,
        trouble=trouble,
    )
    if failed is not None and str(failed.id) == last:
        response.delete_cookie(_LAST, path="/connexion")
    response.headers["Content-Security-Policy"] = leads_elsewhere(settings)
    response.headers.update(NO_STORE)
    return response


def _stands_in(choice: ProviderChoice, failed: ProviderChoice) -> bool:
    return choice.organization_id == failed.organization_id is not None and choice.id != failed.id


def remember_choice(response: Response, settings: Settings, choice: str) -> None:
    """Have this browser show first, next time, the way in that served now."""
    response.set_cookie(
        _LAST, choice, max_age=_REMEMBERED, path="/connexion", secure=settings.is_https, httponly=True, samesite="lax"
    )
