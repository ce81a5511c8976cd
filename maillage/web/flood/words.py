"""Words for the volume: French sentences as long and as varied as real ones, which mean little."""

import random

_OPENINGS = (
    "Chez nous, {group} se réunit {when}.",
    "On a essayé exactement cela {when}, à {place}.",
    "Je partage la question, mais pas la conclusion.",
    "Merci pour ce message : il tombe juste à temps.",
    "À {place}, {group} a fait l’inverse et s’en porte bien.",
    "Je ne suis pas certaine que {group} dirait la même chose.",
    "Petite nuance, si vous permettez.",
    "J’ai relu l’ensemble du fil avant de répondre.",
    "La question que personne ne pose, c’est celle de {subject}.",
    "Nous sommes passés par là {when}, et nous y sommes encore un peu.",
    "Je réponds pour {group}, qui m’en a donné le mandat {when}.",
    "Il me semble qu’on mélange ici {subject} et {other}.",
)
_MIDDLES = (
    "{group_cap} voulait parler de {subject}; nous avions préparé {other}.",
    "Ce qui a changé la donne, c’est {subject}, bien avant {other}.",
    "Au bout de trois rencontres, il restait {number} personnes autour de la table.",
    "Nous avons cessé de compter les présences et commencé à noter les décisions.",
    "Personne n’avait prévu {subject}, et c’est devenu le cœur de la démarche.",
    "On m’a répondu que le moment de parler de {other} n’était pas venu.",
    "Il a fallu {number} courriels, deux soupers et un stationnement enneigé.",
    "La salle coûtait {number} $ la soirée; {group} l’a prêtée pour rien.",
    "Le plus difficile n’a pas été {subject}, mais d’accepter de ralentir.",
    "Quand {group} a pris la parole, plus personne n’a regardé l’heure.",
    "J’y vois surtout {subject}, et un peu de fatigue.",
    "Le portrait du milieu disait une chose, les cuisines en disaient une autre.",
    "Notre bailleur de fonds a demandé un indicateur; nous avons proposé une histoire.",
    "Cela tient tant que {group} tient, et {group} ne dort plus beaucoup.",
    "Rien de cela n’était écrit dans l’entente, heureusement.",
    "Nous en avons reparlé {when}, avec {group} et sans ordre du jour.",
)
_CLOSINGS = (
    "Qu’en pensez-vous?",
    "Je veux bien en reparler de vive voix.",
    "Et chez vous, qui s’occupe de {subject}?",
    "Si c’était à refaire, je commencerais par {subject}.",
    "Nous verrons bien au printemps.",
    "Je n’ai pas la réponse, mais j’ai hâte de lire la suite.",
    "Bref : parlons moins de {other} et plus de {subject}.",
    "Je mets notre aide-mémoire à votre disposition.",
)
_FILLS = {
    "group": (
        "le comité de parents",
        "la table de quartier",
        "le groupe de locataires",
        "l’équipe du samedi",
        "le conseil des personnes aînées",
        "la cuisine collective",
        "notre petite coalition",
        "le comité de suivi",
    ),
    "when": (
        "le mois dernier",
        "depuis l’automne",
        "tous les deux jeudis",
        "au printemps",
        "il y a deux ans",
        "avant la fonte des neiges",
        "la semaine dernière",
        "un mardi sur deux",
    ),
    "place": (
        "la salle paroissiale",
        "la bibliothèque",
        "l’aréna",
        "la halte du village",
        "la maison de jeunes",
        "l’ancienne caisse",
    ),
    "subject": (
        "la confiance",
        "la relève",
        "la reddition de comptes",
        "l’accueil",
        "le transport",
        "la garde des enfants",
        "la lecture du milieu",
        "l’animation",
        "la suite des choses",
        "la parole des premières personnes concernées",
    ),
    "other": (
        "l’échéancier",
        "la gouvernance",
        "le plan d’action",
        "les présences",
        "le budget",
        "la visibilité",
        "les indicateurs",
        "la logistique",
    ),
}
_TITLES = (
    "Comment parler de {subject} sans perdre {group}?",
    "{subject_cap} : par où commencer?",
    "{subject_cap} et {other} : deux choses qu’on mélange",
    "Ce que {group} nous a appris {when}",
    "Cherche un exemple simple pour {subject}",
    "Faut-il vraiment {number} rencontres pour régler {other}?",
    "Qui décide de {other} chez vous?",
    "{when_cap}, {group} a changé d’idée",
    "Un outil pour {subject}, testé à {place}",
    "Retour sur {other} : ce qui a tenu, ce qui a lâché",
)
_FIRST = (
    "Agathe",
    "Benoît",
    "Camille",
    "Denise",
    "Émile",
    "Fatou",
    "Gabriel",
    "Huguette",
    "Inès",
    "Jacinthe",
    "Kevin",
    "Lucie",
    "Mélanie",
    "Normand",
    "Odile",
    "Pascal",
    "Quentin",
    "Roxane",
    "Sylvain",
    "Thérèse",
    "Ulysse",
    "Valérie",
    "Wassim",
    "Xavier",
    "Yolande",
    "Zoé",
    "Amadou",
    "Brigitte",
    "Claude",
    "Dominique",
)
_LAST = (
    "Arcand",
    "Beaulieu",
    "Chouinard",
    "Dufresne",
    "Émond",
    "Fortin",
    "Gingras",
    "Harvey",
    "Imbeault",
    "Jutras",
    "Kirouac",
    "Lachance",
    "Morneau",
    "Nadeau",
    "Ouimet",
    "Pinsonneault",
    "Quirion",
    "Riendeau",
    "Savard",
    "Théberge",
    "Ursuleac",
    "Vigneault",
    "Wilson",
    "Yelle",
    "Zamor",
)
_PLACES = (
    "Érables",
    "Bouleaux",
    "Hirondelles",
    "Sources",
    "Cantons",
    "Battures",
    "Clochers",
    "Pommiers",
    "Rapides",
    "Outardes",
    "Granges",
    "Quais",
)
_BODIES = (
    "Table de quartier",
    "Corporation de développement",
    "Maison des familles",
    "Carrefour communautaire",
)


