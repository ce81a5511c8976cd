"""The log: one JSON object a line on standard output, about acts and faults, never about persons."""

import logging
import sys
from contextvars import ContextVar
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Any, TextIO

import structlog
from pydantic_core import to_json
from structlog.typing import EventDict, Processor, WrappedLogger

from maillage.core.config import Settings
from maillage.core.faults import fault

# The reference number of the request under way, which every line that it causes carries.
request_id: ContextVar[str | None] = ContextVar("request_id", default=None)


def configure(settings: Settings, stream: TextIO | None = None) -> None:
    """Send our own lines and those of the libraries to `stream` (standard output), in the same form.

    In the demo on a terminal they are made for eyes; everywhere else for machines.
    """
    stream = stream or sys.stdout
    for_eyes = settings.env == "demo" and stream.isatty()
    rendered: Any = structlog.dev.ConsoleRenderer() if for_eyes else _as_json
    shared: list[Processor] = [
        _with_request_id,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        _without_persons,
    ]
    structlog.configure(
        processors=[*shared, rendered],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, rendered],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    # Chatty at INFO, and what they say there names addresses or payloads.
    for name in ("pgqueuer", "httpx", "httpx2", "httpcore2", "aiosmtplib"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _as_json(logger: WrappedLogger, method: str, event: EventDict) -> str:  # noqa: ARG001
    # Six times as fast as the standard library, for a line that every request writes.
    return to_json(event, fallback=repr).decode()


def _with_request_id(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:  # noqa: ARG001
    if "id" not in event and (number := request_id.get()) is not None:
        event["id"] = number
    return event


def _without_persons(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:  # noqa: ARG001
    """Exceptions become faults: their messages and their values may be somebody's words or address."""
    error = event.pop("exc_info", None)
    if error:
        error = sys.exc_info() if error is True else error
        error = error[1] if isinstance(error, tuple) else error
        if error is not None:
            event.update(fault(error).as_fields())
    return event


@lru_cache(4096)
def truncated(address: str) -> str:
    """Enough of a client's address to see where trouble comes from, too little to name anybody: /24 or /48."""
    try:
        ip = ip_address(address)
    except ValueError:
        return "-"
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    kept = 8 if ip.version == 4 else 80
    return str(type(ip)(int(ip) >> kept << kept))
