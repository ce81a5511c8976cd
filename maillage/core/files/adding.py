"""From what somebody sent to bytes in the store, ready to be written down."""

from contextlib import suppress
from dataclasses import dataclass

from maillage.core.errors import Unavailable
from maillage.core.files import checks, images
from maillage.core.files.commands import Known, new_key
from maillage.core.files.store import Store

DOCUMENT = "document"


def part_of(width: int) -> str:
    """What the store calls one size of a picture."""
    return f"{width}.webp"


@dataclass(frozen=True, slots=True)
class Sent:
    """A file as it came: nothing of it is believed."""

    filename: str
    declared: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that may be kept: what it is, and the objects that it becomes."""

    kind: str
    media_type: str
    name: str
    # Their names in the store; the last is the largest.
    objects: dict[str, bytes]
    width: int | None = None
    height: int | None = None
    sizes: tuple[int, ...] = ()


async def checked(sent: Sent) -> Checked:
    """What a file really is. Raises `NotAccepted`, with the sentence for whoever sent it."""
    sort, extension = checks.sort_of(sent.filename, sent.declared, sent.content)
    if sort.kind == "image":
        checks.refuse_two_faced_image(extension, sent.content)
        picture = await images.prepared(extension, sent.content)
        return Checked(
            kind="image",
            media_type=images.MEDIA_TYPE,
            name=checks.clean_name(sent.filename, "webp"),
            objects={part_of(width): version for width, version in picture.versions.items()},
            width=picture.width,
            height=picture.height,
            sizes=tuple(sorted(picture.versions)),
        )
    return Checked(
        kind="document",
        media_type=checks.check_document(extension, sort, sent.content),
        name=checks.clean_name(sent.filename, extension),
        objects={DOCUMENT: sent.content},
    )


async def kept(store: Store, file: Checked, *, alt: str, right_of_use: str, credit: str) -> Known:
    """Put a file into the store under a new key. Raises `Unavailable`. Then `commands.add` writes it down.

    In this order a file that is written down can always be read; one that never is costs its bytes, which `doctor`
    finds.
    """
    key = new_key()
    try:
        for part, content in file.objects.items():
            await store.put(key, part, content)
    except Unavailable:
        # A store that is full has room for this.
        with suppress(Unavailable):
            await store.delete(key)
        raise
    return Known(
        key=key,
        kind=file.kind,
        media_type=file.media_type,
        name=file.name,
        bytes=len([*file.objects.values()][-1]),
        alt=alt,
        right_of_use=right_of_use,
        credit=credit,
        width=file.width,
        height=file.height,
        sizes=file.sizes,
    )
