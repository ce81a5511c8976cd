"""Texts made to be heavy, pages that are not there, a thousand names: refused or soon done (48, 50, 51)."""

from time import monotonic

import pytest

from tests.abuse.conftest import browser, circle_of, patient
from tests.conftest import Site

# On a machine that does other things too; what is not bounded takes minutes.
SOON = 3.0
FULL, HUGE = 50_000, 200_000
UNITS = {
    "[": "[",
    "](": "](",
    "![": "![",
    ">": ">",
    "> ": "> ",
    "*": "*",
    "* ": "* ",
    "_a": "_a",
    "**a ": "**a ",
    "`": "`",
    "`a": "`a``",
    "space": " ",
    "blank end": "a" + " " * 1000,
    "line": "\n",
    "| ": "| ",
    "|-": "|-|",
    "table": "|a|b|\n|-|-|\n",
    "<": "<",
    "<!--": "<!--",
    "<a": "<a href=",
    "&": "&#",
    "&amp": "&amp",
    "~": "~",
    "[^1]": "[^1]",
    "[^": "[^",
    "note": "[^1]: [^1]\n",
    "- ": "- ",
    "list": "- - - - 1. ",
    "nest": "> - 1. ",
    "http": "http://a",
    "www": "www.a.",
    "@": "@a ",
    "#": "#1 ",
    "\\": "\\",
    "\t": "\t",
    "fence": "```\n",
    "$": "$",
    "«": "« ",
    "é": "e\u0301",
    "emoji": "👩‍👩‍👧‍👦",
    "rtl": "\u202e",
    "nbsp": "\u00a0",
}


