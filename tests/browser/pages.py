"""One address of every kind of page."""

from maillage.core.sealing import new_token, token_hash
from tests.browser.conftest import Live
from tests.browser.doors import gathering

# Begun by Maryse and a co-author, being read over; somebody in it has not answered yet.
BEING_WRITTEN = "Évaluer avec des macarons"


def story(live: Live, title_begins: str = BEING_WRITTEN) -> str:
    """The address of the story whose title begins so."""
    number = live.ask("SELECT id FROM practice_case WHERE starts_with(title, $1)", title_begins)
    assert number, f"no story begins with {title_begins!r}"
    return f"/recits/{number}"


def undecided(live: Live) -> object:
    """The number, in the register of the story being written, of the person who has not answered yet."""
    return live.ask(
        "SELECT min(case_person.id) FROM case_person JOIN practice_case ON practice_case.id = case_id"
        " WHERE starts_with(title, $1) AND choice IS NULL",
        BEING_WRITTEN,
    )


def her_page(live: Live) -> str:
    """The address of the page where that person decides."""
    token = new_token()
    live.ask("UPDATE case_person SET token_hash = $1 WHERE id = $2", token_hash(token), undecided(live))
    return f"/recits/consentement/{token}"


def private_link(live: Live) -> str:
    """The private link of a co-author who has no account."""
    token = new_token()
    live.ask(
        "UPDATE case_author SET token_hash = $1, token_expires_at = now() + interval '80 days' WHERE name = 'Mme B.'",
        token_hash(token),
    )
    return f"/recits/acces/{token}"


def answers_of(live: Live, handle: str) -> str:
    """The page of what this person answered, for a gathering to come that asks something."""
    found = live.ask(
        "SELECT g.id || '/reponses?registration=' || r.id FROM registration r"
        " JOIN participant pa ON pa.id = r.participant_id JOIN person p ON p.id = pa.person_id"
        " JOIN occurrence o ON o.id = r.occurrence_id JOIN gathering g ON g.id = o.gathering_id"
        " WHERE p.handle = $1 AND r.status = 'confirmed' AND o.starts_at > now()"
        " ORDER BY (SELECT count(*) FROM event_question q WHERE q.gathering_id = g.id) DESC LIMIT 1",
        handle,
    )
    assert found, f"{handle} comes to nothing"
    return f"/rencontres/{found}"


def of_writing(live: Live) -> list[str]:
    """The pages of those who write a story."""
    being_written, whole = story(live), story(live, "Trois bailleurs")
    return [
        "/recits/nouveau",
        f"{being_written}/ecrire",
        f"{being_written}/ecrire/what_changed",
        f"{whole}/ecrire/actors",
        f"{whole}/ecrire/empowerment",
        f"{being_written}/equipe",
        f"{being_written}/remarques",
        f"{being_written}/relecture",
        f"{being_written}/historique",
        f"{being_written}/etat",
        f"{being_written}/publier",
        f"{being_written}/personnes",
        f"{being_written}/personnes/{undecided(live)}",
        "/moi/recits",
        "/moi/avis",
    ]


def of_organizing(live: Live) -> list[str]:
    """The pages on which Maryse prepares a gathering."""
    path = gathering(live, "maryse")
    number = int(path.rpartition("/")[2])
    live.ask(
        "INSERT INTO gathering_hand (gathering_id, person_id, role)"
        " SELECT $1, id, 'organizer' FROM person WHERE handle = 'maryse' RETURNING 1",
        number,
    )
    question = live.ask(
        "INSERT INTO event_question (gathering_id, position, kind, label) VALUES ($1, 1, 'workshop', 'Ateliers')"
        " RETURNING id",
        number,
    )
    live.ask(
        "INSERT INTO event_choice (question_id, position, label, details, seats)"
        " VALUES ($1, 1, 'Cartographie', 'On dessine le milieu.', 12) RETURNING id",
        question,
    )
    item = live.ask(
        "INSERT INTO programme_item (gathering_id, begins, minutes, title, question_id)"
        " VALUES ($1, 30, 60, 'Ateliers', $2) RETURNING id",
        number,
        question,
    )
    rooms = ("programme", "programme/nouveau", f"programme/{item}", "questions", "questions/nouvelle")
    date = live.ask("SELECT id FROM occurrence WHERE gathering_id = $1", number)
    planned = ("modifier", "dates", f"dates/{date}", f"dates/{date}/repeter", f"dates/{date}/annuler", "dupliquer")
    looked_after = ("equipe", "bureau", "inscriptions", "lettre", "invitations", "documents", "inscription", "recits")
    live.ask(
        "INSERT INTO agenda_question (gathering_id, body, asked_by_id, post_id)"
        " SELECT $1, 'Qui garde les clés quand le concierge est en vacances?', author_id, id FROM post"
        " WHERE id = (SELECT min(p.id) FROM post p JOIN thread t ON t.id = p.thread_id"
        " JOIN space s ON s.id = t.space_id WHERE s.visibility = 'public' AND p.removed_at IS NULL) RETURNING 1",
        number,
    )
    agenda = ("ordre-du-jour", "ordre-du-jour/organiser", "ordre-du-jour/choisir")
    # The demonstration's past gathering, to which Maryse came.
    over = live.ask("SELECT id FROM gathering WHERE reported_at IS NOT NULL")
    return [
        *(path, f"/rencontres/{over}", f"/rencontres/{over}/recits", f"/rencontres/{over}/et-puis"),
        *(f"{path}/{room}" for room in (*rooms, *planned, *looked_after, *agenda)),
    ]


