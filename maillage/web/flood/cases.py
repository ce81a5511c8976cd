"""Practice stories in volume: written straight into the tables, as the commands would have written them."""

import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, select

from maillage.auth.models import Person
from maillage.cases.models import OUTCOMES, Case, CaseActor, CaseAuthor, CaseTerm, CaseText
from maillage.cases.policies.template import FIELDS
from maillage.core import clock, markdown, names
from maillage.core.config import Trouble
from maillage.core.db import Database, Db, Statement
from maillage.core.languages import ENGLISH, FRENCH
from maillage.forum.commands.posting import excerpt
from maillage.web.flood import MARK, copy, new_keys, words

_TEXTS = 200
_YEARS = timedelta(days=1_400)
_COMPLETE, _FOR_MEMBERS, _IN_ENGLISH, _TRIED = 0.4, 0.05, 0.1, 0.05
# How many terms of each list a story has, at most.
_MOST = {"region": 2, "stage": 3, "theme": 3, "dimension": 3, "competency": 4}
_WITH_PARTS = ("change_field", "empowerment")
_PROSE = tuple(field for field in FIELDS if field.kind == "prose" and field.name != "summary_other")

_PEOPLE = Statement(select(Person.id).where(func.starts_with(Person.handle, bindparam("mark"))).order_by(Person.id))
_THREADS = Statement(
    "SELECT thread.id FROM thread JOIN space ON space.id = space_id LEFT JOIN practice_case ON thread_id = thread.id"
    " WHERE space.slug = $1 AND practice_case.id IS NULL ORDER BY thread.id",
    ("mark",),
)
_WORDS = Statement("SELECT id, taxonomy FROM term WHERE deprecated_at IS NULL ORDER BY id")
_THERE = Statement(select(func.count()).select_from(Case))
_PUBLISH = Statement(
    """
    WITH taken AS (UPDATE browsing_version SET number = number + cardinality($1::bigint[]) RETURNING number),
    shown AS (SELECT * FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY AS told (case_id, author_id, place))
    UPDATE practice_case
       SET state = 'published', published_at = created_at, stated_at = created_at, stated_by_id = author_id,
           revise_at = created_at + interval '4 years', browsing = number - cardinality($1::bigint[]) + place
      FROM shown, taken WHERE practice_case.id = case_id
    """,
    ("cases", "authors"),
)


async def flood_cases(database: Database, *, cases: int, say: Callable[[str], None]) -> None:
    """Add `cases` stories, all published, told by the people of the flood; then VACUUM, ANALYZE."""
    now = clock.now()
    async with database.writing() as db:
        people = [row["id"] for row in await db.rows(_PEOPLE, mark=f"{MARK}-")]
        if not people:
            raise Trouble("The volume of people and threads comes first.")
        # What is added to what there is goes on where it stopped.
        rng = random.Random(await db.value(_THERE))
        say(f"{cases} stories ...")
        await _told(db, rng, cases, people, now)
    say("Statistics ...")
    async with database.pool.acquire() as connection:
        await connection.execute("VACUUM (ANALYZE)")


async def _told(db: Db, rng: random.Random, cases: int, people: Sequence[int], now: datetime) -> None:
    vocabulary: dict[str, list[int]] = defaultdict(list)
    for row in await db.rows(_WORDS):
        vocabulary[row["taxonomy"]].append(row["id"])
    threads = [row["id"] for row in await db.rows(_THREADS, mark=MARK)]
    texts = _rendered(rng)
    ids, authors = await new_keys(db, Case, cases), await new_keys(db, CaseAuthor, cases)
    titles = words.titles(rng, cases)
    rows: dict[type[Any], list[tuple[Any, ...]]] = defaultdict(list)
    for place, (case_id, author_id, title) in enumerate(zip(ids, authors, titles, strict=True)):
        # The latest told have the highest numbers, as they would.
        at = now - _YEARS * ((cases - place) / (cases + 1))
        person_id, summary = rng.choice(people), rng.choice(texts)
        complete, tried = rng.random() < _COMPLETE, place > 0 and rng.random() < _TRIED
        began = date(at.year - 2, rng.randint(1, 12), 1)
        # What lists find it by, filled in below.
        listed = [rng.choice(vocabulary["scale"])]
        rows[Case].append(
            (
                *(case_id, title, names.slug(title), ENGLISH if rng.random() < _IN_ENGLISH else FRENCH),
                *("full" if complete else "brief", "members" if rng.random() < _FOR_MEMBERS else "public"),
                *(listed[0], began, "ongoing", excerpt(summary[2]), person_id, at, at),
                threads[place] if place < len(threads) else None,
                *((rng.choice(ids[:place]), rng.choice(OUTCOMES)) if tried else (None, None)),
                listed,
            )
        )
        rows[CaseAuthor].append((author_id, case_id, person_id, "author", at))
        chosen = {
            term_id
            for taxonomy, most in _MOST.items()
            for term_id in rng.sample(vocabulary[taxonomy], rng.randint(1, most))
        }
        rows[CaseTerm] += [(case_id, term_id) for term_id in sorted(chosen)]
        listed += chosen
        for field in _PROSE:
            if field.brief or complete:
                rows[CaseText].append(_text(case_id, author_id, field.name, None, None, rng.choice(texts), at))
        for term_id in rng.sample(vocabulary["change_field"], rng.randint(1, 2)):
            rows[CaseText].append(_text(case_id, author_id, "what_changed", term_id, None, rng.choice(texts), at))
            listed.append(term_id)
        if complete:
            for term_id in rng.sample(vocabulary["empowerment"], 2):
                way = rng.choice(("up", "down", "mixed"))
                rows[CaseText].append(_text(case_id, author_id, "empowerment", term_id, way, rng.choice(texts), at))
                listed.append(term_id)
            for number, family_id in enumerate(rng.sample(vocabulary["family"], 2)):
                rows[CaseActor].append((case_id, number, family_id, "présence", rng.sample(vocabulary["stage"], 2)))
                listed.append(family_id)
        listed.sort()
    for table, columns in _COLUMNS.items():
        await copy(db, table, columns, rows[table])
    await db.run(_PUBLISH, cases=ids, authors=authors)


_COLUMNS: dict[type[Any], tuple[str, ...]] = {
    Case: (
        *("id", "title", "slug", "language", "depth", "visibility", "scale_id", "began_on", "progress", "excerpt"),
        *("created_by_id", "created_at", "changed_at", "thread_id", "source_id", "outcome"),
        "listed_terms",
    ),
    CaseAuthor: ("id", "case_id", "person_id", "kind", "created_at"),
    CaseTerm: ("case_id", "term_id"),
    CaseText: (
        *("case_id", "field", "term_id", "direction", "body_md", "body_html", "render_version"),
        *("updated_at", "updated_by_id"),
    ),
    CaseActor: ("case_id", "position", "family_id", "role", "stage_ids"),
}


def _rendered(rng: random.Random) -> list[tuple[str, str, str]]:
    """Texts as they are written, rendered and read."""
    nobody = markdown.References({}, {})
    made = []
    for source in words.messages(rng, _TEXTS):
        rendered = markdown.render(source, references=nobody, language=FRENCH, prefix="x-")
        made.append((source, rendered.html, rendered.text))
    return made


def _text(
    case_id: int,
    author_id: int,
    field: str,
    term_id: int | None,
    direction: str | None,
    text: tuple[str, str, str],
    at: datetime,
) -> tuple[Any, ...]:
    return (case_id, field, term_id, direction, text[0], text[1], markdown.RENDER_VERSION, at, author_id)
