"""Adding files as a browser does, for whatever is tried with them."""

from io import BytesIO
from typing import Any

from httpx2 import Response
from PIL import Image

from maillage.core.files.store import Store, store_of
from tests.conftest import Site
from tests.core import made

NAME = "Fete-au-parc.webp"
ALT = "Des voisins autour d’une table, au parc"


def upload(
    browser: Any,
    name: str = "Fete-au-parc.jpg",
    content: bytes | None = None,
    declared: str | None = None,
    fields: dict[str, str] | None = None,
    to: str = "/fichiers/nouveau",
) -> Response:
    """Send a file; by default a photograph, with all that has to be said of it."""
    given = {"alt": ALT, "right_of_use": "mine", "credit": ""} | (fields or {})
    extension = name.rpartition(".")[2].lower()
    content = content if content is not None else made.image("JPEG", (1200, 800), exif=made.told_exif())
    declared = declared if declared is not None else made.declared(extension)
    response: Response = browser.post(to, data=given, files={"file": (name, content, declared)})
    return response


def key_of(response: Response) -> str:
    assert response.status_code == 303, response.text
    return str(response.headers["location"]).rpartition("/")[2]


def give_to_post(site: Site, key: str, post_id: int) -> None:
    """Have a message show a file, without its words."""
    site.write(
        lambda db: db.connection.execute(
            "UPDATE stored_file SET subject_kind = 'post', subject_id = $2, loose_since = NULL WHERE key = $1",
            key,
            post_id,
        )
    )


def store(site: Site) -> Store:
    return store_of(site.settings)


def stored_keys(site: Site) -> set[str]:
    """The keys that have bytes in the store."""
    assert site.stranger.portal is not None
    return site.stranger.portal.call(store(site).keys)


def size_of(content: bytes) -> tuple[int, int]:
    return Image.open(BytesIO(content)).size


def said(name: str, key: str) -> str:
    """The line that shows a picture in a text."""
    return f"![{name}](fichier:{key})"
