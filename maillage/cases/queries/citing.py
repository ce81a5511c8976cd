"""How to cite a story, in plain text and for reference managers."""

from dataclasses import dataclass

from maillage.cases.policies.reading import LICENCE_SHORT
from maillage.cases.queries.told import StoryPage
from maillage.core.languages import FRENCH, _

_CITED = _("%(authors)s (%(year)s). “%(title)s”. %(site)s. %(address)s (%(licence)s)")
_MORE_THAN = 6
# What means something to BibTeX.
_SPECIAL = str.maketrans(
    {mark: f"\\{mark}" for mark in "#$%&_{}"}
    | {"\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}", '"': "''"}
)


@dataclass(frozen=True, slots=True)
class Citation:
    text: str
    bibtex: str


def citation(story: StoryPage, site: str, base_url: str, locale: str) -> Citation:
    """For readers of `locale`. A story that is not published yet is cited without its year."""
    address = f"{base_url}/recits/{story.id}"
    names = [hand.name for hand in story.authors]
    shown = names if len(names) <= _MORE_THAN else [*names[:_MORE_THAN], "et al."]
    year = str(story.published_at.year) if story.published_at else "s. d." if locale == FRENCH else "n.d."
    text = _(
        _CITED.msgid,
        authors=", ".join(shown),
        year=year,
        title=story.title,
        site=site,
        address=address,
        licence=LICENCE_SHORT[story.licence],
    ).in_(locale)
    fields = {
        "author": " and ".join(f"{{{name.translate(_SPECIAL)}}}" for name in names),
        "title": f"{{{story.title.translate(_SPECIAL)}}}",
        "year": str(story.published_at.year) if story.published_at else "",
        "month": story.published_at.strftime("%m") if story.published_at else "",
        "publisher": site.translate(_SPECIAL),
        "url": address,
        "language": story.language,
    }
    lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items() if value)
    return Citation(text, f"@misc{{recit-{story.id},\n{lines}\n}}\n")
