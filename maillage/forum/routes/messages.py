"""What may be done to one message, each act with its page, its reason and its way back."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from maillage.auth.viewer import Who, viewer_of
from maillage.core import clock, diff, limits
from maillage.core.answers import YES, Answer, no
from maillage.core.db import reading, writing
from maillage.core.errors import NotHere
from maillage.core.forms import carried, form_data
from maillage.core.languages import Text, _
from maillage.core.pages import locale_of, page
from maillage.forum import letters, policies
from maillage.forum.commands import arranging, moderating, removing
from maillage.forum.forms import RemoveForm, ReparentForm, ReportForm, SplitForm
from maillage.forum.queries import door, messages
from maillage.forum.queries.messages import Message


@dataclass(frozen=True, slots=True)
class Act:
    """A line of the page of acts: where it leads, and whether this person may. `post`: a button, not a link."""

    name: str
    label: Text
    path: str
    answer: Answer
    post: bool = False
    value: str = ""


async def _message(request: Request) -> Message:
    async with reading(request) as db:
        return await messages.message(db, viewer_of(request), request.path_params["id"], request.path_params["seq"])


async def actions(request: Request) -> Response:
    """Everything that can be done to a message, with the reason where it cannot."""
    who, message = viewer_of(request), await _message(request)
    if message.state.is_event:
        raise NotHere
    place, thread, post, path = message.look.place, message.look.state, message.state, message.view.path
    helped = message.view.helped
    acts = [
        Act("link", _("Permanent link"), path, YES),
        Act(
            "reply",
            _("Reply"),
            f"/discussions/{thread.id}/repondre?parent={post.seq}",
            policies.may_reply(who, place, thread),
        ),
        Act("edit", _("Edit"), f"{path}/modifier", policies.may_edit(who, place, thread, post)),
        Act("history", _("See earlier versions"), f"{path}/historique", policies.may_see_history(who, place, post)),
        Act(
            "helpful",
            _("Take back “met my need”") if helped else _("This met my need"),
            f"{path}/besoin",
            policies.may_mark_helpful(who, place, thread, post),
            post=True,
            value="" if helped else "1",
        ),
        Act(
            "promote",
            _("Make it a practice story"),
            f"/recits/nouveau?message={thread.id}-{post.seq}",
            policies.may_promote(who, place, post),
        ),
        Act("remove", _("Remove"), f"{path}/retirer", policies.may_remove(who, place, post)),
        Act("restore", _("Put back"), f"{path}/retablir", policies.may_restore(who, place, post), post=True),
        Act(
            "reparent",
            _("Put it under the message that it answers"),
            f"{path}/deplacer",
            policies.may_reparent(who, place, thread, post),
        ),
        Act("split", _("Make it a discussion of its own"), f"{path}/separer", _may_split(who, message)),
        Act("report", _("Tell the facilitators"), f"{path}/signaler", policies.may_report(who, post)),
    ]
    return page(request, "forum/actions.html", message=message, acts=acts)


def _may_split(who: Who, message: Message) -> Answer:
    if message.state.seq == 1:
        return no(_("This message already opens a discussion."))
    return policies.may_moderate(who, message.look.place)


async def history(request: Request) -> Response:
    """What a message said before, each version beside what became of it, word by word."""
    who = viewer_of(request)
    async with reading(request) as db:
        message = await messages.message(db, who, request.path_params["id"], request.path_params["seq"])
        policies.may_see_history(who, message.look.place, message.state).or_refuse()
        old = await messages.revisions(db, message.view.id)
    texts = [revision.body_md for revision in old] + [message.body_md]
    changes = [(revision, diff.words(texts[place], texts[place + 1])) for place, revision in enumerate(old)]
    return page(request, "forum/history.html", message=message, changes=changes[::-1])


async def remove(request: Request) -> Response:
    """Take a message away: its author at once, a facilitator with a reason, and then its author is told."""
    who, message = viewer_of(request), await _message(request)
    policies.may_remove(who, message.look.place, message.state).or_refuse()
    who = policies.signed_in(who)
    own = message.state.author_id == who.id
    if request.method != "POST":
        return page(request, "forum/remove.html", form=RemoveForm(locale_of(request)), message=message, own=own)
    form = RemoveForm(locale_of(request), await form_data(request))
    if form.validate() and not own and not form.reason.words:
        form.reason.errors = [carried(_("Say why: the person who wrote it will read this."))]
    if form.errors:
        return page(request, "forum/remove.html", 422, form=form, message=message, own=own)
    async with writing(request) as db:
        await removing.remove(
            db,
            who=who,
            thread_id=message.look.thread_id,
            seq=message.state.seq,
            reason="" if own else form.reason.words,
            now=clock.now(),
        )
        await door.unmoved(db, message.look)
        if not own:
            await letters.tell_of_removal(db, post_id=message.view.id)
    return RedirectResponse(message.view.path, 303)


async def restore(request: Request) -> Response:
    who, message = viewer_of(request), await _message(request)
    policies.may_restore(who, message.look.place, message.state).or_refuse()
    async with writing(request) as db:
        await removing.restore(
            db,
            who=policies.signed_in(who),
            thread_id=message.look.thread_id,
            seq=message.state.seq,
            moderates=bool(policies.may_moderate(who, message.look.place)),
            now=clock.now(),
        )
        await door.unmoved(db, message.look)
    return RedirectResponse(message.view.path, 303)


async def reparent(request: Request) -> Response:
    who, message = viewer_of(request), await _message(request)
    policies.may_reparent(who, message.look.place, message.look.state, message.state).or_refuse()
    if request.method != "POST":
        form = ReparentForm(locale_of(request), parent=message.view.parent_seq)
        return page(request, "forum/reparent.html", form=form, message=message)
    form = ReparentForm(locale_of(request), await form_data(request))
    if form.validate() and form.parent.data is None:
        form.parent.errors = [carried(_("Give the number of a message of this discussion."))]
    if form.errors:
        return page(request, "forum/reparent.html", 422, form=form, message=message)
    async with writing(request) as db:
        await arranging.reparent(
            db,
            who=policies.signed_in(who),
            thread_id=message.look.thread_id,
            seq=message.state.seq,
            parent_seq=form.parent.data or 1,
            moderates=bool(policies.may_moderate(who, message.look.place)),
            now=clock.now(),
        )
        await door.unmoved(db, message.look)
    return RedirectResponse(message.view.path, 303)


async def helpful(request: Request) -> Response:
    """« A répondu à mon besoin »; without `value`, taken back."""
    who, message = viewer_of(request), await _message(request)
    policies.may_mark_helpful(who, message.look.place, message.look.state, message.state).or_refuse()
    form = await form_data(request)
    async with writing(request) as db:
        await moderating.mark_helpful(
            db,
            who=policies.signed_in(who),
            thread_id=message.look.thread_id,
            seq=message.state.seq,
            helped=bool(form.get("value")),
            now=clock.now(),
        )
        await door.unmoved(db, message.look)
    return RedirectResponse(message.view.path, 303)


async def report(request: Request) -> Response:
    who, message = viewer_of(request), await _message(request)
    policies.may_report(who, message.state).or_refuse()
    who = policies.signed_in(who)
    if request.method != "POST":
        return page(request, "forum/report.html", form=ReportForm(locale_of(request)), message=message)
    await limits.check(request, "report", who.id)
    form = ReportForm(locale_of(request), await form_data(request))
    if not form.validate():
        return page(request, "forum/report.html", 422, form=form, message=message)
    async with writing(request) as db:
        await moderating.report(db, who=who, post_id=message.view.id, reason=form.reason.words, now=clock.now())
    return RedirectResponse(f"{message.view.path}/signaler/merci", 303)


async def report_thanks(request: Request) -> Response:
    """The page that says what happens next."""
    policies.signed_in(viewer_of(request))
    return page(request, "forum/reported.html", message=await _message(request))


async def split(request: Request) -> Response:
    """A branch becomes a thread of its own."""
    who, message = viewer_of(request), await _message(request)
    _may_split(who, message).or_refuse()
    if request.method != "POST":
        form = SplitForm(locale_of(request), kind=message.look.state.kind)
        return page(request, "forum/split.html", form=form, message=message)
    form = SplitForm(locale_of(request), await form_data(request))
    if not form.validate():
        return page(request, "forum/split.html", 422, form=form, message=message)
    async with writing(request) as db:
        new_id = await arranging.split(
            db,
            who=policies.signed_in(who),
            thread_id=message.look.thread_id,
            seq=message.state.seq,
            title=form.title.words,
            kind=form.kind.data,
            now=clock.now(),
        )
        await door.unmoved(db, message.look)
    return RedirectResponse(f"/discussions/{new_id}", 303)
