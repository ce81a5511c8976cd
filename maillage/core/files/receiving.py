"""A form that brings a file: read, checked, put into the store, and shown again when something is wrong with it."""

from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from maillage.core.errors import Unavailable
from maillage.core.files import adding
from maillage.core.files.checks import NotAccepted
from maillage.core.files.commands import Known
from maillage.core.files.forms import NO_ALT, NO_FILE, UploadForm
from maillage.core.files.store import store_of
from maillage.core.languages import _
from maillage.core.pages import page

STORE_AWAY = _("Files cannot be kept just now. Nothing that you wrote here is lost: please try again in a few minutes.")


async def received(request: Request, form: UploadForm, file: UploadFile | None) -> Known | int:
    """The file, in the store and ready for `commands.add`; or the status of the page that shows `form` again, which
    says by then what is wrong."""
    fine = form.validate()
    found = None
    if file is None:
        form.refuse("file", NO_FILE)
    else:
        try:
            found = await adding.checked(adding.Sent(file.filename or "", file.content_type or "", await file.read()))
        except NotAccepted as refusal:
            form.refuse("file", refusal.why)
    if found is not None and found.kind == "image" and not form.is_described:
        form.refuse("alt", NO_ALT)
    if found is None or form.errors or not fine:
        return 422
    try:
        return await adding.kept(
            store_of(request.app.state.settings),
            found,
            alt=form.alt.words if found.kind == "image" else "",
            right_of_use=form.right_of_use.data,
            credit=form.credit.words,
        )
    except Unavailable:
        form.refuse("file", STORE_AWAY)
        return 503


def shown_again(request: Request, template: str, status: int, **context: Any) -> Response:
    """The page with the form, for the status that `received` gave."""
    response = page(request, template, status, **context)
    if status == 503:
        response.headers["Retry-After"] = "60"
    return response
