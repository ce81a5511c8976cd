"""In which country an address is, as far as a file of countries says; nothing is asked over the network."""

from pathlib import Path
from typing import Any

import maxminddb

from maillage.core.config import Trouble


class Places:
    """The countries of addresses. Without a file, none is known."""

    def __init__(self, file: Path | None) -> None:
        """`file` is an MMDB, as MaxMind and DB-IP publish them. Raises `Trouble` when it cannot be read."""
        self._reader: maxminddb.Reader | None = None
        if file is None:
            return
        try:
            self._reader = maxminddb.open_database(file)
        except (OSError, ValueError, maxminddb.InvalidDatabaseError):
            raise Trouble(f"MAILLAGE_COUNTRY_DATABASE: {file} is not a file of countries that can be read.") from None

    def country(self, address: str) -> str | None:
        """The two letters of the country (ISO 3166), or None: a private address, or one that the file lacks."""
        if self._reader is None:
            return None
        try:
            found: Any = self._reader.get(address)
        except (ValueError, maxminddb.InvalidDatabaseError):
            return None
        code = found.get("country", {}).get("iso_code") if isinstance(found, dict) else None
        return code if isinstance(code, str) and len(code) == 2 else None
