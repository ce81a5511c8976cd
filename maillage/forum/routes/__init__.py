"""The forum's site map."""

from starlette.routing import BaseRoute, Route

from maillage.forum.routes import desk, managing, messages, spaces, threads, writing

_THREAD = "/discussions/{id:int}"
_MESSAGE = _THREAD + "/m/{seq:int}"
_SPACE = "/discussions/espaces/{slug}"

routes: list[BaseRoute] = [
    # Routes are tried in this order: first what is read most.
    Route(_THREAD + "-{slug}", threads.thread, name="thread"),
    Route(_SPACE, spaces.space, name="space"),
    Route("/discussions", spaces.spaces, name="spaces"),
    Route("/discussions/nouvelle", writing.new_thread, methods=["GET", "POST"], name="new_thread"),
    Route("/discussions/apercu", writing.preview, methods=["POST"], name="preview"),
    Route("/discussions/brouillon", writing.save_draft, methods=["POST"], name="save_draft"),
    Route("/discussions/brouillons", desk.drafts, name="drafts"),
    Route("/discussions/brouillons/jeter", desk.discard_draft, methods=["POST"], name="discard_draft"),
    Route(_SPACE + "/suivre", spaces.follow_space, methods=["POST"], name="follow_space"),
    Route(_SPACE + "/lu", spaces.mark_space_read, methods=["POST"], name="mark_space_read"),
    Route(_THREAD + "/repondre", writing.reply, methods=["GET", "POST"], name="reply"),
    Route(_THREAD + "/non-lu", threads.first_unread, name="first_unread"),
    Route(_THREAD + "/lu", threads.mark_read, methods=["POST"], name="mark_read"),
    Route(_THREAD + "/suivre", threads.follow_thread, methods=["POST"], name="follow_thread"),
    Route(_MESSAGE, threads.permalink, name="permalink"),
    Route(_MESSAGE + "/actions", messages.actions, name="actions"),
    Route(_MESSAGE + "/modifier", writing.edit, methods=["GET", "POST"], name="edit"),
    Route(_MESSAGE + "/historique", messages.history, name="history"),
    Route(_MESSAGE + "/retirer", messages.remove, methods=["GET", "POST"], name="remove"),
    Route(_MESSAGE + "/retablir", messages.restore, methods=["POST"], name="restore"),
    Route(_MESSAGE + "/deplacer", messages.reparent, methods=["GET", "POST"], name="reparent"),
    Route(_MESSAGE + "/besoin", messages.helpful, methods=["POST"], name="helpful"),
    Route(_MESSAGE + "/signaler", messages.report, methods=["GET", "POST"], name="report"),
    Route(_MESSAGE + "/signaler/merci", messages.report_thanks, name="report_thanks"),
    Route(_MESSAGE + "/separer", messages.split, methods=["GET", "POST"], name="split"),
    Route(_THREAD + "/gestion", managing.manage, name="manage"),
    Route(_THREAD + "/titre", managing.retitle, methods=["POST"], name="retitle"),
    Route(_THREAD + "/verrouiller", managing.lock, methods=["POST"], name="lock"),
    Route(_THREAD + "/rouvrir", managing.unlock, methods=["POST"], name="unlock"),
    Route(_THREAD + "/epingler", managing.pin, methods=["POST"], name="pin"),
    Route(_THREAD + "/desepingler", managing.unpin, methods=["POST"], name="unpin"),
    Route(_THREAD + "/changer-espace", managing.move, methods=["POST"], name="move"),
    Route(_THREAD + "/fusionner", managing.merge, methods=["POST"], name="merge"),
    Route(_THREAD + "/synthese", managing.summarize, methods=["POST"], name="summarize"),
    Route("/moderation", desk.inbox, name="inbox"),
    Route("/moderation/journal", desk.journal, name="journal"),
    Route("/moderation/signalements/{id:int}/regler", desk.settle, methods=["POST"], name="settle"),
    Route(_THREAD, threads.short, name="thread_by_number"),
]
