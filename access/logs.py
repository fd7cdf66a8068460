"""One line for each thing that happened: for people on a terminal, key=value everywhere else. ◆

Whatever logs through the standard library (Alembic, Celery, gunicorn) comes out in the same form. A value
whose key says that it is secret is never written, nor is a line break that could forge a line.
"""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog
from structlog.types import Processor

_SECRET = ("password", "secret", "seed", "cookie", "authorization", "otp_code", "private_key", "token_value")
_QUIET = ("alembic", "amqp", "celery", "kombu", "werkzeug")


def configure(process: str, stream: TextIO = sys.stderr) -> None:
    """Send every log line of this process to a stream, with the name of the process on it."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=False),
        _name_process(process),
        _hide_secrets,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_rendering(stream.isatty()),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def _rendering(terminal: bool) -> list[Processor]:
    if terminal:
        return [structlog.dev.ConsoleRenderer(colors=True)]
    order = ["timestamp", "level", "process", "event"]
    return [structlog.processors.format_exc_info, structlog.processors.LogfmtRenderer(key_order=order)]


def _name_process(process: str) -> Processor:
    def name(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event.setdefault("process", process)
        return event

    return name


def _hide_secrets(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key in event:
        if any(word in key.lower() for word in _SECRET):
            event[key] = "(hidden)"
    return event
