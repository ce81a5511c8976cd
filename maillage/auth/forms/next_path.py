"""Where somebody wants to go after signing in."""

import re
from urllib.parse import unquote


def safe_next(path: str | None) -> str:
    """`path` if it leads to a page of ours, else `/`: nothing that a browser could read as another site."""
    # Printable ASCII without spaces: what a browser sends. Anything else was made by hand.
    if not path or len(path) > 2000 or not re.fullmatch(r"/[!-~]*", path):
        return "/"
    # Judged as a browser may come to read it: unescaped, and with backslashes taken for slashes.
    plain = unquote(unquote(re.split("[?#]", path)[0])).replace("\\", "/")
    if "//" in plain or "/." in plain or "@" in plain or not plain.isprintable():
        return "/"
    # Signing in leads to a page, not back to signing in or straight to signing out.
    if plain.startswith(("/connexion", "/deconnexion")):
        return "/"
    return path
