"""From an answer as text to the rows that pages and lists are made of."""

from datetime import date, datetime

from sqlalchemy import bindparam, delete, insert, update
from sqlalchemy.dialects.postgresql import insert as upsert

from maillage.cases.commands.attaching import files_for
from maillage.cases.commands.rendering import rendered
from maillage.cases.models import Case, CaseActor, CaseText
from maillage.cases.policies.answers import Key, Said
from maillage.cases.policies.template import Field
from maillage.core import markdown, names
from maillage.core.db import Db, Row, Statement
from maillage.core.errors import Refused
from maillage.core.languages import _
from maillage.forum.commands.posting import excerpt
from maillage.taxonomies.queries.vocabulary import Vocabulary, Word

EXCERPT = 600

_text = upsert(CaseText).values(
    case_id=bindparam("case_id"),
    field=bindparam("field"),
    term_id=bindparam("term_id"),
    body_md=bindparam("body_md"),
    body_html=bindparam("body_html"),
    render_version=markdown.RENDER_VERSION,
    direction=bindparam("direction"),
    updated_at=bindparam("now"),
    updated_by_id=bindparam("by"),
)
_WRITE = Statement(
    _text.on_conflict_do_update(
        index_elements=[CaseText.case_id, CaseText.field, CaseText.term_id],
        set_={
            name: getattr(_text.excluded, name)
            for name in ("body_md", "body_html", "render_version", "direction", "updated_at", "updated_by_id")
        }
        | {"revision": CaseText.revision + 1},
    )
)
_EMPTY = Statement(
    delete(CaseText).where(
        CaseText.case_id == bindparam("case_id"),
        CaseText.field == bindparam("of_field"),
        CaseText.term_id.is_not_distinct_from(bindparam("of_term", type_=CaseText.term_id.type)),
    )
)
_TITLE = Statement(
    update(Case).where(Case.id == bindparam("of")).values(title=bindparam("new_title"), slug=bindparam("new_slug"))
)
_EXCERPT = Statement(update(Case).where(Case.id == bindparam("of")).values(excerpt=bindparam("new_excerpt")))
_PLACE = Statement(
    update(Case)
    .where(Case.id == bindparam("of"))
    .values(scale_id=bindparam("new_scale", type_=Case.scale_id.type), locality=bindparam("new_locality"))
)
_PERIOD = Statement(
    update(Case)
    .where(Case.id == bindparam("of"))
    .values(
        began_on=bindparam("new_began", type_=Case.began_on.type),
        ended_on=bindparam("new_ended", type_=Case.ended_on.type),
        progress=bindparam("new_progress", type_=Case.progress.type),
    )
)
_DROP_TERMS = Statement(
    "DELETE FROM case_term USING term WHERE case_id = $1 AND term.id = term_id AND taxonomy = ANY($2::text[])",
    ("case_id", "taxonomies"),
)
_ADD_TERMS = Statement(
    "INSERT INTO case_term (case_id, term_id) SELECT $1, unnest($2::int[]) ON CONFLICT DO NOTHING",
    ("case_id", "terms"),
)
_DROP_ACTORS = Statement(delete(CaseActor).where(CaseActor.case_id == bindparam("of")))
_ADD_ACTOR = Statement(
    insert(CaseActor).values(
        {name: bindparam(name) for name in ("case_id", "position", "family_id", "role", "relation_id", "stage_ids")}
    )
)


async def write(
    db: Db, *, case: Row, by: int, field: Field, key: Key, said: Said, words: Vocabulary, now: datetime
) -> None:
    """Have the story say this from now on. The caller holds it, and has kept what it said before."""
    match field.kind:
        case "line":
            await db.run(_TITLE, of=case["id"], new_title=said.text, new_slug=names.slug(said.text))
        case "terms" | "place":
            await _choose(db, case["id"], field, said.text.splitlines(), words)
        case "period":
            await _date(db, case["id"], said.text)
        case "actors":
            await _act(db, case["id"], said.text.splitlines(), words)
        case _:
            await _tell(db, case, by, key, said, now)


async def _tell(db: Db, case: Row, by: int, key: Key, said: Said, now: datetime) -> None:
    field, term_id = key
    plain = ""
    if said.text:
        html, plain = await rendered(
            db,
            source=said.text,
            field=field,
            term_id=term_id,
            language=case["language"],
            visibility=case["visibility"],
            files=await files_for(db, source=said.text, case_id=case["id"], author_id=by),
        )
        await db.run(
            _WRITE,
            case_id=case["id"],
            field=field,
            term_id=term_id,
            body_md=said.text,
            body_html=html,
            direction=said.direction,
            now=now,
            by=by,
        )
    else:
        await db.run(_EMPTY, case_id=case["id"], of_field=field, of_term=term_id)
    if field == "summary":
        await db.run(_EXCERPT, of=case["id"], new_excerpt=" ".join(plain.split())[:EXCERPT])
    elif field == "what_happened":
        await db.run(_EXCERPT, of=case["id"], new_excerpt=excerpt(plain))


async def _choose(db: Db, case_id: int, field: Field, lines: list[str], words: Vocabulary) -> None:
    chosen = [line.partition("/") for line in lines]
    terms = [_word(words, kind, slug).id for kind, _slash, slug in chosen if kind in field.taxonomies]
    await db.run(_DROP_TERMS, case_id=case_id, taxonomies=list(field.taxonomies))
    await db.run(_ADD_TERMS, case_id=case_id, terms=terms)
    if field.kind == "place":
        said = {kind: value for kind, _slash, value in chosen}
        scale = _word(words, "scale", said["scale"]).id if "scale" in said else None
        await db.run(_PLACE, of=case_id, new_scale=scale, new_locality=said.get("locality", ""))


async def _date(db: Db, case_id: int, text: str) -> None:
    months, _space, progress = text.partition(" ")
    began, _dots, ended = months.partition("..")
    await db.run(_PERIOD, of=case_id, new_began=_day(began), new_ended=_day(ended), new_progress=progress or None)


def _day(month: str) -> date | None:
    return date.fromisoformat(f"{month}-01") if month else None


async def _act(db: Db, case_id: int, lines: list[str], words: Vocabulary) -> None:
    await db.run(_DROP_ACTORS, of=case_id)
    for position, line in enumerate(lines):
        role, family, relation, stages = line.rsplit(" | ", 3)
        await db.run(
            _ADD_ACTOR,
            case_id=case_id,
            position=position,
            family_id=_word(words, "family", family).id,
            role=role,
            relation_id=_word(words, "relation", relation).id if relation else None,
            stage_ids=[_word(words, "stage", slug).id for slug in stages.split(",") if slug],
        )


def _word(words: Vocabulary, taxonomy: str, slug: str) -> Word:
    word = words.find(taxonomy, slug)
    if word is None:
        raise Refused(_("A word that this answer used is no longer in its list."))
    return word
