"""The letter that invites somebody without an account to take part in a story, and the sentences of its notices."""

from typing import Any

from sqlalchemy import bindparam, select

from maillage.cases.commands import team
from maillage.cases.models import Case, CaseAuthor
from maillage.core import clock, jobs, mail
from maillage.core.db import Statement
from maillage.core.languages import _, counted
from maillage.notices import subjects

_INVITED = Statement(
    select(Case.title, CaseAuthor.name, CaseAuthor.kind)
    .join(Case, Case.id == CaseAuthor.case_id)
    .where(CaseAuthor.id == bindparam("author_id"))
)

subjects.say("invited", lambda _n: _("You are invited to take part in this story"))
subjects.say(
    "remark", lambda n: counted("%(n)s remark from those who read it", "%(n)s remarks from those who read it", n)
)


@jobs.job("story_invitation")
async def story_invitation(tools: jobs.Tools, payload: dict[str, Any]) -> None:
    """Send her private link, made at this moment: no table ever holds it."""
    now = clock.now()
    async with tools.database.writing() as db:
        token = await team.fresh_link(db, author_id=payload["author_id"], now=now)
        row = await db.row(_INVITED, author_id=payload["author_id"])
    if token is None or row is None:
        return
    settings = tools.settings
    letter = mail.worded(
        settings,
        "story_invitation",
        payload["locale"],
        to=payload["email"],
        to_name=row["name"],
        inviter=payload["inviter"],
        title=row["title"],
        writes=row["kind"] == "coauthor",
        address=f"{settings.base_url}/recits/acces/{token}",
        expires_at=now + team.LASTS,
    )
    await mail.send(settings, letter)
