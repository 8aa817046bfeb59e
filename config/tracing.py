"""Who asked for what, from click to worker: each line of the log within a request or a task names what it is about.

A request binds its number, its person and its institution as they become known; a bell carries them to the worker in
the message's header, and the task's lines repeat them. What is done without a bell, because a sweep found its row, has
nobody who waits for it: there the row's own id in the line is enough.
"""

import time
from typing import Any

import structlog
from celery.signals import task_postrun, task_prerun
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.dispatch import receiver

from institutions.bell import carried
from institutions.tallying import TASK, refuse_sign_in, tally

log = structlog.get_logger(__name__)

# When each task began that this process is at; in a worker of Celery's default kind there is one at most.
began: dict[str, float] = {}


@task_prerun.connect
def begin(task_id: str, task: Any, args: Any = (), **_kwargs: Any) -> None:
    ids = [argument for argument in args if type(argument) is int]
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(
        **carried(task.request.headers), task=task.name, task_id=task_id, ids=ids
    )
    began[task_id] = time.monotonic()


@task_postrun.connect
def end(task_id: str, task: Any, state: str | None = None, **_kwargs: Any) -> None:
    """One line a task, and one more in the counts. A task whose process was killed has neither: it is done again."""
    seconds = time.monotonic() - began.pop(task_id, time.monotonic())
    outcome = "done" if state == "SUCCESS" else "failed"
    log.info("task ended", outcome=outcome, seconds=round(seconds, 3))
    tally(TASK, f"{task.name} {outcome}", seconds=seconds)
    structlog.contextvars.clear_contextvars()


@receiver(user_login_failed)
def count_failure(**_kwargs: Any) -> None:
    """A wrong password, wherever it was tried. Nothing of what was typed is looked at."""
    refuse_sign_in("password")


@receiver(user_logged_in)
def note_sign_in(user: Any, **_kwargs: Any) -> None:
    log.info("signed in", user=user.pk)
