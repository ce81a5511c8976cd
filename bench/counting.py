"""Every workload asked for once: what it answers, what it asks of the database, and what the floor is to do for it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.recording import Recorded, Recorder, buffers, packed
from bench.scene import Page, Scene
from maillage.core.config import Settings
from maillage.core.db import Database

MESSAGE = (
    "> ce que les gens savent maintenant\n\nChez nous, la réponse est venue d’une **cuisine** : trois mères ont "
    "refait l’horaire sur une nappe en papier.\n\n- on a gardé la nappe\n- on a jeté l’échéancier\n\nEt chez vous?"
)


@dataclass(frozen=True, slots=True)
class Counted:
    """A page's bytes, and what making it and finding it kept ask of the database."""

    body: bytes
    queries: int
    buffers: int
    kept_queries: int | None
    kept_buffers: int | None


async def count_pages(settings: Settings, pages: list[Page], reader: str) -> dict[str, Counted]:
    """Each page made once and found kept once. `reader` is the cookie of whoever is signed in."""
    counted: dict[str, Counted] = {}
    for page in pages:
        cookie = reader if page.signed_in else None
        # An application for each, so that the first answer has to be made.
        async with Recorder.open(settings) as recorder:
            if page.before:
                await recorder.ask(page.before, cookie=cookie)
            made = await recorder.ask(page.path, cookie=cookie)
            kept = await recorder.ask(page.path, cookie=cookie)
        _check(page, made)
        _check(page, kept)
        counted[page.name] = Counted(
            kept.body,
            len(made.said),
            await _buffers(settings, made),
            len(kept.said),
            await _buffers(settings, kept),
        )
    return counted


async def count_all(settings: Settings, scene: Scene, folder: Path) -> tuple[dict[str, Counted], Path]:
    """Ask the application for everything once, count, and write down what the floor is to do."""
    # A number that nothing else in those statements has: the floor puts others in its place.
    thread_id = scene.targets[-1]
    async with Recorder.open(settings) as recorder:
        form = {"body": MESSAGE, "parent": "1", "request_key": "recorded"}
        replied = await recorder.ask(f"/discussions/{thread_id}/repondre", cookie=scene.writers[0], form=form)
        if replied.status != 303:
            raise AssertionError(f"a reply ended with {replied.status}: {replied.body[:300]!r}")
    # Its message is taken out again first, within what is rolled back.
    undo = (
        "DELETE FROM post WHERE thread_id = $1 AND seq = (SELECT max(seq) FROM post WHERE thread_id = $1)",
        thread_id,
    )
    touched = await _buffers(settings, replied, undo)
    counted = {
        "reply": Counted(b"", len(replied.said), touched, None, None),
        "registration": await _registered(settings, scene),
        # Only now: the list of threads shows that there was a reply.
        **await count_pages(settings, scene.pages, scene.reader),
    }
    plan: dict[str, Any] = {
        "dsn": settings.dsn,
        "pages": {},
        "doors": scene.doors,
        "participants": scene.participants,
    }
    for number, page in enumerate(scene.pages):
        (folder / f"{number}.html").write_bytes(counted[page.name].body)
        plan["pages"][str(number)] = {
            "sql": page.sql,
            "arguments": [packed(value) for value in page.arguments],
            "file": f"{number}.html",
        }
    plan["reply"] = [
        {"sql": one.sql, "names": one.names, "arguments": [packed(value) for value in one.arguments]}
        for one in replied.said
    ]
    path = folder / "plan.json"
    path.write_text(json.dumps(plan))
    return counted, path


async def _registered(settings: Settings, scene: Scene) -> Counted:
    gathering_id, date_id = scene.doors[-1]
    async with Recorder.open(settings) as recorder:
        form = {"date": f"{date_id}:in-person", "listed": "nobody", "request_key": "recorded"}
        path = f"/rencontres/{gathering_id}/inscription"
        made = await recorder.ask(path, cookie=scene.writers[0], form=form)
        if made.status != 303:
            raise AssertionError(f"a registration ended with {made.status}: {made.body[:300]!r}")
    undo = ("DELETE FROM registration WHERE occurrence_id = $1", date_id)
    return Counted(b"", len(made.said), await _buffers(settings, made, undo), None, None)


def _check(page: Page, answer: Recorded) -> None:
    times = answer.body.count(page.mark)
    if answer.status != 200 or times < page.articles:
        raise AssertionError(f"{page.path}: status {answer.status}, {times} times {page.mark!r}")


async def _buffers(settings: Settings, recorded: Recorded, before: tuple[Any, ...] = ()) -> int:
    database = await Database.open(settings.dsn, size=1)
    try:
        async with database.reading() as db:
            transaction = db.connection.transaction()
            await transaction.start()
            try:
                if before:
                    await db.connection.execute(*before)
                return await buffers(db, recorded.said)
            finally:
                await transaction.rollback()
    finally:
        await database.close()
