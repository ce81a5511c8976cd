"""What people write is shown as words wherever it appears: nothing of it runs, loads, dresses up or is expanded."""

import re
from html import unescape

import pytest

from maillage.core.db import Db
from tests.abuse.acts.asking import FACILITATOR, MODERATOR
from tests.abuse.conftest import dangers, patient
from tests.conftest import Site

# Each holds a word of its own, to see that the page shows it at all.
CORPUS = [
    "zibeline0 <script>alert(1)</script>",
    'zibeline1 "><img src=x onerror=alert(1)>',
    "zibeline2 '><svg/onload=alert(1)>",
    "zibeline3 </title></textarea></style><script src=//evil.example/x.js></script>",
    "zibeline4 <iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "zibeline5 [x](javascript:alert(1)) ![x](javascript:alert(1)) <javascript:alert(1)>",
    "zibeline6 [x](JaVa\tScRiPt:alert(1)) [x](java&#10;script:alert(1)) [x](&#106;avascript:alert(1))",
    "zibeline7 [x](data:text/html;base64,PHNjcmlwdD4=) [x](vbscript:msgbox) [x](//evil.example)",
    "zibeline8 &lt;script&gt;alert(1)&lt;/script&gt; &amp;lt;b&amp;gt;",
    "zibeline9 {{ 7+7 }} {% raw %} {{ config }} %(name)s %(reason)s %s %% ${7+7} #{7+7}",
    "zibeline10 \x02slot:account\x03 {slot} {name} {number}",
    "zibeline11 <style>*{display:none}</style><div style='position:fixed'>x</div>",
    "zibeline12 <base href=//evil.example><meta http-equiv=refresh content='0;url=//evil.example'>",
    "zibeline13 <a href=x onclick=alert(1)>x</a> <form action=//evil.example><button>x</button></form>",
    "zibeline14 \u202egnp.exe\u2066 \u200bx",
    "zibeline15 ' onmouseover='alert(1)' x=' \" autofocus onfocus=\"alert(1)",
    "zibeline16 -->]]><!--<script>-->alert(1)",
    'zibeline17 =HYPERLINK("http://evil.example")',
]


def check(html: str, *, shows: str | None = None) -> None:
    assert dangers(html) == []
    # Neither a sum nor a name where nobody put one.
    if shows == "zibeline9":
        text = unescape(re.sub(r"<[^>]*>", "", html))
        assert "{{ 7+7 }}" in text.replace("\u00a0", " ").replace("\u202f", " ")
        assert "%(name)s" in text
    if shows is not None:
        assert re.search(rf"{shows}\b", html), shows


def send(site: Site, who: str, path: str, **form: str) -> str:
    patient(site)
    response = site.as_(who).post(path, data=form)
    assert response.status_code == 303, (response.status_code, re.findall(r'class="error".*', response.text)[:3])
    return response.headers["location"]


def look(site: Site, path: str, who: str = "") -> str:
    browser = site.as_(who) if who else site.stranger
    response = browser.get(path, follow_redirects=True)
    assert response.status_code == 200, path
    return response.text


@pytest.mark.parametrize("words", CORPUS, ids=lambda words: words.partition(" ")[0])
def test_hostile_words_are_words_everywhere(site: Site, words: str) -> None:
    mark = words.partition(" ")[0]
    title = " ".join(words.split())[:180]
    # A title, a body, a list, the front page, the list of spaces.
    thread = send(site, "maryse", "/discussions/nouvelle", space="pratiques", title=title, body=words, kind="question")
    number = thread.rpartition("/")[2]
    for path in ("/", "/discussions", "/discussions/espaces/pratiques", thread):
        check(look(site, path), shows=mark)
    # Without a title of its own, one is proposed from the body.
    untitled = send(site, "maryse", "/discussions/nouvelle", space="pratiques", body=words)
    check(look(site, untitled), shows=mark)
    # A reply, what it answers, a preview, a draft, the form of an edit, what it said before.
    send(site, "karine", f"{thread}/repondre", body=words, parent="1")
    send(site, "karine", f"{thread}/repondre", body=f"> {words}\n\nVoir #{number}.", parent="2")
    check(look(site, f"{thread}/repondre?parent=2", "maryse"), shows=mark)
    check(look(site, f"{thread}/m/2/modifier", "karine"), shows=mark)
    check(look(site, f"{thread}/m/2/actions", "maryse"), shows=mark)
    patient(site)
    preview = site.as_("karine").post("/discussions/apercu", data={"body": words})
    assert preview.status_code == 200
    assert "<p>" in preview.text
    check(preview.text, shows=mark)
    draft = {"place": "thread:" + number, "sequence": "50", "title": title, "body": words}
    assert site.as_("maryse").post("/discussions/brouillon", data=draft).status_code == 204
    for path in ("/discussions/brouillons", thread, f"{thread}/repondre"):
        check(look(site, path, "maryse"), shows=mark)
    site.write(lambda db: db.connection.execute("UPDATE post SET created_at = created_at - interval '1 day'"))
    # Taken out, and put back: shown as removed, and as added.
    send(site, "karine", f"{thread}/m/2/modifier", body="Tout autre chose.", revisions="0")
    check(look(site, f"{thread}/m/2/historique"), shows=mark)
    send(site, "karine", f"{thread}/m/2/modifier", body=words + "\n\nEt de plus.", revisions="1")
    check(look(site, f"{thread}/m/2/historique"), shows=mark)
    # Reasons, a summary, another title; the inbox and the log; and how the thread looks after all that.
    send(site, "maryse", f"{thread}/m/3/signaler", reason=words)
    check(look(site, "/moderation", MODERATOR), shows=mark)
    send(site, MODERATOR, f"{thread}/titre", title=f"Autrement {title}"[:190])
    send(site, MODERATOR, f"{thread}/synthese", body=words, covers="2")
    send(site, MODERATOR, f"{thread}/m/3/separer", title=f"À part {title}"[:190], kind="question")
    send(site, MODERATOR, f"{thread}/m/2/retirer", reason=words)
    send(site, MODERATOR, f"{thread}/verrouiller", reason=words)
    for who in ("", "maryse", MODERATOR):
        for path in (thread, "/moderation/journal", f"/discussions/{number}"):
            check(look(site, path, who), shows=mark)
        check(look(site, look_for(site, thread) + "?ordre=date", who), shows=mark)
    check(look(site, f"{thread}/gestion", MODERATOR), shows=mark)
    # Given back by a form that refuses, and by a page about a problem.
    patient(site)
    refused = site.as_("maryse").post(
        "/discussions/nouvelle", data={"space": words, "title": title, "body": words, "kind": words, "language": words}
    )
    assert refused.status_code == 422
    check(refused.text, shows=mark)
    problem = site.as_("maryse").post(f"{thread}/repondre", data={"body": words, words: words})
    assert problem.status_code == 403
    check(problem.text, shows=mark)
    over = site.stranger.post(f"{thread}/repondre", data={"body": words, words: words})
    assert over.status_code == 403
    check(over.text, shows=mark)


