"""One address of every kind of page."""

from tests.browser.conftest import Live


def addresses(live: Live, handle: str | None) -> list[str]:
    """One address of every kind of page that this person can open."""
    debate = live.thread("La reddition de comptes")
    number = live.ask("SELECT id FROM thread WHERE starts_with(title, 'La reddition de comptes')")
    story = live.ask("SELECT min(id) FROM practice_case WHERE state = 'published' AND visibility = 'public'")
    live.ask("UPDATE practice_case SET contact = true WHERE id = $1", story)
    anybodys = [
        "/",
        "/recits",
        "/recits?etape=perennisation",
        "/recits?region=laval&etape=emergence&famille=syndicat",
        "/recits/etapes",
        "/recits/etapes/emergence",
        f"/recits/{story}",
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
        f"/recits/{story}/essais/nouveau",
        f"/recits/{story}/ecrire-aux-auteurs",
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
            return [*members, *hers, debate, "/discussions/espaces/questions-vives"]
        case "karine":
            return administrators
        case "sofia":
            return platform
        case _:
            return facilitators
