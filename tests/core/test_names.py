"""Names are clean, sort as French does, and make addresses."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.core import names


@pytest.mark.parametrize(
    "ordered",
    [
        ["eau", "école", "Élan", "Équipe", "zone"],
        ["cote", "côte", "coté", "côté"],
        ["Jean Tremblay", "Jean-Zacharie", "Jeanne"],
        ["Damien", "D’Amours", "Damphousse"],
        ["coda", "cœur", "coffre"],
        ["Nguyen", "Nguyễn", "Nicol"],
        ["Lacombe", "Lacombe-Dubé", "Lacombes"],
        ["10e rang", "2e rang", "Abel"],
    ],
)
def test_names_sort_as_french_does(ordered: list[str]) -> None:
    for shuffled in (ordered, ordered[::-1], sorted(ordered)):
        assert sorted(shuffled, key=lambda name: names.sort_key(name).encode()) == ordered


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Marc-Antoine", "marc antoine"),
        ("L’Ancrage", "L'Ancrage"),
        ("ÉLAN", "élan"),
        ("É", "É"),
        ("  a  b ", "A B"),
    ],
)
def test_what_french_does_not_tell_apart_has_one_key(one: str, other: str) -> None:
    assert names.sort_key(one) == names.sort_key(other)


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Garder les personnes à la table", "garder-les-personnes-a-la-table"),
        ("L’œuvre, c’est « ça »!", "l-oeuvre-c-est-ca"),
        ("Straße & Łódź", "strasse-lodz"),
        ("???", "discussion"),
        ("", "discussion"),
        ("ᐃᓄᒃᑎᑐᑦ", "discussion"),
        ("a" * 100, "a" * 60),
        ("mot " * 30, "-".join(["mot"] * 15)),
    ],
)
def test_a_title_makes_an_address(title: str, slug: str) -> None:
    assert names.slug(title) == slug


@given(st.text(), st.integers(1, 80))
def test_an_address_is_always_plain_short_and_there(title: str, longest: int) -> None:
    slug = names.slug(title, max=longest)
    assert slug == "discussion" or len(slug) <= longest
    assert slug.strip("-") == slug != ""
    assert all(char in "abcdefghijklmnopqrstuvwxyz0123456789-" for char in slug)


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("  Maryse \t Lacombe-Dubé\r\n", "Maryse Lacombe-Dubé"),
        ("Mary\u202ese", "Maryse"),
        ("Mary\u200bse\ufeff\x00\x1b", "Maryse"),
        ("Maryse\u2028Bcc: x", "Maryse Bcc: x"),
        ("Me\u0301", "Mé"),
        ("a\u00a0b", "a b"),
        ("\u200b\u2066", ""),
        ("a\ud800b", "ab"),
        ("https://evil.example", "https://evil.example"),
    ],
)
def test_a_name_is_cleaned(given_name: str, kept: str) -> None:
    assert names.clean(given_name) == kept


@given(st.text())
def test_a_clean_name_is_one_line_of_visible_signs(name: str) -> None:
    cleaned = names.clean(name)
    assert names.clean(cleaned) == cleaned
    assert not any(unicodedata.category(char).startswith(("C", "Zl", "Zp")) for char in cleaned)
    assert "  " not in cleaned
