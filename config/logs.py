"""The log: one JSON object a line for machines, coloured lines for people. Each within a request carries its id."""

from typing import Any

import structlog

from config.discretion import without_tokens

STEPS: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.TimeStamper(fmt="iso"),
    structlog.processors.format_exc_info,
    without_tokens,
]


def configured(*, level: str, readable: bool) -> dict[str, Any]:
    """Django's LOGGING; structlog is set up beside it, so that lines of both look alike."""
    structlog.configure(
        processors=[*STEPS, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    written: Any = (
        structlog.dev.ConsoleRenderer() if readable else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "lines": {
                "()": "structlog.stdlib.ProcessorFormatter",
                "processor": written,
                "foreign_pre_chain": STEPS,
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            # Its lines repeat what django.request already says.
            "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
            # Of a task that has ended config.tracing writes the line; of one that failed, this one has the cause.
            "celery.app.trace": {"handlers": [], "level": "WARNING", "propagate": True},
        },
    }
