"""Names and words are found whatever their accents, capitals and layout; other words stay."""

import pytest

from maillage.core.redacting import InHtml, Redaction, parts_of

NAMES = ["Hermine Vaugeois-Paré", "Gigi", "la dame aux beignes"]
HERS = Redaction(
    NAMES,
    parts=parts_of(NAMES[:1]),
    quotes=["Je ne voulais plus mettre les pieds là, moi.", "On l’a fait, c’est tout!"],
)


@pytest.mark.parametrize(
    ("text", "without"),
    [
        ("Hermine Vaugeois-Paré est là.", "[…] est là."),
        ("HERMINE VAUGEOIS PARE", "[…]"),
        ("hermine  vaugeois\nparé", "[…]"),
        ("Vaugeois-Paré, Hermine", "[…]"),
        ("Hermi\u0301ne Vaugeois\u2011Pare\u0301!", "[…]!"),
        ("**Her\u00admine** Vaugeois-Paré", "**[…]"),
        ("hermine.vaugeois-pare@example.org", "[…]@example.org"),
        ("/recits/12-le-retour-d-hermine-vaugeois-pare", "/recits/12-le-retour-d-[…]"),
        ("H&eacute;rmine Vaugeois", "[…] […]"),
        ("gigi et La Dame aux Beignes", "[…] et […]"),
        ("Mme Vaugeois et Hermine", "Mme […] et […]"),
        ("« Je ne voulais plus\n> mettre les pieds là, **moi**. »", "« […]**. »"),
        ("On l'a fait, c'est tout", "[…]"),
    ],
)
def test_what_is_hers_is_taken_out(text: str, without: str) -> None:
    assert HERS.of(text) == without
    assert HERS.finds(text)
    assert not HERS.finds(without)


@pytest.mark.parametrize(
    "text",
    [
        "Gigin, Gigot et gigue",
        # Parts of a name count only where they are written as one.
        "il se pare de vertus, une hermine blanche",
        "Herminette",
        "la dame aux crêpes",
        "Je ne voulais plus.",
        "",
        "&amp; &lt;",
    ],
)
def test_what_is_not_hers_stays(text: str) -> None:
    assert HERS.of(text) == text
    assert not HERS.finds(text)


def test_it_is_taken_out_of_what_lists_and_objects_hold() -> None:
    assert HERS.within({"a": ["Gigi", 3, None], "b": {"c": "Gigi rit"}}) == {
        "a": ["[…]", 3, None],
        "b": {"c": "[…] rit"},
    }


def test_nothing_to_look_for_finds_nothing() -> None:
    assert Redaction([""]).of("Tout reste.") == "Tout reste."


@pytest.mark.parametrize(
    ("page", "without"),
    [
        (
            "<p>Mme H&eacute;rmine &lt;script&gt;x()&lt;/script&gt;</p>",
            "<p>Mme […] &lt;script&gt;x()&lt;/script&gt;</p>",
        ),
        ('<p title="Vaugeois, H">Gigi</p>', '<p title="[…], H">[…]</p>'),
        ("<p>Rien d’elle, &lt;b&gt;</p>", "<p>Rien d’elle, &lt;b&gt;</p>"),
    ],
)
def test_a_page_stays_one(page: str, without: str) -> None:
    assert InHtml(HERS).of(page) == without


def test_what_is_taken_out_across_a_tag_opens_no_other() -> None:
    page = '<p><img alt="Rose"><b> onerror=x() title="a"</b></p>'
    assert InHtml(Redaction(["Rose b"])).of(page) == '<p><img alt="[…]&gt; onerror=x() title="></p>'