def look_for(site: Site, short: str) -> str:
    return str(site.stranger.get(short).headers["location"])


@pytest.mark.parametrize("words", CORPUS, ids=lambda words: words.partition(" ")[0])
def test_hostile_names_are_names_everywhere(site: Site, words: str) -> None:
    """Names of people, organizations, providers and spaces, however they got into the database."""
    mark, words = words.partition(" ")[0], words.replace("\x02", "").replace("\x03", "")[:110]

    async def rename(db: Db) -> None:
        run = db.connection.execute
        await run("UPDATE person SET name = $1, title = $1, about = $1 WHERE handle IN ('maryse', 'etienne')", words)
        await run("UPDATE organization SET name = $1, about = $1", words)
        await run("UPDATE provider SET label = $1", words)
        await run("UPDATE space SET name = jsonb_build_object('fr-CA', $1::text), purpose = name", words)
        await run("UPDATE space SET purpose = name")
        await run("UPDATE session SET device = $1", words)
        await run("UPDATE site_epoch SET number = number + 1")

    site.as_("maryse")
    site.write(rename)
    thread = site.thread("La reddition")
    for path in ("/", "/discussions", "/discussions/espaces/pratiques", thread, "/connexion", "/moderation/journal"):
        check(look(site, path), shows=mark if path != "/moderation/journal" else None)
    number = thread.removeprefix("/discussions/").partition("-")[0]
    for path in ("/moi", "/moi/sessions", "/personnes/maryse", thread, f"/discussions/{number}/repondre"):
        check(look(site, path, "maryse"), shows=mark)
    for path in ("/moderation", "/moderation/journal", f"/discussions/{number}/gestion", "/discussions/nouvelle"):
        check(look(site, path, "etienne"), shows=mark)
    send(site, "karine", f"/discussions/{number}/repondre", body="Comme disait @maryse et @etienne.", parent="1")
    send(site, "etienne", f"/discussions/{number}/verrouiller", reason="Assez.")
    for who in ("", "karine", FACILITATOR):
        check(look(site, thread, who), shows=mark)


def test_escaped_words_in_an_excerpt_stay_escaped(site: Site) -> None:
    send(
        site, "maryse", "/discussions/nouvelle", space="pratiques", title="Échappé", body="&lt;b&gt;gras&lt;/b&gt; <b>"
    )
    page = look(site, "/discussions/espaces/pratiques")
    assert "<b>gras" not in page
    assert "&lt;b&gt;gras&lt;/b&gt;" in page
    typed = send(site, "maryse", "/discussions/nouvelle", space="pratiques", title="&lt;i&gt; et <i>", body="Un texte.")
    for path in ("/discussions/espaces/pratiques", typed):
        assert "&amp;lt;i&amp;gt; et &lt;i&gt;" in look(site, path)


def test_no_gap_of_a_kept_page_can_be_opened_by_what_people_write(site: Site) -> None:
    """A kept page has gaps that are filled for each reader; words that look like one are words."""
    body = "Zibeline \x02account:\x03 \x02mark:1\x03 {{ slot('own', 1) }}"
    thread = send(site, "maryse", "/discussions/nouvelle", space="pratiques", title="Trou \x02own:1\x03", body=body)
    page = look(site, thread, "maryse")
    assert page.count("Maryse Lacombe-Dubé</span></summary>") <= 1
    assert dangers(page) == []


@pytest.mark.parametrize(
    "path", ["/<script>alert(1)</script>", "/%22%3E%3Cimg%20src=x%20onerror=alert(1)%3E", "/%0A%0D"]
)
def test_an_address_is_only_an_address(shared: Site, path: str) -> None:
    for query in (
        "",
        "?x=<script>alert(1)</script>",
        "?page=%22%3E%3Cscript%3E",
        "?langue=<b>&suite=javascript:alert(1)",
    ):
        for base in (
            path,
            "/",
            "/connexion",
            "/discussions/1",
            "/discussions/espaces/pratiques",
            "/discussions/nouvelle",
        ):
            for who in (shared.stranger, shared.as_("maryse")):
                response = who.get(base + query, headers={"Referer": 'http://testserver/"><script>alert(1)</script>'})
                assert response.status_code < 500
                assert dangers(response.text) == []
