"""Settings: one typed, frozen table read from environment variables; nonsense is refused at start, in sentences.

`load()` is what programs call. It reads the environment, refuses what makes no sense, makes the data directory,
and makes and keeps the secret key when none is given. Tests may build a `Settings(...)` of their own.
"""

import os
import re
import secrets
from collections.abc import Mapping
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

KNOWN_LOCALES = ("fr-CA", "en")
_PREFIX = "MAILLAGE_"
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_EMAIL = re.compile(r"[^@\s<>\"]+@[^@\s<>\"]+\.[^@\s<>\".]+")


class Trouble(Exception):
    """Something that an operator must know, in one clear sentence. The command line prints it and ends non-zero."""


class Settings(BaseModel):
    """Every setting there is. In the environment each is `MAILLAGE_` and its name in capitals, except `PORT`."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    env: Literal["demo", "production"] = "demo"
    name: str = "Maillage"
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8000
    # Where people reach the platform. In the demo: this machine, at `port`.
    base_url: str = ""

    # None: the embedded PostgreSQL, under the data directory.
    database_url: SecretStr | None = None
    data_dir: Path = Path("var")
    secret_key: SecretStr | None = None
    # While the key is being replaced: what it was before. They open what they have sealed and seal nothing more.
    older_secret_keys: tuple[SecretStr, ...] = ()
    # None: letters are written as .eml files in the data directory.
    smtp_url: SecretStr | None = None
    mail_from: str = ""
    # None: files are kept in the data directory.
    files_url: str | None = None

    locales: tuple[str, ...] = KNOWN_LOCALES
    time_zone: str = "America/Toronto"

    # The person responsible for personal information, as the law wants it published, and where to write to them.
    responsible_name: str = ""
    responsible_email: str = ""
    postal_address: str = ""

    session_idle_days: Annotated[int, Field(ge=1, le=365)] = 14
    session_absolute_days: Annotated[int, Field(ge=1, le=730)] = 90
    # How long the author of a message may still correct it without a trace.
    edit_window_minutes: Annotated[int, Field(ge=0, le=10_080)] = 30
    # An MMDB file of countries, to name the country in the list of one's sessions. None: no place is named.
    country_database: Path | None = None
    # How many reverse proxies of ours stand in front; that many entries of X-Forwarded-For are believed.
    trusted_proxies: Annotated[int, Field(ge=0, le=5)] = 0
    statement_timeout_ms: Annotated[int, Field(ge=100, le=600_000)] = 10_000
    # Whether organizations may connect providers on private networks and on this machine. None: in the demo, yes.
    allow_private_providers: bool | None = None
    # Where the demo's sign-in provider listens; `serve` starts it and fills this in.
    demo_provider_url: str | None = None

    @field_validator("name")
    @classmethod
    def _a_name(cls, name: str) -> str:
        if not name.strip() or len(name) > 80 or not name.isprintable():
            raise ValueError("must be a name of 1 to 80 characters on one line")
        return name.strip()

    @field_validator("base_url")
    @classmethod
    def _an_address(cls, url: str, info: ValidationInfo) -> str:
        if not url:
            own = info.data.get("env") == "demo" and "port" in info.data
            return f"http://127.0.0.1:{info.data['port']}" if own else ""
        parts = _split(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
            raise ValueError("must be an address such as https://maillage.example.org")
        if parts.path not in {"", "/"} or parts.query or parts.fragment:
            raise ValueError("must stop after the host name: the platform lives at the root of its address")
        return url.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _a_database(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None and _split(url.get_secret_value()).scheme not in {"postgresql", "postgres"}:
            raise ValueError("must start with postgresql://")
        return url

    @field_validator("secret_key")
    @classmethod
    def _long_enough(cls, key: SecretStr | None) -> SecretStr | None:
        if key is not None and len(key.get_secret_value()) < 32:
            raise ValueError("must have at least 32 characters")
        return key

    @field_validator("older_secret_keys", mode="before")
    @classmethod
    def _several(cls, keys: object) -> object:
        return tuple(key.strip() for key in keys.split(",") if key.strip()) if isinstance(keys, str) else keys

    @field_validator("older_secret_keys")
    @classmethod
    def _long_enough_too(cls, keys: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        if any(len(key.get_secret_value()) < 32 for key in keys):
            raise ValueError("must list keys of at least 32 characters each")
        return keys

    @field_validator("smtp_url")
    @classmethod
    def _a_mail_server(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None:
            parts = _split(url.get_secret_value())
            if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
                raise ValueError("must look like smtp://user:password@host:587 or smtps://user:password@host:465")
        return url

    @field_validator("mail_from", "responsible_email")
    @classmethod
    def _an_email(cls, address: str) -> str:
        if address and not _EMAIL.fullmatch(address):
            raise ValueError("must be an e-mail address, such as contact@example.org")
        return address

    @field_validator("files_url")
    @classmethod
    def _a_bucket(cls, url: str | None) -> str | None:
        if url is not None and (_split(url).scheme != "s3" or not _split(url).netloc):
            raise ValueError("must look like s3://bucket/prefix")
        return url

    @field_validator("locales", mode="before")
    @classmethod
    def _a_list(cls, locales: object) -> object:
        return tuple(part.strip() for part in locales.split(",")) if isinstance(locales, str) else locales

    @field_validator("locales")
    @classmethod
    def _spoken_here(cls, locales: tuple[str, ...]) -> tuple[str, ...]:
        if not locales or set(locales) - set(KNOWN_LOCALES) or len(set(locales)) != len(locales):
            raise ValueError(f"must list languages among {', '.join(KNOWN_LOCALES)}, each once")
        return locales

    @field_validator("time_zone")
    @classmethod
    def _on_the_map(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("must be a time zone such as America/Toronto") from None
        return name

    @model_validator(mode="after")
    def _sessions_end(self) -> Self:
        if self.session_idle_days > self.session_absolute_days:
            raise ValueError("MAILLAGE_SESSION_IDLE_DAYS must not exceed MAILLAGE_SESSION_ABSOLUTE_DAYS")
        return self

    @model_validator(mode="after")
    def _fit_for_production(self) -> Self:
        if self.env != "production":
            return self
        missing = [
            f"{_PREFIX}{field.upper()} ({meaning})"
            for field, meaning in (
                ("responsible_name", "the person responsible for personal information"),
                ("responsible_email", "how to write to that person"),
                ("postal_address", "the organization's postal address"),
                ("base_url", "where people reach the platform"),
            )
            if not getattr(self, field).strip()
        ]
        if missing:
            raise ValueError(f"production needs {', '.join(missing)}")
        if not self.is_https and urlsplit(self.base_url).hostname not in _LOOPBACK:
            raise ValueError("MAILLAGE_BASE_URL must start with https:// in production")
        return self

    @property
    def is_https(self) -> bool:
        """Whether people reach us over https: decides `Secure` and `__Host-` on cookies."""
        return self.base_url.startswith("https://")

    @property
    def secret(self) -> str:
        """The secret key. `load()` sees to it that there is one."""
        if self.secret_key is None:
            raise Trouble("MAILLAGE_SECRET_KEY is missing.")
        return self.secret_key.get_secret_value()

    @property
    def private_providers(self) -> bool:
        """Whether providers on private networks and on this machine may be asked."""
        return self.env == "demo" if self.allow_private_providers is None else self.allow_private_providers

    @property
    def older_secrets(self) -> tuple[str, ...]:
        return tuple(key.get_secret_value() for key in self.older_secret_keys)

    @property
    def dsn(self) -> str:
        """The database's address. Known once `MAILLAGE_DATABASE_URL` or the embedded PostgreSQL has given one."""
        if self.database_url is None:
            raise Trouble("The embedded PostgreSQL has not been started.")
        return self.database_url.get_secret_value()

    @property
    def edit_window(self) -> timedelta:
        return timedelta(minutes=self.edit_window_minutes)

    @property
    def sender(self) -> str:
        """The address that letters come from."""
        return self.mail_from or self.responsible_email or f"maillage@{urlsplit(self.base_url).hostname}"

    def with_database(self, dsn: str) -> "Settings":
        """The same settings, with `dsn` for database."""
        return self.model_copy(update={"database_url": SecretStr(dsn)})


