"""The letters of registrations, sent as the worker would."""

import email
import json
from email.message import EmailMessage
from email.policy import default

from maillage.core.jobs import REGISTRY, Tools
from tests.conftest import Site


def post_office(site: Site, entrypoint: str = "registration_letter") -> int:
    """Do the jobs that are waiting, in their order; returns how many."""
    jobs = site.write(
        lambda db: db.connection.fetch("DELETE FROM pgqueuer WHERE entrypoint = $1 RETURNING id, payload", entrypoint)
    )
    tools = Tools(site.app.state.database, site.settings)
    assert site.stranger.portal is not None
    for job in sorted(jobs, key=lambda job: int(job["id"])):
        site.stranger.portal.call(REGISTRY[entrypoint].work, tools, json.loads(job["payload"]))
    return len(jobs)


def messages(site: Site) -> list[EmailMessage]:
    """Those that left, as mail programs read them."""
    found = (site.settings.data_dir / "letters").glob("*.eml")
    return [email.message_from_bytes(path.read_bytes(), policy=default) for path in found]


def words_of(message: EmailMessage) -> str:
    body = message.get_body(preferencelist=("plain",))
    assert body is not None
    words: str = body.get_content()
    return words


def letters(site: Site) -> list[str]:
    return [words_of(message) for message in messages(site)]
