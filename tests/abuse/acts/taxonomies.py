"""How to do what the routes of taxonomies do, and how to ask them about something hidden."""

from tests.abuse.acts.asking import ADMIN, CLOSED, Act, Ask, Open

ACTS: dict[str, Act] = {
    "create_term": Act(
        ADMIN,
        "/admin/taxonomies/competency/nouveau",
        {
            "parent": "connaitre-le-milieu",
            "fr": "Écouter",
            "en": "Listen",
            "description_fr": "",
            "description_en": "",
            "scope": "individuelle",
            "stages": "emergence",
            "slug": "ecouter",
        },
    ),
    "change_term": Act(
        ADMIN,
        "/admin/taxonomies/stage/emergence",
        {
            "fr": "Émergence",
            "en": "Emergence",
            "description_fr": "",
            "description_en": "",
            "question_fr": "Qui?",
            "question_en": "Who?",
            "seen": "0",
        },
    ),
    "place_term": Act(ADMIN, "/admin/taxonomies/region/estrie/place", {"step": "", "position": "1"}),
    "set_term_aside": Act(ADMIN, "/admin/taxonomies/region/estrie/retrait", {"replacement": "laval"}),
    "bring_term_back": Act(ADMIN, "/admin/taxonomies/region/estrie/retablissement"),
}
HIDDEN: dict[str, Ask | Open] = {
    "exported_taxonomies": Open("the lists are public: see the tests of taxonomies"),
    "taxonomies": Open("to those who do not administer the platform, nothing is there: see the tests of taxonomies"),
    "taxonomy": Ask(same_for=CLOSED),
    "new_term": Ask(same_for=CLOSED),
    "create_term": Ask(form={"fr": "x", "en": "x"}, same_for=CLOSED),
    "term": Ask(same_for=CLOSED),
    "change_term": Ask(form={"fr": "x", "en": "x"}, same_for=CLOSED),
    "place_term": Ask(form={"step": "haut"}, same_for=CLOSED),
    "set_term_aside": Ask(same_for=CLOSED),
    "bring_term_back": Ask(same_for=CLOSED),
}
