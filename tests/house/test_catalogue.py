"""The French catalogue has every sentence that the house says, in French as the OQLF writes it."""

import re

import pytest
from babel.messages.catalog import Message

from tools.catalogue import NO_BREAK, catalogue, said

RULES = {
    "« » without no-break spaces inside": re.compile(rf"«(?!{NO_BREAK})|(?<!{NO_BREAK})»"),
    "a straight apostrophe": re.compile(r"\w'\w|'(?=\w)(?![^<]*>)"),
    "a median dot": re.compile("·"),
    "a capital E in mid-word": re.compile(r"[a-zà-ÿ]E[Ss]?\b"),
    "a parenthesized ending": re.compile(r"\w\((?:e|s|es|ne|ne\)s|trice|euse|le)\)"),
    "a colon without a no-break space before it": re.compile(rf"(?<![{NO_BREAK}\d])(?<!https)(?<!http):(?!//)(?=\s|$)"),
    "a space before ; ! or ?": re.compile(rf"[\s{NO_BREAK}\u202f][;!?]"),
    "three dots for an ellipsis": re.compile(r"\.\.\."),
    "tutoiement": re.compile(r"\b(?:tu|toi|ton|tes|t’)\b", re.IGNORECASE),
}


def strings(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


def holes(sentence: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)", sentence))


def test_sentences_are_found_in_code_and_in_templates() -> None:
    where = {place.partition(":")[0].rpartition(".")[2] for places in said().values() for place in places}
    assert {"py", "html"} <= where


def test_every_sentence_has_its_french() -> None:
    missing = []
    for key, places in said().items():
        message = catalogue().get(key if isinstance(key, str) else key[0])
        if message is None or message.fuzzy or not all(strings(message)):
            missing.append(f"{places[0]}: {key}")
        elif isinstance(message.id, str) != isinstance(key, str):
            missing.append(f"{places[0]}: {key} (counted here, not in the catalogue, or the other way round)")
    assert missing == []


def test_french_sentences_have_the_same_holes() -> None:
    wrong = [
        f"{message.id} → {string}"
        for message in catalogue()
        if message.id
        for string in strings(message)
        for one in [{message.id} if isinstance(message.id, str) else set(message.id)]
        # « une réponse » need not say the number.
        if not holes(string) <= set().union(*map(holes, one))
        or not set().union(*map(holes, one)) - {"n", "num"} <= holes(string)
    ]
    assert wrong == []


def test_nothing_in_the_catalogue_is_said_no_more() -> None:
    known = {key if isinstance(key, str) else key[0] for key in said()}
    stale = [message.id for message in catalogue() if message.id]
    assert [id_ for id_ in stale if (id_ if isinstance(id_, str) else id_[0]) not in known] == []


@pytest.mark.parametrize("rule", RULES)
def test_french_is_written_as_the_oqlf_does(rule: str) -> None:
    broken = [
        string for message in catalogue() if message.id for string in strings(message) if RULES[rule].search(string)
    ]
    assert broken == []


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ("« » without no-break spaces inside", "Le bouton « Répondre »"),
        ("a straight apostrophe", "l'organisme"),
        ("a median dot", "les citoyen·nes"),
        ("a capital E in mid-word", "les participantEs"),
        ("a parenthesized ending", "les participant(e)s"),
        ("a colon without a no-break space before it", "Motif: aucun"),
        ("a space before ; ! or ?", "Vraiment ?"),
        ("three dots for an ellipsis", "Un instant..."),
        ("tutoiement", "Écris ton message"),
    ],
)
def test_a_broken_rule_is_seen(rule: str, sentence: str) -> None:
    assert RULES[rule].search(sentence)
