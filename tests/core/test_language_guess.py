"""The language of a text is told by its small words, or not at all."""

import pytest

from maillage.core.language_guess import guess

FRENCH = [
    "Comment garder les personnes citoyennes à la table quand tout le monde a un titre?",
    "Cherche un gabarit d’entente de partenariat d’une page",
    "Bonjour! Nous avons fermé la table pour mieux recommencer.",
    "La reddition de comptes : instrument ou apprentissage?",
    "Je vous partage notre portrait du milieu, il est dans le dossier.",
    "Qui a déjà animé une soirée avec des jeunes et leurs parents?",
    "Le conseil des maires a voté la motion hier soir.",
    "Merci beaucoup, c'est exactement ce que je cherchais pour notre CDC.",
    "On a préparé une heure avant la rencontre, et ça change tout.",
    "Est-ce que votre bailleur de fonds accepte un rapport commun?",
    "L’ordre du jour est écrit pour les permanents; c’est une partie du problème.",
    "Voici ce que nous ferions autrement si c’était à refaire",
    "Les soupers sans interprète ont mieux marché que les réunions.",
    "Pour le webinaire de jeudi, le lien est dans l'invitation.",
]
ENGLISH = [
    "How do you run bilingual meetings in small towns?",
    "Thanks everyone, this is exactly what we needed.",
    "We tried the potluck approach and it doubled the turnout.",
    "Does anyone have a template for a one-page partnership agreement?",
    "The table host speaks both languages, so there is no interpreter.",
    "I would like to know what it costs to rent the equipment.",
    "Our funder asked for nine reports about the same project.",
    "What happened when the two hosts left the community?",
    "Please share your notes from the meeting with the Table de concertation.",
    "It was not easy, but people came back the next week.",
    "Maryse's answer about the MRC was very useful to me",
    "Is there a guide for facilitators who are new to this?",
]
UNTOLD = [
    "",
    "OK",
    "Merci!",
    "Webinaire jeudi",
    "https://www.example.org/how-to-do-this-with-the-community",
    "www.example.org/the/and/for",
    "@with #12 @the-and",
    "Photos 2026",
]


@pytest.mark.parametrize("text", FRENCH)
def test_french_is_recognized(text: str) -> None:
    assert guess(text, default="en") == "fr-CA"


@pytest.mark.parametrize("text", ENGLISH)
def test_english_is_recognized(text: str) -> None:
    assert guess(text, default="fr-CA") == "en"


@pytest.mark.parametrize("default", ["fr-CA", "en"])
@pytest.mark.parametrize("text", UNTOLD)
def test_too_little_to_tell_leaves_the_default(text: str, default: str) -> None:
    assert guess(text, default) == default


def test_the_words_of_others_do_not_count() -> None:
    quoted = "> We tried that with the whole team and it was not for us, but they would do it again.\n\n"
    assert guess(quoted + "Nous avons fait la même chose avec les voisins.", default="en") == "fr-CA"


def test_code_does_not_count() -> None:
    code = "```sql\nselect the from that where this is not with and for\n```\n"
    assert guess(code + "Voici la requête pour les rapports de la table.", default="en") == "fr-CA"


def test_where_a_link_leads_does_not_count() -> None:
    link = "[Le plan](fichier:1d14b629a95a0f9875c99bc192a7b14f)"
    assert guess(link, default="fr-CA") == "fr-CA"
    assert guess(f"{link} [The plan](/fichiers/1a2a3y/Plan.pdf)", default="fr-CA") == "fr-CA"
