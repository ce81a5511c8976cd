"""Abuse cases go through the front door, as somebody with bad intentions would: what they share stands here."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

import pytest
from httpx2 import Response
from starlette.routing import Route

from maillage.events.queries.editing import as_seen, date_of
from maillage.web.app import all_routes, create_app
from tests.cases.people import in_register
from tests.cases.stories import story
from tests.conftest import Cluster, Site, settings_for
from tests.events.gatherings import gathering

# Nobody of these is in the closed circle, whatever else they may do on the platform.
STRANGER, MEMBER, ADMIN, MODERATOR, WAITING = "", "karine", "sofia", "etienne", "samuel"
OUTSIDERS = (STRANGER, MEMBER, ADMIN, MODERATOR, WAITING)
# In the closed circle: its facilitator, and a member.
FACILITATOR, INSIDER = "nadege", "maryse"
UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}


@pytest.fixture(scope="module")
def shared(cluster: Cluster, world_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One site for all the tests of a module, for those that are refused everything or only look."""
    name = cluster.make(world_template)
    settings = settings_for(cluster.address(name), tmp_path_factory.mktemp("data"))
    site = Site(create_app(settings), settings)
    with ExitStack() as stack:
        stack.enter_context(site.stranger)
        yield site
    cluster.drop(name)


def browser(site: Site, handle: str) -> Any:
    """The browser of somebody, or of a stranger."""
    return site.as_(handle) if handle else site.stranger


def named(routes: list[Any] | None = None) -> dict[str, Route]:
    """Every route there is, by its name."""
    found = [route for route in (all_routes() if routes is None else routes) if isinstance(route, Route)]
    return {route.name: route for route in found}


def methods_of(route: Route) -> set[str]:
    return set(route.methods or ()) - {"HEAD", "OPTIONS"}


def patient(site: Site) -> None:
    """Let whoever is hurrying go on: limits have tests of their own."""
    site.write(lambda db: db.connection.execute("DELETE FROM rate_limit"))


@dataclass(frozen=True, slots=True)
class Circle:
    """What there is to know of the closed circle, for those who may."""

    space: str
    thread: int
    slug: str
    title: str
    post: int
    words: str


def circle_of(site: Site) -> Circle:
    row = site.write(
        lambda db: db.connection.fetchrow(
            """
            SELECT space.slug AS space, thread.id, thread.slug, thread.title, post.id AS post,
                   left(post.body_md, 40) AS words
              FROM thread JOIN space ON space.id = thread.space_id JOIN post ON post.thread_id = thread.id
             WHERE space.visibility = 'closed' AND post.seq = 2 ORDER BY thread.id LIMIT 1
            """
        )
    )
    assert row is not None
    return Circle(row["space"], row["id"], row["slug"], row["title"], row["post"], row["words"])


# The number of questions is shown in the demonstration only.
_EACH_TIME = {"x-request-id", "x-queries", "date"}
_REFERENCE = re.compile(r"<code>[0-9a-f]{10}</code>")
_REQUEST_KEY = re.compile(r'name="request_key" value="[^"]*"')


def plain(response: Response, *names: str) -> tuple[int, str, dict[str, str]]:
    """A response without what differs each time: its reference number, its one-time keys, and `names` given."""
    headers = {name: value for name, value in response.headers.items() if name not in _EACH_TIME}
    body = _REQUEST_KEY.sub('name="request_key"', _REFERENCE.sub("<code></code>", response.text))
    for name in names:
        body = body.replace(name, "[…]")
        headers = {key: kept.replace(name, "[…]") for key, kept in headers.items()}
    return response.status_code, body, headers