def addresses(live: Live, handle: str | None) -> list[str]:
    """One address of every kind of page that this person can open."""
    debate = live.thread("La reddition de comptes")
    number = live.ask("SELECT id FROM thread WHERE starts_with(title, 'La reddition de comptes')")
    told = live.ask("SELECT min(id) FROM practice_case WHERE state = 'published' AND visibility = 'public'")
    live.ask("UPDATE practice_case SET contact = true WHERE id = $1", told)
    anybodys = [
        "/",
        "/recits",
        "/recits?etape=perennisation",
        "/recits?region=laval&etape=emergence&famille=syndicat",
        "/recits/etapes",
        "/recits/etapes/emergence",
        "/rencontres",
        "/rencontres/modules",
        "/rencontres/modules/lire-son-milieu",
        f"/recits/{told}",
        her_page(live),
        private_link(live),
        "/discussions",
        "/discussions/espaces/pratiques",
        "/discussions/espaces/suites-de-rencontres",
        debate,
        f"{debate}?ordre=date",
        live.thread("Comment annoncez-vous"),
        live.thread("Faut-il payer"),
        f"/discussions/{number}/m/2/historique",
        f"/discussions/{number}/m/3/actions",
        "/moderation/journal",
        "/connexion",
        "/connexion/courriel",
        "/connexion/lien/" + "x" * 43,
        "/deconnexion/fait",
        "/conditions",
        "/a-propos",
        "/confidentialite",
        "/organisations",
        "/organisations/mrc-des-hauts-meandres",
        "/invitation/" + "x" * 43,
        "/domaine/" + "x" * 43,
        "/nulle-part",
    ]
    members = [
        f"/recits/{told}/essais/nouveau",
        f"/recits/{told}/ecrire-aux-auteurs",
        "/rencontres/nouvelle",
        "/moi/rencontres",
        "/moi/calendrier",
        "/discussions/nouvelle",
        "/discussions/brouillons",
        f"/discussions/{number}/repondre?parent=4",
        f"/discussions/{number}/m/4/signaler",
        "/fichiers/nouveau",
        "/moi",
        "/moi/fichiers",
        "/moi/sessions",
        "/moi/connexions",
        "/moi/connexions/adresse/" + "x" * 43,
        "/personnes/maryse",
        "/organisations/nouvelle",
        "/organisations/cdc-du-grand-detour/membres",
        "/organisations/cdc-du-grand-detour/depart",
        "/organisations/ancrage/demande",
    ]
    hers = [f"/discussions/{number}/m/3/modifier", f"/discussions/{number}/m/3/retirer"]
    facilitators = [
        "/moderation",
        f"/discussions/{number}/gestion",
        f"/discussions/{number}/m/4/retirer",
        f"/discussions/{number}/m/4/deplacer",
        f"/discussions/{number}/m/4/separer",
    ]
    hers_to_set_up = "/organisations/mrc-des-hauts-meandres"
    connection = live.ask("SELECT id FROM provider WHERE issuer LIKE '%/b'")
    membership = live.ask(
        "SELECT membership.id FROM membership JOIN person ON person.id = person_id WHERE handle = 'felix'"
    )
    administrators = [
        f"{hers_to_set_up}/modifier",
        f"{hers_to_set_up}/membres",
        f"{hers_to_set_up}/membres/inviter",
        f"{hers_to_set_up}/membres/{membership}",
        f"{hers_to_set_up}/connexion",
        f"{hers_to_set_up}/connexion/nouveau",
        *(f"{hers_to_set_up}/connexion/nouveau?genre={kind}" for kind in ("microsoft", "google", "keycloak", "oauth2")),
        f"{hers_to_set_up}/connexion/{connection}",
        f"{hers_to_set_up}/connexion/domaines",
        f"{hers_to_set_up}/connexion/groupes",
        f"{hers_to_set_up}/connexion/journal",
    ]
    platform = ["/admin", "/admin?q=karine", "/admin/personnes/karine", "/admin/organisations/ancrage"]
    platform += ["/admin/taxonomies", "/admin/taxonomies/empowerment", "/admin/taxonomies/competency/nouveau"]
    platform += ["/admin/taxonomies/stage/emergence", "/admin/taxonomies/competency/situer-sa-pratique"]
    match handle:
        case None:
            return anybodys
        case "maryse":
            at_door = [f"{gathering(live, handle)}/{room}" for room in ("accueil", "feuille", "insignes")]
            mine = [*of_writing(live), *members, *hers, *at_door, *of_organizing(live), answers_of(live, handle)]
            return [*mine, debate, "/discussions/espaces/questions-vives"]
        case "karine":
            place = gathering(live, handle)
            return [*administrators, f"{place}/inscription", f"{place}/groupe"]
        case "sofia":
            return platform
        case _:
            return facilitators
