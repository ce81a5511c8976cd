"""What the gate asks of the database: what is answered, and where everybody in the story stands."""

from sqlalchemy import bindparam, func, select

from maillage.cases.models import Case, CaseActor, CaseAuthor, CasePerson, CaseTerm, CaseText
from maillage.cases.policies.gate import Facts, Settling
from maillage.cases.policies.template import asked
from maillage.core.db import Db, Row, Statement
from maillage.core.redacting import Redaction
from maillage.taxonomies.models import Term

_CASE = Statement(
    select(
        Case.depth,
        Case.title,
        Case.locality,
        Case.licence,
        Case.began_on,
        Case.progress,
        select(func.array_agg(Term.taxonomy.distinct()))
        .select_from(CaseTerm)
        .join(Term, Term.id == CaseTerm.term_id)
        .where(CaseTerm.case_id == Case.id)
        .scalar_subquery()
        .label("taxonomies"),
        select(func.array_agg(CaseActor.role)).where(CaseActor.case_id == Case.id).scalar_subquery().label("roles"),
        select(CaseAuthor.id)
        .where(
            CaseAuthor.case_id == Case.id,
            CaseAuthor.person_id.is_not(None),
            CaseAuthor.kind == func.any(bindparam("writing")),
            CaseAuthor.left_at.is_(None),
        )
        .exists()
        .label("answerable"),
    ).where(Case.id == bindparam("case_id"))
)
_TEXTS = Statement(select(CaseText.field, CaseText.body_md).where(CaseText.case_id == bindparam("case_id")))
_PEOPLE = Statement(
    select(
        CasePerson.choice,
        CasePerson.expires_on,
        (CasePerson.correction != "").label("corrects"),
        CasePerson.rewritten_at,
        CasePerson.name,
        CasePerson.other_names,
        CasePerson.shown_as,
    )
    .where(CasePerson.case_id == bindparam("case_id"))
    .order_by(CasePerson.id)
)
_WRITING = ["author", "coauthor"]


async def facts(db: Db, case_id: int) -> Facts:
    """Where a story stands. Whoever publishes holds it, so that it stays so."""
    case = await db.row(_CASE, case_id=case_id, writing=_WRITING)
    assert case is not None  # noqa: S101 — the caller came through its door
    texts = await db.rows(_TEXTS, case_id=case_id)
    people = await db.rows(_PEOPLE, case_id=case_id)
    said = [case["title"], case["locality"], *(case["roles"] or ()), *(row["body_md"] for row in texts)]
    return Facts(
        case["depth"],
        _answered(case, texts),
        tuple(_settling(row, said) for row in people),
        case["answerable"],
        case["licence"],
    )


def _answered(case: Row, texts: list[Row]) -> frozenset[str]:
    written = {row["field"] for row in texts if row["body_md"].strip()}
    taxonomies = set(case["taxonomies"] or ())
    chosen = {
        field.name
        for field in asked(case["depth"])
        if field.kind in ("terms", "place") and not taxonomies.isdisjoint(field.taxonomies)
    }
    facts = {
        "title": True,
        "period": case["began_on"] is not None and case["progress"] is not None,
        "actors": bool(case["roles"]),
    }
    return frozenset(written | chosen | {name for name, given in facts.items() if given})


def _settling(person: Row, said: list[str]) -> Settling:
    shows_name = person["choice"] in (None, "nom-complet", "retire")
    names = [person["name"], *person["other_names"].splitlines()]
    # A fictional first name may be one of hers.
    names = [name for name in names if name.strip().casefold() != person["shown_as"].strip().casefold()]
    still = not shows_name and any(map(Redaction(names).finds, said))
    return Settling(
        person["choice"],
        person["expires_on"],
        person["corrects"],
        person["rewritten_at"] is not None,
        still,
    )
