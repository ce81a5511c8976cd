"""How to do what the routes of the forum do, and how to ask them about something hidden."""

from typing import Any

from tests.abuse.acts.asking import MODERATOR, ONES_OWN, Act, Ask, Open
from tests.conftest import Site

_TITLE, _BODY = "Un titre", "Une réponse qui tient en une ligne, avec un peu de suite."
_THREAD = Ask()
# One message is Étienne’s, who moderates; `{own}` and `{other}` are discussions, `{question}` a question.
ACTS: dict[str, Act] = {
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
    "settle": Act(MODERATOR, "/moderation/signalements/{report}/regler"),
}
HIDDEN: dict[str, Ask | Open] = {
    "thread": Ask(query="?page=1"),
    "thread_by_number": _THREAD,
    "space": Ask(),
    "spaces": Open("a list: see test_18_counts_say_nothing.py"),
    "new_thread": Ask(query="?espace={space}", form={"space": "{space}", "title": _TITLE, "body": _BODY}),
    "preview": Ask(form={"body": "Voir #{id}, et encore [ceci](/discussions/{id})."}),
    "save_draft": Ask(form={"place": "thread:{id}:2", "sequence": "{draft_number}", "body": _BODY}),
    "drafts": ONES_OWN,
    "discard_draft": Ask(form={"place": "thread:{id}"}),
    "follow_space": Ask(form={"follow": "1"}),
    "mark_space_read": Ask(),
    "reply": Ask(query="?parent={seq}", form={"parent": "{seq}", "body": _BODY}),
    "first_unread": _THREAD,
    "mark_read": Ask(form={"seqs": "1-3"}),
    "follow_thread": Ask(form={"follow": "1"}),
    "permalink": _THREAD,
    "actions": _THREAD,
    "edit": Ask(form={"body": _BODY, "revisions": "0"}),
    "history": _THREAD,
    "remove": Ask(form={"reason": "Parce que."}),
    "restore": _THREAD,
    "reparent": Ask(form={"parent": "1"}),
    "helpful": Ask(form={"value": "1"}),
    "report": Ask(form={"reason": "À regarder."}),
    "report_thanks": _THREAD,
    "split": Ask(form={"title": _TITLE, "kind": "question"}),
    "manage": _THREAD,
    "retitle": Ask(form={"title": _TITLE}),
    "lock": Ask(form={"reason": "Parce que."}),
    "unlock": _THREAD,
    "pin": Ask(form={"days": "3"}),
    "unpin": _THREAD,
    "move": Ask(form={"space": "pratiques"}),
    "merge": Ask(form={"into": "{public_thread}"}),
    "summarize": Ask(form={"body": _BODY, "covers": "1"}),
    "inbox": Open("a list of what one looks after: see test_20_two_circles.py"),
    "journal": Open("a list: see test_18_counts_say_nothing.py"),
    "settle": Ask(),
}


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
                      JOIN space ON space.id = space_id WHERE visibility = 'public' LIMIT 1) AS report
              FROM thread AS own JOIN person ON person.id = own.author_id
             WHERE handle = $1 ORDER BY own.id LIMIT 1
            """,
            MODERATOR,
        )
    )
    assert found is not None
    return dict(found)