def _split(url: str) -> Any:
    parts = urlsplit(url)
    _ = parts.port  # raises ValueError when the port is no number
    return parts


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process, with a data directory that exists and a secret key. Raises `Trouble`."""
    settings = read(os.environ if environment is None else environment)
    data_dir = settings.data_dir
    try:
        # As root PostgreSQL runs as someone else, who must be able to walk through (but not to look around).
        data_dir.mkdir(mode=0o711 if _is_root() else 0o700, parents=True, exist_ok=True)
        key = settings.secret_key or SecretStr(kept_secret(data_dir / "secret-key"))
    except OSError as error:
        raise Trouble(f"The data directory {data_dir} cannot be used: {error.strerror or error}.") from error
    return settings.model_copy(update={"secret_key": key})


def read(environment: Mapping[str, str]) -> Settings:
    """The settings that `environment` asks for; touches nothing. Raises `Trouble` with one sentence per bad setting."""
    known = {"PORT": "port"} | {_PREFIX + name.upper(): name for name in Settings.model_fields if name != "port"}
    given = {known[key]: value for key, value in environment.items() if key in known and value.strip()}
    complaints = [
        f"{key} is not a setting{_meant(key, list(known))}."
        for key in environment
        # Some orchestrators announce their services as NAME_PORT… and NAME_SERVICE…; MAILLAGE_TEST_… is the tests’.
        if key.startswith(_PREFIX) and key not in known and not re.match(r"MAILLAGE_(PORT|SERVICE|TEST_)", key)
    ]
    settings = None
    try:
        settings = Settings.model_validate(given)
    except ValidationError as error:
        names = {field: key for key, field in known.items()}
        complaints += [_sentence(problem, names) for problem in error.errors()]
    if settings is None or complaints:
        raise Trouble("\n".join(complaints))
    return settings.model_copy(update={"data_dir": settings.data_dir.expanduser().absolute()})


def _meant(key: str, known: list[str]) -> str:
    close = get_close_matches(key, known, n=1)
    return f" (did you mean {close[0]}?)" if close else ""


def _sentence(problem: Any, names: dict[str, str]) -> str:
    message = problem["msg"].removeprefix("Value error, ")
    if not problem["loc"]:
        return f"{message[0].upper()}{message[1:]}."
    field = str(problem["loc"][0])
    key = names.get(field, field)
    if field in {"database_url", "secret_key", "older_secret_keys", "smtp_url"}:
        return f"{key} {message}."
    if problem["type"] != "value_error":
        message = f"cannot be that ({message[0].lower()}{message[1:]})"
    return f"{key}={problem['input']!r} {message}."


def kept_secret(path: Path) -> str:
    """The secret kept in `path`, made first when there is none; readable by its owner only."""
    try:
        return path.read_text("ascii").strip()
    except FileNotFoundError:
        pass
    secret = secrets.token_urlsafe(48)
    # Written whole under another name first, so that a crash never leaves half a secret; linked, not renamed,
    # so that of two processes that start together one wins and both use its secret.
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secret + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        return path.read_text("ascii").strip()
    finally:
        draft.unlink()
    return secret


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0
