"""How the log looks: one JSON object a line for machines, coloured lines for people."""

from typing import Any

import structlog

from config.discretion import without_tokens

# Each line within a request or a task carries its ids; those of libraries go the same way as our own.
STEPS: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.TimeStamper(fmt="iso"),
    structlog.processors.format_exc_info,
    without_tokens,
]


def configure(*, level: str, readable: bool) -> dict[str, Any]:
    """Sets structlog up, and gives Django's setting LOGGING."""
    structlog.configure(
        processors=[*STEPS, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    machines = structlog.processors.JSONRenderer(ensure_ascii=False)
    lines = {
        "()": "structlog.stdlib.ProcessorFormatter",
        "processor": structlog.dev.ConsoleRenderer() if readable else machines,
        "foreign_pre_chain": STEPS,
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": lines},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            # Its lines repeat what django.request already says.
            "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
            # Of a task that has ended config.tracing writes the line; of one that failed, this one has the cause.
            "celery.app.trace": {"level": "WARNING"},
        },
    }
