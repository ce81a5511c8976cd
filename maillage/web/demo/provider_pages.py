"""The pages of the demonstration's sign-in provider. Plain on purpose: it is somebody else's site."""

from collections.abc import Iterable
from html import escape
from typing import Protocol


class Account(Protocol):
    """Somebody with an account at the provider."""

    @property
    def subject(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def email(self) -> str: ...


_FRAME = """<!doctype html>
<html lang="fr-CA">
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} Fournisseur d’identité de démonstration</title>
<style>
:root {{ color-scheme: light dark }}
body {{ font: 1.0625rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 3rem auto; padding: 0 1rem }}
form, dl {{ display: grid; gap: .5rem; margin: 1.5rem 0 }}
dt {{ font-weight: 600 }} dd {{ margin: 0; overflow-wrap: anywhere }}
dd, input {{ font-family: ui-monospace, monospace }}
button, input {{ font-size: 1rem; text-align: start; padding: .6rem .9rem; min-height: 2.75rem; border-radius: .4rem;
  border: 1px solid currentColor; background: none; color: inherit }}
button {{ font-family: inherit; cursor: pointer }}
button:hover, button:focus-visible {{ outline: 3px solid Highlight; outline-offset: 1px }}
small {{ display: block; opacity: .8 }}
</style>
<main>
<h1>{title}</h1>
{body}
</main>
</html>
"""

_CHOICE = """<p>Ici, votre organisation vous demanderait votre mot de passe.
Dans la démonstration, il suffit de choisir.</p>
<form method="post">
{people}
<button name="subject" value="">Annuler</button>
</form>"""

_DESK = """<p>Voici ce que verrait la personne qui administre ce service.
Tout est fictif, et n’importe qui peut s’en servir.</p>
<h2>À entrer dans Maillage</h2>
<dl>
<dt>Émetteur</dt><dd>{issuer}</dd>
<dt>Identifiant du client</dt><dd>{client_id}</dd>
<dt>Secret du client</dt><dd>{client_secret}</dd>
</dl>
<h2>Adresse à prévenir</h2>
<form method="post"><label for="tells">Où annoncer qu’un compte est fermé</label>
<input id="tells" name="tells" value="{tells}"><button>Enregistrer</button></form>
<h2>Comptes</h2>
<form method="post">
{people}
</form>"""


def choice(people: Iterable[Account], hint: str) -> str:
    """Who could sign in. Whom the client already named comes first, with the focus."""
    ordered = sorted(people, key=lambda user: user.subject != hint)
    buttons = [
        f'<button name="subject" value="{escape(user.subject)}"{" autofocus" if user.subject == hint else ""}>'
        f"{escape(user.name)}<small>{escape(user.email)}</small></button>"
        for user in ordered
    ]
    return _FRAME.format(title="Qui êtes-vous?", body=_CHOICE.format(people="\n".join(buttons)))


def desk(issuer: str, client: tuple[str, str], people: Iterable[Account], closed: set[str], tells: str) -> str:
    """What to enter in the client, and who has an account."""
    buttons = [
        f'<button name="subject" value="{escape(user.subject)}">'
        f"{'Rouvrir' if user.subject in closed else 'Fermer'} le compte : {escape(user.name)}"
        f"<small>{escape(user.email)}</small></button>"
        for user in people
    ]
    return _FRAME.format(
        title="Console du service.",
        body=_DESK.format(
            issuer=escape(issuer),
            client_id=escape(client[0]),
            client_secret=escape(client[1]),
            tells=escape(tells),
            people="\n".join(buttons),
        ),
    )
