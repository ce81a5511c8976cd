"""What somebody named in a story sees on her own page: what is said of her, and what she decided."""

from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from sqlalchemy import bindparam, func, select

from maillage.auth.models import Person
from maillage.cases.models import Case, CaseAuthor, CasePerson, CaseQuote, CaseText
from maillage.cases.policies.rules import PUBLISHED
from maillage.cases.policies.template import BY_NAME, WORDS
from maillage.cases.queries.door import case_path
from maillage.core import markdown
from maillage.core.db import Db, Row, Statement
from maillage.core.languages import Text
from maillage.core.redacting import Redaction
from maillage.core.sealing import TOKEN_LENGTH, token_hash


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph that speaks of her, and in which part of the story."""

    label: Text
    body: str


@dataclass(frozen=True, slots=True)
class Consent:
    """Her page."""

    person_id: int
    case_id: int
    name: str
    shown_as: str
    relation: str
    choice: str | None
    decided_at: datetime | None
    expires_on: date | None
    correction: str
    under_14: bool
    # Of the story: who writes it, and whether it is public.
    title: str
    language: str
    authors: tuple[str, ...]
    public_path: str | None
    for_members: bool
    passages: tuple[Passage, ...]
    quotes: tuple[str, ...]

    @property
    def left(self) -> bool:
        return self.choice == "retire"

    @property
    def text(self) -> str:
        """All that she is shown, as it is kept beside her decision."""
        quoted = [f"« {quote} »" for quote in self.quotes]
        return "\n\n".join([self.title, *(passage.body for passage in self.passages), *quoted])

    @property
    def seen(self) -> str:
        """What tells whether it has changed since she read it."""
        return sha256(self.text.encode()).hexdigest()[:20]


_person = select(
    CasePerson.id,
    CasePerson.case_id,
    CasePerson.name,
    CasePerson.other_names,
    CasePerson.shown_as,
    CasePerson.relation,
    CasePerson.choice,
    CasePerson.decided_at,
    CasePerson.expires_on,
    CasePerson.correction,
    CasePerson.under_14,
    Case.title,
    Case.slug,
    Case.language,
    Case.state,
    Case.visibility,
    Case.locality,
).join(Case, Case.id == CasePerson.case_id)
_BY_TOKEN = Statement(_person.where(CasePerson.token_hash == bindparam("hash_is")))
_BY_ID = Statement(_person.where(CasePerson.id == bindparam("person_id")))
_TEXTS = Statement(
    select(CaseText.field, CaseText.body_md).where(CaseText.case_id == bindparam("case_id")).order_by(CaseText.id)
)
_QUOTES = Statement(select(CaseQuote.body).where(CaseQuote.person_id == bindparam("person_id")).order_by(CaseQuote.id))
_AUTHORS = Statement(
    select(func.coalesce(func.nullif(CaseAuthor.name, ""), Person.name))
    .select_from(CaseAuthor)
    .outerjoin(Person, Person.id == CaseAuthor.person_id)
    .where(
        CaseAuthor.case_id == bindparam("case_id"),
        CaseAuthor.kind == func.any(bindparam("kinds")),
        CaseAuthor.left_at.is_(None),
    )
    .order_by(CaseAuthor.position, CaseAuthor.id)
)


async def by_token(db: Db, token: str) -> Consent | None:
    """The page that this link opens; None when it opens none."""
    if len(token) != TOKEN_LENGTH:
        return None
    row = await db.row(_BY_TOKEN, hash_is=token_hash(token))
    return None if row is None else await _consent(db, row)


async def of_person(db: Db, person_id: int) -> Consent:
    """The same, as her authors see it."""
    row = await db.row(_BY_ID, person_id=person_id)
    assert row is not None  # noqa: S101 — the caller found her in the register
    return await _consent(db, row)


async def _consent(db: Db, row: Row) -> Consent:
    left = row["choice"] == "retire"
    texts = [] if left else await db.rows(_TEXTS, case_id=row["case_id"])
    authors = await db.rows(_AUTHORS, case_id=row["case_id"], kinds=["author", "coauthor"])
    quotes = await db.rows(_QUOTES, person_id=row["id"])
    return Consent(
        person_id=row["id"],
        case_id=row["case_id"],
        name=row["name"],
        shown_as=row["shown_as"],
        relation=row["relation"],
        choice=row["choice"],
        decided_at=row["decided_at"],
        expires_on=row["expires_on"],
        correction=row["correction"],
        under_14=row["under_14"],
        title=row["title"],
        language=row["language"],
        authors=tuple(one[0] for one in authors),
        public_path=case_path(row["case_id"], row["slug"]) if row["state"] in PUBLISHED else None,
        for_members=row["visibility"] == "members",
        passages=tuple(_passages(row, texts)),
        quotes=tuple(one[0] for one in quotes),
    )


def _as_read(paragraph: str, language: str) -> str:
    """A paragraph in words alone, without what lays it out."""
    try:
        said = markdown.render(paragraph, references=markdown.References({}, {}), language=language, prefix="p-").text
    except markdown.TooComplex:
        return paragraph.strip()
    return said.strip() or paragraph.strip()


def _passages(person: Row, texts: list[Row]) -> list[Passage]:
    """The paragraphs in which she is named, by her own name or the one that readers see."""
    named = [person["name"], *person["other_names"].splitlines(), person["shown_as"]]
    hers = Redaction([name for name in named if name.strip()])
    return [
        Passage((BY_NAME.get(row["field"]) or WORDS[row["field"]]).label, _as_read(paragraph, person["language"]))
        for row in texts
        for paragraph in row["body_md"].split("\n\n")
        if hers.finds(paragraph)
    ]
