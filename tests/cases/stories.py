"""Stories made behind the scenes, for tests that are about what happens to them afterwards."""

from datetime import timedelta
from typing import Any

from maillage.cases.commands.holding import say_to_lists
from maillage.cases.commands.rendering import rendered
from maillage.core import clock, markdown, names
from maillage.core.db import Db
from tests.conftest import Site

TEXTS = {
    "summary": "Le comité se vidait. Nous avons déplacé la rencontre dans une cuisine. Les gens sont revenus.",
    "starting_point": "Le comité de quartier de Sainte-Brume ne comptait plus que des permanents.",
    "what_we_did": "Nous avons fermé la salle du conseil et invité les gens à souper, **sans ordre du jour**.",
    "lessons": "- Commencer par la table.\n- Taire les titres.\n- Revenir le mois suivant.",
}
CHANGED = {"capacites-communaute": "Douze personnes convoquent elles-mêmes la rencontre."}
TERMS = {"region": ["mauricie"], "stage": ["mise-en-oeuvre"]}


def story(
    site: Site,
    handle: str,
    *,
    state: str = "published",
    title: str = "La réunion qui est devenue un souper",
    depth: str = "brief",
    visibility: str = "public",
    language: str = "fr-CA",
    texts: dict[str, str] | None = None,
    changed: dict[str, str] | None = None,
    terms: dict[str, list[str]] | None = None,
    locality: str = "",
    days_ago: int = 3,
    source_id: int | None = None,
    outcome: str | None = None,
) -> int:
    """A story of this person in this state, whole; returns its number."""
    now = clock.now() - timedelta(days=days_ago)
    public = state in ("published", "to_revise")

    async def write(db: Db) -> int:
        ask = db.connection.fetchval
        person_id = await ask("SELECT id FROM person WHERE handle = $1", handle)
        case_id: int = await ask(
            """
            INSERT INTO practice_case (title, slug, language, depth, visibility, locality, excerpt, created_by_id,
                                       created_at, changed_at, source_id, outcome)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, $11) RETURNING id
            """,
            title,
            names.slug(title),
            language,
            depth,
            visibility,
            locality,
            (texts or TEXTS).get("summary", ""),
            person_id,
            now,
            source_id,
            outcome,
        )
        author_id = await ask(
            "INSERT INTO case_author (case_id, person_id, kind) VALUES ($1, $2, 'author') RETURNING id",
            case_id,
            person_id,
        )
        for field, body in (TEXTS if texts is None else texts).items():
            await _text(db, case_id, author_id, field, None, body, language, visibility, now)
        for slug, body in (CHANGED if changed is None else changed).items():
            term_id = await ask("SELECT id FROM term WHERE taxonomy = 'change_field' AND slug = $1", slug)
            await _text(db, case_id, author_id, "what_changed", term_id, body, language, visibility, now)
        for taxonomy, slugs in (TERMS if terms is None else terms).items():
            await db.connection.execute(
                "INSERT INTO case_term SELECT $1, id FROM term WHERE taxonomy = $2 AND slug = ANY($3)",
                case_id,
                taxonomy,
                slugs,
            )
        if state != "draft":
            stated = (now, author_id) if public else (None, None)
            await db.connection.execute(
                """
                UPDATE practice_case SET state = $2, published_at = $3, stated_at = $3, stated_by_id = $4
                 WHERE id = $1
                """,
                case_id,
                state,
                *stated,
            )
        if public:
            await say_to_lists(db, case_id=case_id)
        return case_id

    return site.write(write)


async def _text(db: Db, case_id: int, author_id: int, field: str, term_id: int | None, body: str, *more: Any) -> None:
    language, visibility, now = more
    html, _plain = await rendered(
        db, source=body, field=field, term_id=term_id, language=language, visibility=visibility
    )
    await db.connection.execute(
        """
        INSERT INTO case_text (case_id, field, term_id, body_md, body_html, render_version, updated_at, updated_by_id)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        """,
        case_id,
        field,
        term_id,
        body,
        html,
        markdown.RENDER_VERSION,
        now,
        author_id,
    )
