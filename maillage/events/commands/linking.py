"""Naming a gathering in a message of the forum."""


def linked(title: str, address: str) -> str:
    """Its title, leading to it, in Markdown."""
    # Square brackets in a title would end the link.
    plain = title.replace("[", "(").replace("]", ")")
    return f"[{plain}]({address})"
