"""« On l’a essayé aussi »: telling how somebody else's story went here."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from maillage.auth.routes.clients import today_of
from maillage.auth.viewer import viewer_of
from maillage.cases import policies
from maillage.cases.commands import trials
from maillage.cases.forms.trials import TrialForm
from maillage.cases.policies.gate import STATEMENTS
from maillage.cases.policies.template import TRIAL
from maillage.cases.queries.door import Look
from maillage.cases.routes.entering import enter
from maillage.core import clock, limits
from maillage.core.config import Settings
from maillage.core.db import reading, writing
from maillage.core.forms import form_data
from maillage.core.pages import locale_of, page
from maillage.core.sealing import new_token
from maillage.forum.forms import language_of
from maillage.taxonomies.queries.vocabulary import Vocabulary, vocabulary


async def new_trial(request: Request) -> Response:
    """Tell how it went; GET shows the form."""
    if request.method == "POST":
        return await _tell(request)
    async with reading(request) as db:
        look = await enter(request, db)
        policies.may_answer_trial(viewer_of(request), look.standing).or_refuse()
        known = await vocabulary(request, db, look.version[1])
    return _page(request, look, TrialForm(locale_of(request), known=known, request_key=new_token()))


async def _tell(request: Request) -> Response:
    who = policies.signed_in(viewer_of(request))
    await limits.check(request, "post", who.id)
    data = await form_data(request)
    settings: Settings = request.app.state.settings
    async with writing(request) as db:
        look = await enter(request, db)
        policies.may_answer_trial(who, look.standing).or_refuse()
        known = await vocabulary(request, db, look.version[1])
        form = TrialForm(locale_of(request), data, known=known)
        if not form.validate():
            return _page(request, look, form, 422)
        number = await trials.tell(
            db,
            who=who,
            source_id=look.case_id,
            trial=_trial(form, known),
            words=known,
            base_url=settings.base_url,
            now=clock.now(),
            today=today_of(request),
            request_key=form.request_key.data or None,
        )
    return RedirectResponse(f"/recits/{number}/ecrire" if form.is_draft else f"/recits/{number}", 303)


def _trial(form: TrialForm, known: Vocabulary) -> trials.Trial:
    texts = {"adapted": form.adapted.words, "what_happened": form.what_happened.words}
    return trials.Trial(
        title=form.title.words,
        language=language_of("\n".join((form.title.words, *texts.values()))),
        outcome=form.outcome.data,
        region=form.region.data if known.find("region", form.region.data or "") else None,
        texts={field: words for field, words in texts.items() if words},
        stated=None if form.is_draft else frozenset(form.stated),
    )


def _page(request: Request, look: Look, form: TrialForm, status: int = 200) -> Response:
    prompts = {field.name: field.prompt for field in TRIAL}
    return page(
        request, "cases/trial.html", status, look=look, form=form, prompts=prompts, statements=tuple(STATEMENTS)
    )


routes: list[BaseRoute] = [
    Route("/recits/{id:int}/essais/nouveau", new_trial, methods=["GET", "POST"], name="new_trial"),
]