def _filled(rng: random.Random, sentence: str) -> str:
    fills = {name: rng.choice(options) for name, options in _FILLS.items()}
    fills |= {f"{name}_cap": words[0].upper() + words[1:] for name, words in fills.items()}
    # A preposition and the article after it make one word.
    filled = sentence.format(**fills, number=rng.randint(3, 60))
    for apart, together in (
        (" de le ", " du "),
        (" à le ", " au "),
        (" de les ", " des "),
        (" à les ", " aux "),
    ):
        filled = filled.replace(apart, together)
    return filled


def titles(rng: random.Random, number: int) -> list[str]:
    return [_filled(rng, rng.choice(_TITLES)) for _ in range(number)]


def people(rng: random.Random, number: int) -> list[str]:
    return [f"{rng.choice(_FIRST)} {rng.choice(_LAST)}-{rng.choice(_LAST)}" for _ in range(number)]


def organizations(number: int) -> list[str]:
    """Names that differ, as long as there are no more than kinds times places."""
    return [f"{_BODIES[n // len(_PLACES) % len(_BODIES)]} des {_PLACES[n % len(_PLACES)]}" for n in range(number)]


def messages(rng: random.Random, number: int) -> list[str]:
    """Sources in Markdown, of the lengths and with the ornaments that people use."""
    return [_message(rng) for _ in range(number)]


def _message(rng: random.Random) -> str:
    def said(sentences: tuple[str, ...]) -> str:
        return _filled(rng, rng.choice(sentences))

    def paragraph() -> str:
        return " ".join(said(_MIDDLES) for _ in range(rng.randint(1, 4)))

    blocks = [f"{said(_OPENINGS)} {paragraph()}"]
    # Half of all messages are one paragraph; some are an essay.
    blocks += [paragraph() for _ in range(rng.choice((0, 0, 0, 1, 1, 2, 4)))]
    ornament = rng.random()
    if ornament < 0.15:
        blocks.insert(0, f"> {said(_MIDDLES)}")
    elif ornament < 0.27:
        blocks.append("\n".join(f"- {said(_MIDDLES)}" for _ in range(rng.randint(2, 5))))
    elif ornament < 0.35:
        blocks.append(f"Voir <https://exemple.example/{rng.randint(100, 999)}> et *{said(_CLOSINGS)}*")
    elif ornament < 0.38:
        rows = "\n".join(f"| {rng.choice(_FILLS['group'])} | {rng.randint(3, 60)} |" for _ in range(3))
        blocks.append(f"| Groupe | Personnes |\n|---|---|\n{rows}")
    elif ornament < 0.5:
        blocks.append(f"**{said(_CLOSINGS)}**")
    if rng.random() < 0.5:
        blocks.append(said(_CLOSINGS))
    return "\n\n".join(blocks)