@pytest.mark.parametrize("unit", UNITS, ids=list(UNITS))
@pytest.mark.parametrize("length", [FULL, HUGE], ids=["as long as may be", "longer"])
def test_a_heavy_text_is_refused_or_soon_done(shared: Site, unit: str, length: int) -> None:
    # Framed by letters, or blanks would be trimmed.
    text = ("a" + UNITS[unit] * (length // len(UNITS[unit]) + 1))[: length - 1] + "z"
    for path, form in (
        ("/discussions/apercu", {}),
        ("/discussions/1/repondre", {"parent": "1"}),
        ("/discussions/nouvelle", {"space": "pratiques"}),
    ):
        patient(shared)
        began = monotonic()
        response = shared.as_("maryse").post(path, data={"body": text, **form})
        took = monotonic() - began
        assert response.status_code < 500
        assert took < SOON, path
        if length == HUGE:
            assert response.status_code in {400, 413, 422}, path


def test_a_long_history_of_heavy_edits_is_soon_shown(site: Site) -> None:
    posted = site.as_("maryse").post("/discussions/1/repondre", data={"body": "début"})
    path = posted.headers["location"]
    site.write(lambda db: db.connection.execute("UPDATE post SET created_at = created_at - interval '1 day'"))
    for number in range(6):
        patient(site)
        words = " ".join(f"mot{(place * (number + 3)) % 997}" for place in range(7000))
        changed = {"body": words[:49_000], "revisions": str(number)}
        assert site.as_("maryse").post(f"{path}/modifier", data=changed).status_code == 303
    began = monotonic()
    assert site.as_("karine").get(f"{path}/historique").status_code == 200
    assert monotonic() - began < SOON


_NUMBERS = (
    "0",
    "-1",
    "1000000000",
    "9" * 19,
    "9" * 5000,
    "1e9",
    "0x1",
    "1.5",
    "",
    "٣",
    "null",
    "%00",
    "%ff",
    "[]",
    "' OR 1=1",
)
_QUERIES = {
    "/discussions/{thread}": ("page", "ordre"),
    "/discussions/espaces/pratiques": ("apres", "page"),
    "/discussions/nouvelle": ("espace", "titre", "corps"),
    "/discussions/{number}/repondre": ("parent",),
    "/discussions/{number}/non-lu": ("page",),
    "/moderation/journal": ("avant",),
    "/personnes/suggestions": ("q",),
    "/connexion": ("suite", "langue"),
    "/connexion/retour": ("state", "code", "error", "iss"),
    "/static/css/base.css": ("v",),
    "/": ("page", "langue", "é&langue"),
}


@pytest.mark.parametrize("path", _QUERIES)
@pytest.mark.parametrize("who", ["", "maryse"])
def test_no_number_in_an_address_is_a_fault_or_slow(shared: Site, path: str, who: str) -> None:
    found = shared.thread("La reddition").removeprefix("/discussions/")
    place = path.format(thread=found, number=found.partition("-")[0])
    values = [*_NUMBERS, "9" * 18 + "-" + "9" * 18, "-1--1", "%25" * 200, "a" * 900]
    for name in _QUERIES[path]:
        for value in values:
            for query in (f"{name}={value}", f"{name}[]={value}", f"{name}={value}&{name}=1"):
                began = monotonic()
                response = browser(shared, who).get(f"{place}?{query}")
                assert response.status_code < 500, query[:60]
                assert monotonic() - began < SOON, query[:60]


@pytest.mark.parametrize("number", ["0", "9" * 18, "9" * 19, "9" * 20, "9" * 900, "007", "-1", "+1", "1.0", "1e3", "٣"])
def test_no_number_in_a_path_is_a_fault(shared: Site, number: str) -> None:
    paths = [f"/discussions/{number}", f"/discussions/{number}-x", f"/discussions/{number}/m/{number}"]
    paths += [
        f"/discussions/1/m/{number}/{page}" for page in ("actions", "modifier", "historique", "retirer", "separer")
    ]
    paths += [f"/discussions/{number}/{page}" for page in ("repondre", "non-lu", "gestion")]
    for who in ("", "maryse", "etienne"):
        for path in paths:
            assert browser(shared, who).get(path).status_code < 500, path
            assert browser(shared, who).post(path, data={"body": "x"}).status_code < 500, path
        for path in (f"/moderation/signalements/{number}/regler", f"/moi/sessions/{number}/fin"):
            assert browser(shared, who).post(path).status_code < 500, path


def test_ranges_of_all_numbers_mark_no_more_than_there_is(site: Site) -> None:
    number = site.thread("La reddition").removeprefix("/discussions/").partition("-")[0]
    for seqs in ("1-2147483646", "1-99999999", ",".join(f"{n}-{n + 1}" for n in range(1, 1000, 2)), "0-5", "5-1"):
        patient(site)
        assert site.as_("karine").post(f"/discussions/{number}/lu", data={"seqs": seqs}).status_code in {204, 303, 400}
    top = site.ask("SELECT next_seq FROM thread WHERE id = $1", int(number))
    assert site.ask("SELECT coalesce(max(upper(read)), 0) FROM thread_read WHERE thread_id = $1", int(number)) <= top


def test_a_thousand_names_call_twenty_at_most(site: Site) -> None:
    site.write(
        lambda db: db.connection.execute(
            "INSERT INTO person (handle, name, name_key) SELECT 'z' || n, 'Z ' || n, 'z ' || n"
            " FROM generate_series(1, 1000) AS n"
        )
    )
    body = " ".join(f"@z{n}" for n in range(1, 1001))
    began = monotonic()
    posted = site.as_("maryse").post("/discussions/1/repondre", data={"body": body})
    assert monotonic() - began < SOON
    assert posted.status_code == 303
    assert (
        0 < site.ask("SELECT count(*) FROM mention JOIN person ON person.id = person_id WHERE handle LIKE 'z%'") <= 20
    )
    many = site.as_("maryse").post("/discussions/1/repondre", data={"body": "@maryse @josee " * 1000})
    assert many.status_code in {303, 422}
    links = site.as_("maryse").post("/discussions/1/repondre", data={"body": " ".join(f"#{n}" for n in range(1, 1001))})
    assert links.status_code == 303
    assert site.ask("SELECT max(n) FROM (SELECT count(*) AS n FROM thread_link GROUP BY post_id) AS t") <= 100


def test_a_suggestion_of_everybody_is_a_few(site: Site) -> None:
    for typed in ("%", "_", "\\", "", " ", "a" * 5000, "é", "%25%25"):
        answer = site.as_("maryse").get("/personnes/suggestions", params={"q": typed})
        assert answer.status_code == 200
        assert len(answer.json()) <= 8
    assert site.as_("maryse").get("/personnes/suggestions?q=%25").json() == []


def test_the_circle_is_not_slower_to_refuse_than_to_miss(shared: Site) -> None:
    """As many questions to the database for what is hidden as for what is absent."""
    circle = circle_of(shared)
    for path in ("", "-x", "/repondre", "/gestion", "/non-lu", "/m/2/actions", "/m/2/historique"):
        hidden = shared.as_("karine").get(f"/discussions/{circle.thread}{path}").headers["x-queries"]
        absent = shared.as_("karine").get(f"/discussions/999999{path}").headers["x-queries"]
        assert hidden == absent, path
