"""French typography as the Office québécois de la langue française asks for it, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.core.typography import french

NB, NN = "\u00a0", "\u202f"


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("Voici : oui", f"Voici{NB}: oui"),
        ("Voici: oui", f"Voici{NB}: oui"),
        ("Voici :", f"Voici{NB}:"),
        ("« oui »", f"«{NB}oui{NB}»"),
        ("«oui»", f"«{NB}oui{NB}»"),
        ("«   oui   »", f"«{NB}oui{NB}»"),
        ("Oui! Non? Bien; bon", "Oui! Non? Bien; bon"),
        ("Oui ! Non ? Bien ; bon", f"Oui{NN}! Non{NN}? Bien{NN}; bon"),
        ("Oui  !", f"Oui{NN}!"),
        ('"droit"', '"droit"'),
        ("l'organisme d'ici, aujourd'hui", "l’organisme d’ici, aujourd’hui"),
        ("d'«ici»", f"d’«{NB}ici{NB}»"),
        ("'cité' les '90", "'cité' les '90"),
        ("et puis... oui", "et puis… oui"),
        ("et puis....", "et puis...."),
        ("13 h", f"13{NB}h"),
        ("13h30", f"13{NB}h{NB}30"),
        ("de 8 h 30 à 9 h 5.", f"de 8{NB}h{NB}30 à 9{NB}h{NB}5."),
        ("H1N1, 3hab, v1.2h", "H1N1, 3hab, v1.2h"),
        ("50 % et 20%", f"50{NB}% et 20{NB}%"),
        ("1 234,50 $", f"1{NB}234,50{NB}$"),
        ("1 234 567 personnes", f"1{NB}234{NB}567 personnes"),
        ("en 2024 300 personnes", "en 2024 300 personnes"),
        ("un -- deux", "un -- deux"),
        ("13:30 et a:b", "13:30 et a:b"),
        ("https://a.example/l'a...b?x=20% : oui", f"https://a.example/l'a...b?x=20%{NB}: oui"),
        ("www.a.example/l'a...b", "www.a.example/l'a...b"),
        (":sourire: oui", ":sourire: oui"),
        ("« »", "« »"),
        ("", ""),
    ],
)
def test_what_is_typed_becomes_what_is_printed(typed: str, printed: str) -> None:
    assert french(typed) == printed


SIGNS = st.sampled_from(
    [" ", "  ", NB, NN, ":", "::", ";", "!", "?", "«", "»", "'", "’", '"', ".", "...", "a", "l", "qu", "é",
    "1", "234",
     "h", "%", "$", ",", "\n", "https://a", "www.", "//", ":a:", "*", ")", "…", "-"]
)  # fmt: skip


@given(st.lists(SIGNS, max_size=30).map("".join) | st.text())
def test_applying_it_twice_changes_nothing_more(text: str) -> None:
    assert french(french(text)) == french(text)


@given(st.lists(SIGNS, max_size=30).map("".join) | st.text())
def test_only_blanks_apostrophes_and_dots_ever_change(text: str) -> None:
    def bare(words: str) -> str:
        return words.replace("’", "'").replace("…", "...").translate({ord(blank): None for blank in f" {NB}{NN}"})

    assert bare(french(text)) == bare(text)
