"""One address of every kind of page."""

from tests.browser.conftest import Live


def addresses(live: Live, handle: str | None) -> list[str]:
    """One address of every kind of page that this person can open."""
    debate = live.thread("La reddition de comptes")
    number = live.ask("SELECT id FROM thread WHERE starts_with(title, 'La reddition de comptes')")
    anybodys = [
        "/",
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
        "/nulle-part",
    ]
    members = [
        "/discussions/nouvelle",
        "/discussions/brouillons",
        f"/discussions/{number}/repondre?parent=4",
        f"/discussions/{number}/m/4/signaler",
        "/moi",
        "/moi/sessions",
        "/moi/connexions",
        "/moi/connexions/adresse/" + "x" * 43,
        "/personnes/maryse",
    ]
    hers = [f"/discussions/{number}/m/3/modifier", f"/discussions/{number}/m/3/retirer"]
    facilitators = [
        "/moderation",
        f"/discussions/{number}/gestion",
        f"/discussions/{number}/m/4/retirer",
        f"/discussions/{number}/m/4/deplacer",
        f"/discussions/{number}/m/4/separer",
    ]
    match handle:
        case None:
            return anybodys
        case "maryse":
            return [*members, *hers, debate, "/discussions/espaces/questions-vives"]
        case _:
            return facilitators
