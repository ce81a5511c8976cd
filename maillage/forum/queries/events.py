"""The lines of a thread's own history, in words."""

from typing import Any

from maillage.core.languages import Text, _


def event_line(kind: str, data: dict[str, Any], name: str) -> Text:
    """What happened, for the line in the thread. `data` is what the command recorded; `name` is who acted."""
    fill = {"name": name, **data}
    match kind:
        case "locked":
            return _("%(name)s locked this discussion: %(reason)s", **fill)
        case "unlocked":
            return _("%(name)s reopened this discussion", **fill)
        case "pinned":
            return _("%(name)s pinned this discussion", **fill)
        case "unpinned":
            return _("%(name)s unpinned this discussion", **fill)
        case "moved":
            # The space that it came from may be one that its readers cannot see.
            return _("%(name)s moved this discussion here", **fill)
        case "retitled":
            return _("%(name)s changed the title, which was “%(before)s”", **fill)
        case "split_from":
            return _("%(name)s made this discussion from messages of #%(thread)s", **fill)
        case "split_to":
            # Its title may change, and so may those who can read it.
            return _("%(name)s moved a branch to its own discussion, #%(thread)s", **fill)
        case "merged":
            return _("%(name)s merged the discussion “%(title)s” into this one", **fill)
        case "reparented":
            return _("%(name)s put this message under the one that it answers", **fill)
        case "helped":
            return _("%(name)s noted that this message met the need", **fill)
        case "unhelped":
            return _("%(name)s took back the mark on this message", **fill)
        case "summarized":
            return _("%(name)s updated the summary, up to message %(covers)s", **fill)
        case "subject_gone":
            return _("What is discussed here is off line: the discussion can be read, but nobody can add to it")
        case "subject_back":
            return _("What is discussed here is on line again, and so is the discussion")
        case _:
            raise ValueError(f"unknown event {kind!r}")