class Inert(HTMLParser):
    """Reads a page as a browser does and collects what would run, load or submit elsewhere."""

    _SCHEMES = re.compile(r"[\x00-\x20]*(?:javascript|data|vbscript|file|blob):", re.IGNORECASE)
    _LINKS = frozenset({"href", "src", "action", "formaction", "srcset", "poster", "data", "xlink:href", "ping"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.wrong: list[str] = []
        self.tags: list[str] = []
        self._in_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        given = dict(attrs)
        if tag == "script":
            self._in_script = True
            if not (given.get("src") or "").startswith("/static/"):
                self.wrong.append(f"<script {given}>")
        if tag in {"iframe", "object", "embed", "base", "style", "applet", "frame", "frameset", "marquee", "math"}:
            self.wrong.append(f"<{tag}>")
        if tag == "meta" and (given.get("http-equiv") or "").lower() == "refresh":
            self.wrong.append("<meta refresh>")
        for name, value in attrs:
            if name.startswith("on") or name in {"style", "srcdoc"}:
                self.wrong.append(f"<{tag} {name}={value!r}>")
            if name in self._LINKS and self._SCHEMES.match(value or ""):
                self.wrong.append(f"<{tag} {name}={value!r}>")
            if name in {"src", "action", "formaction"} and "://" in (value or ""):
                self.wrong.append(f"<{tag} {name}={value!r}>")

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._in_script = False

    def handle_data(self, data: str) -> None:
        if self._in_script and data.strip():
            self.wrong.append(f"script of its own: {data[:60]!r}")


def dangers(html: str) -> list[str]:
    """What of a page would run, load from elsewhere or dress itself up. Nothing, if all is well."""
    reader = Inert()
    reader.feed(html)
    reader.close()
    return reader.wrong


@dataclass(frozen=True, slots=True)
class Act:
    """How to do what a route does: who may, where, and with what form. No form: the route reads none."""

    who: str
    path: str
    form: dict[str, str] | None = None


_BODY = "Une réponse qui tient en une ligne, avec un peu de suite."
_PROVIDER = {
    "genre": "oidc",
    "label": "Nos comptes",
    "address": "https://comptes.example.org",
    "client_id": "maillage",
    "client_secret": "",
    "group_claim": "",
}
# One message is Étienne’s, who moderates; `{own}` and `{other}` are discussions, `{question}` a question.
_ACTS: dict[str, Act] = {
    "new_thread": Act(
        MODERATOR,
        "/discussions/nouvelle",
        {
            "space": "pratiques",
            "title": "Un titre",
            "kind": "question",
            "body": _BODY,
            "language": "fr-CA",
            "request_key": "k" * 43,
            "place": "space:pratiques",
            "sequence": "1",
        },
    ),
    "preview": Act(MODERATOR, "/discussions/apercu", {"body": _BODY}),
    "save_draft": Act(
        MODERATOR,
        "/discussions/brouillon",
        {"place": "space:pratiques", "sequence": "7", "title": "Un titre", "body": _BODY},
    ),
    "discard_draft": Act(MODERATOR, "/discussions/brouillons/jeter", {"place": "space:pratiques"}),
    "follow_space": Act(MODERATOR, "/discussions/espaces/pratiques/suivre", {"follow": "1"}),
    "mark_space_read": Act(MODERATOR, "/discussions/espaces/pratiques/lu"),
    "reply": Act(
        MODERATOR,
        "/discussions/{own}/repondre",
        {
            "body": _BODY,
            "parent": "1",
            "language": "",
            "request_key": "r" * 43,
            "place": "thread:{own}",
            "sequence": "1",
        },
    ),
    "mark_read": Act(MODERATOR, "/discussions/{own}/lu", {"seqs": "1-2,3"}),
    "follow_thread": Act(MODERATOR, "/discussions/{own}/suivre", {"follow": "1"}),
    "edit": Act(
        MODERATOR,
        "/discussions/{own}/m/1/modifier",
        {"body": _BODY, "language": "fr-CA", "revisions": "{revisions}", "place": "edit:1", "sequence": "1"},
    ),
    "remove": Act(MODERATOR, "/discussions/{own}/m/2/retirer", {"reason": "Hors sujet."}),
    "restore": Act(MODERATOR, "/discussions/{own}/m/2/retablir"),
    "reparent": Act(MODERATOR, "/discussions/{own}/m/3/deplacer", {"parent": "2"}),
    "helpful": Act(MODERATOR, "/discussions/{question}/m/2/besoin", {"value": "1"}),
    "report": Act(MODERATOR, "/discussions/{own}/m/2/signaler", {"reason": "À regarder."}),
    "split": Act(MODERATOR, "/discussions/{own}/m/3/separer", {"title": "Une branche à part", "kind": "question"}),
    "retitle": Act(MODERATOR, "/discussions/{own}/titre", {"title": "Un autre titre"}),
    "lock": Act(MODERATOR, "/discussions/{own}/verrouiller", {"reason": "Tout est dit."}),
    "unlock": Act(MODERATOR, "/discussions/{own}/rouvrir"),
    "pin": Act(MODERATOR, "/discussions/{other}/epingler", {"days": "3"}),
    "unpin": Act(MODERATOR, "/discussions/{other}/desepingler"),
    "move": Act(MODERATOR, "/discussions/{own}/changer-espace", {"space": "outils"}),
    "merge": Act(MODERATOR, "/discussions/{other}/fusionner", {"into": "{own}"}),
    "summarize": Act(
        MODERATOR,
        "/discussions/{own}/synthese",
        {"body": _BODY, "covers": "2", "language": "", "place": "", "sequence": ""},
    ),
    # Of a form without its file, there is nothing to keep.
    "new_file": Act(MODERATOR, "/fichiers/nouveau", {"alt": "Un parc", "right_of_use": "mine", "credit": "Moi"}),
    "remove_file": Act(MODERATOR, f"/moi/fichiers/{'0' * 32}/retirer"),
    "settle": Act(MODERATOR, "/moderation/signalements/{report}/regler"),
    "depart": Act(STRANGER, "/connexion/fournisseur/{provider}", {"suite": "/moi", "login_hint": "maryse"}),
    "find_way_in": Act(STRANGER, "/connexion", {"email": "personne@example.org", "suite": "/moi"}),
    "ask_for_link": Act(STRANGER, "/connexion/courriel", {"email": "personne@example.org", "suite": "/moi"}),
    "come_in": Act(
        STRANGER,
        "/bienvenue",
        {"name": "Une Personne", "region": "estrie", "relation": "", "of_age": "y", "terms": "y"},
    ),
    "ended_elsewhere": Act(STRANGER, "/connexion/retrait/{provider}", {"logout_token": "x.y.z"}),
    "add_way_in": Act(INSIDER, "/moi/connexions/ajout/{provider}"),
    "remove_way_in": Act(INSIDER, "/moi/connexions/{identity}/retrait"),
    "change_address": Act(INSIDER, "/moi/connexions/adresse", {"email": "maryse@example.org"}),
    "prove_address": Act(INSIDER, "/moi/connexions/adresse/" + "x" * 43),
    "use_sign_in_link": Act(STRANGER, "/connexion/lien/" + "x" * 43),
    "sign_out": Act(MODERATOR, "/deconnexion"),
    "change_account": Act(
        INSIDER,
        "/moi",
        {"name": "Maryse Lacombe-Dubé", "title": "", "region": "", "relation": "", "locale": "fr-CA"},
    ),
    "end_other_sessions": Act(MODERATOR, "/moi/sessions/fin"),
    "end_all_sessions": Act(MODERATOR, "/moi/sessions/tout"),
    "end_session": Act(MODERATOR, "/moi/sessions/999999/fin"),
    "invite": Act(MEMBER, "{its}/membres/inviter", {"emails": "a@example.org", "role": "member", "note": "Venez"}),
    "withdraw_invitation": Act(MEMBER, "{its}/membres/invitations/999999/retrait"),
    "approve_member": Act(MEMBER, "{its}/membres/999999/accepter"),
    "decline_member": Act(MEMBER, "{its}/membres/999999/refuser"),
    "change_member_role": Act(MEMBER, "{its}/membres/{colleague}/role", {"role": "administrator"}),
    "end_membership": Act(MEMBER, "{its}/membres/{colleague}/fin"),
    "ask_to_join": Act(INSIDER, "{its}/demande", {"note": "Bonjour"}),
    "withdraw_request": Act(WAITING, "{its}/demande/retrait"),
    "leave": Act("felix", "{its}/depart"),
    "speak_for_oneself": Act("felix", "/moi/organisations/aucune/parole"),
    "speak_for": Act("felix", "/moi/organisations/{colleague}/parole"),
    "accept_invitation": Act(INSIDER, "/invitation/" + "x" * 43),
    "grant_role": Act(ADMIN, "/admin/personnes/maryse/roles", {"role": "organizer", "sure": "y"}),
    "revoke_role": Act(ADMIN, "/admin/personnes/etienne/roles/retrait", {"role": "moderator", "sure": "y"}),
    "suspend": Act(ADMIN, "/admin/personnes/maryse/suspension", {"reason": "Publicité.", "sure": "y"}),
    "reinstate": Act(ADMIN, "/admin/personnes/maryse/retablissement"),
    "appoint": Act(ADMIN, "/admin{its}/nomination", {"handle": "maryse"}),
    "close_organization": Act(ADMIN, "/admin{its}/fermeture", {"sure": "y"}),
    "reopen_organization": Act(ADMIN, "/admin{its}/reouverture"),
    "switch_provider_off": Act(ADMIN, "/admin{its}/fournisseurs/{own_provider}/arret"),
    "lift_provider": Act(ADMIN, "/admin{its}/fournisseurs/{own_provider}/reprise"),
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
    "found_organization": Act(
        MODERATOR, "/organisations/nouvelle", {"name": "Les Riverains", "about": "", "region": "", "relation": ""}
    ),
    "edit_organization": Act(
        MEMBER,
        "{its}/modifier",
        {"name": "Les Riverains", "about": "", "region": "", "relation": "", "language": "fr-CA"},
    ),
    "choose_joining": Act(MEMBER, "{organization}/adhesion", {"joining": "at_once"}),
    "connect_provider": Act(MEMBER, "{organization}/nouveau", _PROVIDER),
    # Nothing that could be asked, so that nobody is.
    "verify_provider": Act(MEMBER, "{organization}/verifier", {"genre": "oidc", "address": "x y"}),
    # Where it stands already: for another service its secret is asked again.
    "change_provider": Act(MEMBER, "{organization}/{own_provider}", _PROVIDER | {"address": "http://127.0.0.1:9/b"}),
    "try_provider": Act(MEMBER, "{organization}/999999/essai"),
    "switch_on_provider": Act(MEMBER, "{organization}/{own_provider}/activer"),
    "switch_off_provider": Act(MEMBER, "{organization}/{own_provider}/desactiver", {"sessions": "1"}),
    "remove_provider": Act(MEMBER, "{organization}/{own_provider}/supprimer"),
    "claim_domain": Act(MEMBER, "{organization}/domaines", {"address": "admin@hauts-meandres.quebec"}),
    "drop_domain": Act(MEMBER, "{organization}/domaines/retirer", {"domain": "hauts-meandres.quebec"}),
    "prove_domain": Act(MEMBER, "/domaine/" + "x" * 43),
    "create_group": Act(MEMBER, "{organization}/groupes", {"name": "Équipe des rives"}),
    "rename_group": Act(MEMBER, "{organization}/groupes/999999", {"name": "Équipe des rives"}),
    "put_in_group": Act(MEMBER, "{organization}/groupes/999999/personnes", {"handle": "karine"}),
    "take_out_of_group": Act(MEMBER, "{organization}/groupes/999999/personnes/retirer", {"handle": "karine"}),
    "remove_group": Act(MEMBER, "{organization}/groupes/999999/supprimer"),
    "map_value": Act(MEMBER, "{organization}/{own_provider}/groupes", {"value": "rives", "group": "999999"}),
    "unmap_value": Act(MEMBER, "{organization}/{own_provider}/groupes/retirer", {"value": "rives", "group": "999999"}),
}
# Of stories and notices.
_ACTS |= {
    "start_case": Act(
        "maryse",
        "/recits/nouveau",
        {"title": "Un titre", "depth": "brief", "way": "page", "language": "", "message": "", "request_key": "s" * 43}
        | {"summary": "Trois phrases.", "regions": "mauricie", "scale": "", "locality": "", "stages": "emergence"},
    ),
    "save_case": Act("maryse", "/recits/{draft}/ecrire", {"title": "Un titre", "lessons": "Semer tôt."}),
    "save_case_section": Act("maryse", "/recits/{draft}/ecrire/summary", {"summary": "Trois phrases."}),
    "save_case_draft": Act(
        "maryse", "/recits/{draft}/brouillon", {"section": "summary", "sequence": "3", "summary": "Trois phrases."}
    ),
    "add_case_file": Act(
        "maryse", "/recits/{draft}/fichiers/nouveau", {"alt": "Un parc", "right_of_use": "mine", "credit": "Moi"}
    ),
    "be_present": Act("maryse", "/recits/{draft}/presence", {"section": "summary"}),
    "shape_case": Act("maryse", "/recits/{draft}/forme", {"depth": "full", "language": "fr-CA"}),
    "invite_to_case": Act(
        "maryse", "/recits/{draft}/equipe", {"kind": "reader", "handle": "josee", "name": "", "email": ""}
    ),
    "new_case_link": Act("maryse", "/recits/{draft}/equipe/999999/lien"),
    "change_case_part": Act("maryse", "/recits/{draft}/equipe/999999/part", {"kind": "reader"}),
    "take_out_of_case": Act("maryse", "/recits/{draft}/equipe/999999/retrait"),
    "enter_as_guest": Act(STRANGER, "/recits/acces/" + "x" * 43),
    "sign_case": Act("maryse", "/recits/{draft}/equipe/signature", {"relation": "", "organization": ""}),
    "place_in_case": Act("maryse", "/recits/{draft}/equipe/999999/place", {"step": "haut"}),
    "leave_as_guest": Act("maryse", "/recits/{draft}/quitter"),
    "restore_case": Act("maryse", "/recits/{draft}/historique/999999/retablir"),
    "remark_on_case": Act("maryse", "/recits/{draft}/remarques", {"field": "summary", "body": "Plus court?"}),
    "settle_remark": Act("maryse", "/recits/{draft}/remarques/999999/reglee", {"value": "1"}),
    "new_trial": Act(
        "felix",
        "/recits/{told}/essais/nouveau",
        {
            "outcome": "same",
            "region": "laval",
            "adapted": "Rien.",
            "what_happened": "Tout.",
            "title": "Essai",
            "nobody_else": "y",
            "could_read": "y",
            "no_file": "y",
        },
    ),
    "write_to_authors": Act(
        "felix", "/recits/{told}/ecrire-aux-auteurs", {"body": "Bonjour.", "address_shown": "y", "number": "un"}
    ),
    "publish_case": Act(
        "maryse",
        "/recits/{draft}/publier",
        {"nobody_else": "y", "could_read": "y", "no_file": "y", "visibility": "public", "licence": "cc-by"},
    ),
    "change_case_state": Act("maryse", "/recits/{draft}/etat", {"to": "review"}),
    "register": Act("maryse", "/recits/{draft}/personnes", {"name": "Hermine", "choice": "", "how": "written"}),
    "describe_registered": Act("maryse", "/recits/{draft}/personnes/{registered}", {"name": "Hermine V."}),
    "write_down_consent": Act(
        "maryse", "/recits/{draft}/personnes/{registered}/accord", {"choice": "nom-complet", "how": "written"}
    ),
    "strike_out": Act("maryse", "/recits/{draft}/personnes/{registered}/rayer"),
    "ask_consent": Act("maryse", "/recits/{draft}/personnes/{registered}/lettre", {"email": "h@example.org"}),
    "hand_over": Act("maryse", "/recits/{draft}/personnes/{registered}/lien"),
    "corrected": Act("maryse", "/recits/{draft}/personnes/{registered}/corrige"),
    "rewritten": Act("maryse", "/recits/{draft}/personnes/{registered}/recrit"),
    "write_down_departure": Act("maryse", "/recits/{draft}/personnes/{registered}/retrait", {"leave": "y"}),
    "decide_consent": Act(STRANGER, "/recits/consentement/" + "x" * 43, {"choice": "nom-complet", "seen": "x"}),
    "ask_correction": Act(STRANGER, "/recits/consentement/" + "x" * 43 + "/correction", {"correction": "Un mardi."}),
    "withdraw_consent": Act(STRANGER, "/recits/consentement/" + "x" * 43 + "/retrait", {"leave": "y"}),
    "mark_notices_read": Act("maryse", "/moi/avis/lu", {"until": "2026-01-01T00:00:00+00:00"}),
    "create_gathering": Act(
        "maryse",
        "/rencontres/nouvelle",
        {"title": "Un titre", "day": "2030-03-05", "begins": "9:00", "ends": "12:00", "zone": "America/Toronto"}
        | {"mode": "in-person", "seats": "10", "registration": "open", "visibility": "public", "request_key": "g" * 43},
    ),
    "new_date": Act(
        "thuy-linh",
        "/rencontres/1/dates/nouvelle",
        {"day": "2030-03-05", "begins": "9:00", "ends": "12:00", "zone": "America/Toronto", "mode": "in-person"},
    ),
    "publish_gathering": Act("thuy-linh", "/rencontres/1/publier"),
    "cancel_gathering": Act("thuy-linh", "/rencontres/1/annuler", {"reason": "La salle a brûlé."}),
    "new_programme_item": Act(
        "thuy-linh",
        "/rencontres/{gathering}/programme/nouveau",
        {"session": "1", "begins": "12:15", "ends": "12:30", "title": "Accueil", "details": "Avec du café."},
    ),
    "programme_item": Act(
        "thuy-linh",
        "/rencontres/{gathering}/programme/999999",
        {"session": "1", "begins": "12:15", "ends": "12:30", "title": "Accueil", "details": ""},
    ),
    "drop_programme_item": Act("thuy-linh", "/rencontres/{gathering}/programme/999999/retrait"),
    "new_gathering_question": Act(
        "thuy-linh",
        "/rencontres/{gathering}/questions/nouvelle",
        {"kind": "one", "label": "Dîner", "help": "", "shown_when": "", "choice_new1": "Soupe", "seats_new1": "3"},
    ),
    "gathering_question": Act(
        "thuy-linh", "/rencontres/{gathering}/questions/999999", {"kind": "text", "label": "Dîner", "shown_when": ""}
    ),
    "place_gathering_question": Act("thuy-linh", "/rencontres/{gathering}/questions/999999/place", {"step": "haut"}),
    "drop_gathering_question": Act("thuy-linh", "/rencontres/{gathering}/questions/999999/retrait"),
    "accept_gathering_invitation": Act("maryse", "/rencontres/invitations/" + "x" * 43),
    "invite_to_gathering": Act(
        "thuy-linh", "/rencontres/{gathering}/invitations", {"people": "a@example.org", "note": "Venez"}
    ),
    "write_invitation_again": Act("thuy-linh", "/rencontres/{gathering}/invitations/999999/lettre"),
    "withdraw_gathering_invitation": Act("thuy-linh", "/rencontres/{gathering}/invitations/999999/retrait"),
    "gathering_material": Act(
        "thuy-linh", "/rencontres/{gathering}/documents", {"before": "Lire ceci.", "after": "", "seen_before": "0"}
    ),
    "decide_registrations": Act(
        "thuy-linh", "/rencontres/{gathering}/inscriptions", {"act": "approve", "registration": "999999"}
    ),
    "write_gathering_letter": Act(
        "thuy-linh",
        "/rencontres/{gathering}/lettre",
        {"subject": "Le repas", "body": "Apportez un plat.", "request_key": "k"},
    ),
    "write_gathering_report": Act("thuy-linh", "/rencontres/1/bilan/ecrire", {"notes": "Une note."}),
    "evaluate_gathering": Act("maryse", "/rencontres/1/evaluation", {"useful": "4"}),
    "module_interest": Act("maryse", "/rencontres/modules/lire-son-milieu/interet", {"region": "mauricie"}),
    "module_stop": Act(STRANGER, "/rencontres/modules/lire-son-milieu/arreter?jeton=" + "x" * 43, {}),
    "edit_gathering": Act(
        "thuy-linh",
        "/rencontres/{gathering}/modifier",
        {
            "title": "Un autre titre",
            "language": "fr-CA",
            "registration": "open",
            "visibility": "public",
            "version": "1",
        },
    ),
    "edit_date": Act(
        "thuy-linh",
        "/rencontres/{gathering}/dates/{date}",
        {"zone": "America/Toronto", "mode": "hybrid", "seats": "10", "online_seats": "10", "day_0": "2030-03-05"}
        | {"begins_0": "9:00", "ends_0": "12:00", "scope": "one", "version": "{date_version}"},
    ),
    "repeat_date": Act("thuy-linh", "/rencontres/{gathering}/dates/{date}/repeter", {"rule": "1", "times": "2"}),
    "postpone_date": Act("thuy-linh", "/rencontres/{gathering}/dates/{date}/reporter", {"reason": "La tempête."}),
    "cancel_date": Act("thuy-linh", "/rencontres/{gathering}/dates/{date}/annuler", {"reason": "La tempête."}),
    "duplicate_gathering": Act(
        "thuy-linh", "/rencontres/{gathering}/dupliquer", {"title": "Encore une fois", "what": "texts"}
    ),
    "change_gathering_team": Act(
        "thuy-linh", "/rencontres/{gathering}/equipe", {"handle": "maryse", "role": "door", "act": "add"}
    ),
    "change_own_calendar": Act("maryse", "/moi/calendrier", {"act": "close"}),
    "sign_up": Act("maryse", "/rencontres/{gathering}/inscription", {"date": "{date}:in-person", "listed": "nobody"}),
    "withdraw_registration": Act("maryse", "/rencontres/{gathering}/desistement", {"registration": "1"}),
    "move_registration": Act(
        "maryse", "/rencontres/{gathering}/changer", {"registration": "1", "date": "{date}:online"}
    ),
    "accept_seat": Act("maryse", "/rencontres/{gathering}/offre", {"registration": "1"}),
    "note_arrival": Act(
        "thuy-linh", "/rencontres/{gathering}/accueil", {"seance": "1", "code": "x" * 24, "nonce": "n" * 32}
    ),
    "type_in_sheet": Act("thuy-linh", "/rencontres/{gathering}/feuille", {"seance": "1", "were": "", "came": "1"}),
    "confirm_registration": Act("maryse", "/rencontres/{gathering}/confirmation", {"registration": "1"}),
    "list_name": Act("maryse", "/rencontres/{gathering}/nom", {"registration": "1", "listed": "nobody"}),
    "decline_date": Act("maryse", "/rencontres/{gathering}/absence", {"occurrence": "{date}"}),
    "own_move": Act(STRANGER, "/rencontres/inscriptions/" + "x" * 43 + "/changer", {"date": "{date}:online"}),
    "hold_seats": Act("karine", "/rencontres/{gathering}/groupe", {"date": "{date}:in-person", "seats": "2"}),
    "name_seat": Act("karine", "/rencontres/{gathering}/groupe/999999", {"person": "karine"}),
    "give_seats_back": Act("karine", "/rencontres/{gathering}/groupe/rendre", {"seat": "999999"}),
    "accept_group_seats": Act("karine", "/rencontres/{gathering}/groupe/accepter", {"party": "999999"}),
    "own_registration": Act(STRANGER, "/rencontres/inscriptions/" + "x" * 43, {"act": "confirm"}),
}


def posting_routes() -> list[str]:
    """Every route that may change something."""
    return [name for name, route in named().items() if methods_of(route) & UNSAFE]


def act_of(site: Site, name: str) -> Act:
    """How to do what this route does, on this site."""
    assert name in _ACTS, f"say in _ACTS how to do what {name} does"
    act, at = _ACTS[name], places(site)
    form = None if act.form is None else {field: value.format(**at) for field, value in act.form.items()}
    return Act(act.who, act.path.format(**at), form)


def places(site: Site) -> dict[str, Any]:
    found = site.write(
        lambda db: db.connection.fetchrow(
            """
            SELECT own.id AS own,
                   (SELECT revisions FROM post WHERE thread_id = own.id AND seq = 1) AS revisions,
                   (SELECT max(thread.id) FROM thread JOIN space ON space.id = space_id
                     WHERE visibility = 'public' AND merged_into_id IS NULL AND locked_at IS NULL
                       AND thread.id <> own.id) AS other,
                   (SELECT max(thread.id) FROM thread JOIN space ON space.id = space_id
                     WHERE visibility = 'public' AND merged_into_id IS NULL AND kind = 'question'
                       AND post_count > 2) AS question,
                   (SELECT report.id FROM report JOIN post ON post.id = post_id JOIN thread ON thread.id = thread_id
                      JOIN space ON space.id = space_id WHERE visibility = 'public' LIMIT 1) AS report,
                   (SELECT min(id) FROM provider) AS provider,
                   (SELECT '/organisations/' || slug || '/connexion' FROM organization
                     WHERE id = karine.organization_id) AS organization,
                   (SELECT '/organisations/' || slug FROM organization WHERE id = karine.organization_id) AS its,
                   (SELECT m.id FROM membership AS m JOIN person ON person.id = m.person_id
                     WHERE handle = 'felix' AND m.organization_id = karine.organization_id) AS colleague,
                   (SELECT min(id) FROM provider WHERE organization_id = karine.organization_id) AS own_provider,
                   (SELECT min(identity.id) FROM identity JOIN person ON person.id = person_id
                     WHERE handle = 'maryse') AS identity
              FROM thread AS own JOIN person ON person.id = own.author_id,
                   (SELECT organization_id FROM membership JOIN person ON person.id = person_id
                     WHERE handle = 'karine') AS karine
             WHERE handle = $1 ORDER BY own.id LIMIT 1
            """,
            MODERATOR,
        )
    )
    assert found is not None
    draft = draft_of(site, "maryse")
    more = {"draft": draft, "registered": registered_in(site, draft), "told": told(site)}
    return dict(found) | more | open_gathering(site)


def open_gathering(site: Site) -> dict[str, Any]:
    """A gathering that asks nothing, and a date of it that one can register for, made when there is none."""
    made = site.ask("SELECT min(id) FROM gathering WHERE slug = 'rencontre-de-sainte-brume'") or gathering(site)
    date = site.ask("SELECT min(id) FROM occurrence WHERE gathering_id = $1", made)
    version = as_seen(*site.write(lambda db: date_of(db, made, date)))
    return {"gathering": made, "date": date, "date_version": version}


def draft_of(site: Site, handle: str) -> int:
    """A story of hers that nobody else reads, made when there is none."""
    draft: int | None = site.ask(
        "SELECT min(practice_case.id) FROM practice_case JOIN person ON person.id = created_by_id"
        " WHERE handle = $1 AND state = 'draft'",
        handle,
    )
    return draft if draft is not None else story(site, handle, state="draft")


def told(site: Site) -> int:
    """A story that everybody may read, whose authors can be written to."""
    number: int = site.ask(
        """
        UPDATE practice_case SET contact = true WHERE id =
               (SELECT min(id) FROM practice_case WHERE state = 'published' AND visibility = 'public') RETURNING id
        """
    )
    return number


def registered_in(site: Site, case_id: int) -> int:
    """Somebody who has not answered yet in the register of a story, written down when there is nobody."""
    found: int | None = site.ask("SELECT min(id) FROM case_person WHERE case_id = $1 AND choice IS NULL", case_id)
    return found if found is not None else in_register(site, case_id)
