"""The spaces and conversations of the demonstration, written message by message as people wrote them.

Everything goes through the forum's own commands, told the moment at which it would have happened, so that
numbers, paths, mentions, links, history lines and logs are those of a life. What facilitators did comes last:
a history line takes a number, and the texts speak of messages by number.
"""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import bindparam, insert, select

from maillage.auth.viewer import Viewer
from maillage.core.db import Db, Statement
from maillage.core.languages import ENGLISH, FRENCH
from maillage.forum.commands import arranging, editing, moderating, posting, removing
from maillage.forum.commands.rendering import render_anew
from maillage.forum.models import Post, Space, SpaceMember
from maillage.web.demo import world

_BEFORE_EVERYBODY = 240.0
# How long after a message something happens that has no date of its own, and who then does it.
_LATER, _MODERATOR = 0.1, "etienne"

_SPACE = Statement(
    insert(Space)
    .values({name: bindparam(name) for name in ("slug", "name", "purpose", "visibility", "position", "created_at")})
    .returning(Space.id)
)
_MEMBER = Statement(
    insert(SpaceMember).values({name: bindparam(name) for name in ("space_id", "person_id", "role", "joined_at")})
)
_STALE = Statement(select(Post.id).where(Post.render_version == 0))


class Conversations:
    """Writes the threads. `numbers` is their number by key, known once they have begun."""

    def __init__(self, db: Db, cast: dict[str, Viewer], moment: Callable[[float], datetime]) -> None:
        self.numbers: dict[str, int] = {}
        self._db, self._cast, self._moment = db, cast, moment
        self._spaces: dict[str, tuple[int, str]] = {}

    async def load_spaces(self, spaces: list[world.Space]) -> dict[str, int]:
        """The spaces and who is in the closed ones. Returns their keys by slug."""
        for space in spaces:
            key = await self._db.value(
                _SPACE,
                slug=space.slug,
                name={FRENCH: space.name_fr, ENGLISH: space.name_en},
                purpose={FRENCH: space.purpose_fr, ENGLISH: space.purpose_en},
                visibility=space.visibility,
                position=space.position,
                created_at=self._moment(_BEFORE_EVERYBODY),
            )
            self._spaces[space.slug] = key, space.visibility
            for handle in space.members:
                who = self._cast[handle]
                await self._db.run(
                    _MEMBER,
                    space_id=key,
                    person_id=who.id,
                    role="facilitator" if handle in space.facilitators else "member",
                    joined_at=who.reading_since,
                )
        return {slug: key for slug, (key, _) in self._spaces.items()}

    async def load_threads(self, threads: list[world.Thread]) -> None:
        posts = [(thread, seq, post) for thread in threads for seq, post in enumerate(thread.post, 1)]
        # Keys grow as time went by, as they would have.
        for thread, seq, post in sorted(posts, key=lambda item: -item[2].days_ago):
            await self._say(thread, seq, post)
        edits = [(thread, seq, edit) for thread, seq, post in posts for edit in enumerate(post.edits)]
        for thread, seq, (earlier, edit) in sorted(edits, key=lambda item: -item[2][1].days_ago):
            await self._edit(thread, seq, earlier, edit)
        for thread in threads:
            await self._look_after(thread)
        for thread in threads:
            if thread.merged_into is not None:
                await arranging.merge(
                    self._db,
                    who=self._cast[_MODERATOR],
                    thread_id=self.numbers[thread.key],
                    into_id=self.numbers[thread.merged_into],
                    now=self._moment(thread.post[-1].days_ago - _LATER),
                )
        await render_anew(self._db, post_ids=[row["id"] for row in await self._db.rows(_STALE)])

    async def _say(self, thread: world.Thread, seq: int, post: world.Post) -> None:
        space_id, visibility = self._spaces[thread.space]
        who, now = self._cast[post.author], self._moment(post.days_ago)
        body = world.with_numbers(post.body, self.numbers)
        if post.parent is None:
            posted = await posting.start_thread(
                self._db,
                who=who,
                space_id=space_id,
                visibility=visibility,
                kind=thread.kind,
                title=thread.title,
                body=body,
                language=post.language,
                now=now,
            )
            self.numbers[thread.key] = posted.thread_id
        else:
            posted = await posting.reply(
                self._db,
                who=who,
                thread_id=self.numbers[thread.key],
                parent_seq=post.parent,
                visibility=visibility,
                body=body,
                language=post.language,
                now=now,
            )
        if posted.seq != seq:
            raise ValueError(f"message {seq} of {thread.key} became number {posted.seq}")

    async def _edit(self, thread: world.Thread, seq: int, earlier: int, edit: world.Edit) -> None:
        post = thread.post[seq - 1]
        await editing.edit(
            self._db,
            who=self._cast[post.author],
            thread_id=self.numbers[thread.key],
            seq=seq,
            visibility=self._spaces[thread.space][1],
            body=world.with_numbers(edit.body, self.numbers),
            language=post.language,
            seen_revisions=earlier,
            shows=True,
            now=self._moment(edit.days_ago),
        )

    async def _look_after(self, thread: world.Thread) -> None:
        """What was done with the thread or about a message, after all that was said in it."""
        db, number, last = self._db, self.numbers[thread.key], thread.post[-1].days_ago
        if thread.pinned_days is not None:
            await moderating.pin(
                db,
                who=self._cast[thread.author],
                thread_id=number,
                until=self._moment(thread.days_ago - thread.pinned_days),
                now=self._moment(thread.days_ago - _LATER),
            )
        for seq, post in enumerate(thread.post, 1):
            if post.helpful:
                await moderating.mark_helpful(
                    db,
                    who=self._cast[thread.author],
                    thread_id=number,
                    seq=seq,
                    helped=True,
                    now=self._moment(post.days_ago - _LATER),
                )
            if (act := post.removed) is not None:
                await removing.remove(
                    db,
                    who=self._cast[act.by],
                    thread_id=number,
                    seq=seq,
                    reason=act.reason_fr,
                    now=self._moment(post.days_ago - _LATER if act.days_ago is None else act.days_ago),
                )
        if (summary := thread.summary) is not None:
            await moderating.summarize(
                db,
                who=self._cast[summary.by],
                thread_id=number,
                visibility=self._spaces[thread.space][1],
                body=world.with_numbers(summary.body, self.numbers),
                language=thread.language,
                covers=summary.covers,
                now=self._moment(thread.post[summary.covers - 1].days_ago - _LATER),
            )
        if (act := thread.locked) is not None:
            await moderating.lock(
                db,
                who=self._cast[act.by],
                thread_id=number,
                reason=act.reason_fr,
                now=self._moment(last - _LATER if act.days_ago is None else act.days_ago),
            )
