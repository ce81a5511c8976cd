"""What tests about the reference lists do again and again."""

from typing import Any

from httpx2 import Response

from tests.auth.members import english
from tests.conftest import Site

KEEPER = "sofia"


def open_(site: Site, path: str, *, who: str = KEEPER) -> Response:
    return english(site, who).get(f"/admin/taxonomies{path}")


def send(site: Site, path: str, *, who: str = KEEPER, **form: Any) -> Response:
    return english(site, who).post(f"/admin/taxonomies{path}", data=form)


def change(site: Site, path: str, *, who: str = KEEPER, **form: Any) -> Response:
    """Press "Save" on the page of a term as it is, with these fields changed."""
    name, slug = path.strip("/").split("/")
    last = (
        "SELECT coalesce(max(c.id), 0) FROM term JOIN term_change AS c ON term_id = term.id WHERE (taxonomy, slug) = "
    )
    seen = site.ask(f"{last}($1, $2)", name, slug)
    now = {column: said(site, path, column) for column in ("fr", "en", "description_fr", "description_en")}
    asked = {column: said(site, path, column) for column in ("question_fr", "question_en") if name == "stage"}
    return send(site, path, who=who, **now | asked | {"seen": str(seen)} | form)


def said(site: Site, path: str, column: str) -> Any:
    """What a term says behind the scenes."""
    name, slug = path.strip("/").split("/")
    return site.ask(f"SELECT {column} FROM term WHERE (taxonomy, slug) = ($1, $2)", name, slug)  # noqa: S608


def in_use(site: Site, taxonomy: str) -> list[str]:
    """The slugs of a list, in order."""
    return list(
        site.ask(
            "SELECT array_agg(slug ORDER BY position, id) FROM term WHERE taxonomy = $1 AND deprecated_at IS NULL",
            taxonomy,
        )
    )


def epoch(site: Site) -> int:
    return int(site.ask("SELECT number FROM site_epoch"))


def last_change(site: Site) -> dict[str, Any]:
    """The trace of the last act: who, of which term, before and after."""
    row = site.write(
        lambda db: db.connection.fetchrow(
            "SELECT handle, slug, before, after FROM term_change AS c JOIN term ON term.id = term_id"
            " JOIN person ON person.id = person_id ORDER BY c.id DESC LIMIT 1"
        )
    )
    assert row is not None
    return dict(row)


def changes(site: Site) -> int:
    return int(site.ask("SELECT count(*) FROM term_change"))
