"""A story on paper: whole, tagged, and with nothing that somebody wrote taken for markup."""

import re
import zlib

from maillage.cases.pdf.tree import tree
from maillage.core.kept import KeptPages
from tests.cases.stories import TEXTS, story
from tests.cases.test_story_page import run
from tests.conftest import Site

# What would read a file, break out of a string or stop the printer, were it taken for markup.
HOSTILE = (
    '#read("story.typ") #panic("x") $x$ *gras* _i_ <label> @ref \\ "guillemets" `#eval("1")` ]]] }}} #{ // '
    '= Titre\n- #include "/etc/passwd"\n\n| a | b |\n|---|---|\n| #let x = 1 | 2 |\n\n1. un\n   - #pagebreak()\n'
)


def test_it_is_a_tagged_document_in_the_language_of_the_story(site: Site) -> None:
    number = story(site, "maryse")
    answer = site.stranger.get(f"/recits/{number}.pdf")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    readable = contents(answer.content)
    assert b"/StructTreeRoot" in readable
    assert b"/Marked true" in readable
    assert b"(fr-CA)" in readable
    assert b"pdfuaid" in readable


def contents(pdf: bytes) -> bytes:
    """The document with its streams unpacked."""
    unpacked = [pdf]
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.S):
        try:
            unpacked.append(zlib.decompress(stream.rstrip(b"\r\n")))
        except zlib.error:
            unpacked.append(stream)
    return b"".join(unpacked)


def test_what_somebody_wrote_is_never_markup(site: Site) -> None:
    texts = dict.fromkeys(TEXTS, HOSTILE)
    number = story(
        site, "maryse", title='#panic("titre") $ \\ "', texts=texts, changed={"capacites-communaute": HOSTILE}
    )
    run(site, 'UPDATE practice_case SET locality = \'#panic("lieu") \\ "\' WHERE id = $1', number)
    run(site, "UPDATE case_author SET name = '#panic(\"nom\")' WHERE case_id = $1", number)
    answer = site.stranger.get(f"/recits/{number}.pdf")
    assert answer.status_code == 200
    assert b"passwd" not in answer.content


def test_every_form_that_text_can_have_is_set(site: Site) -> None:
    source = (
        "# Titre\n\nUn [lien](https://example.org/a?b=c#d), un [lien d’ici](/discussions), `code`, ~~biffé~~"
        ", note[^1].\n\n"
        "> citation\n>\n> > dans une autre\n\n```python\nprint('x')\n```\n\n3. trois\n4. quatre\n\n- a\n  - b\n"
        "\n---\n\n"
        "| a | b |\n|---|---|\n| 1 |\n\n- [ ] à faire\n- [x] fait\n\n[^1]: La note.\n"
    )
    number = story(site, "maryse", texts=TEXTS | {"what_we_did": source})
    assert site.stranger.get(f"/recits/{number}.pdf").status_code == 200


def test_an_english_story_is_set_in_english_and_a_bare_draft_too(site: Site) -> None:
    number = story(site, "linda", language="en", title="Potluck")
    assert b"(en" in contents(site.stranger.get(f"/recits/{number}.pdf").content)
    draft = story(site, "maryse", state="draft", texts={}, changed={}, terms={})
    assert site.as_("maryse").get(f"/recits/{draft}.pdf").status_code == 200


def test_it_is_made_once_for_each_version(site: Site) -> None:
    number = story(site, "maryse")
    first = site.stranger.get(f"/recits/{number}.pdf").content
    assert site.stranger.get(f"/recits/{number}.pdf").headers["x-queries"] == "1"
    run(site, "UPDATE practice_case SET title = 'Tout autre chose', version = version + 1 WHERE id = $1", number)
    assert site.stranger.get(f"/recits/{number}.pdf").content != first
    site.app.state.kept_pages = KeptPages()
    run(
        site,
        "UPDATE practice_case SET state = 'withdrawn', stated_at = NULL, stated_by_id = NULL WHERE id = $1",
        number,
    )
    assert site.stranger.get(f"/recits/{number}.pdf").status_code == 404


def test_a_tree_keeps_text_as_text() -> None:
    assert tree("<p>a &lt;b&gt; <em>c</em></p>") == [{"t": "p", "c": ["a <b> ", {"t": "em", "c": ["c"]}]}]
    assert tree('<a href="javascript:x">y</a>') == [{"t": "a", "c": ["y"], "href": "javascript:x"}]
    assert tree('<p>a<svg><path d="x"/></svg>b</p>') == [{"t": "p", "c": ["a", "b"]}]
    assert tree("a</em></p>b") == ["a", "b"]
