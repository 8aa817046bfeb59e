"""The Celery application, and the worker that looks for work by itself even when nobody rings."""

import os
from typing import Any

import structlog
from celery import Celery, bootsteps
from celery.signals import beat_init, celeryd_init, setup_logging
from celery.worker import WorkController

from config import tracing  # noqa: F401 - whose handlers every process needs

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("qamtu")
app.config_from_object("config.delivery")
app.autodiscover_tasks()


@celeryd_init.connect
def listen_patiently(conf: Any, **_kwargs: Any) -> None:
    """A publisher gives up after half a second; a worker waits for messages, and has longer."""
    if conf.broker_url.startswith("redis"):
        from config.delivery import WORKER_TRANSPORT  # needs the settings, which are ready by now

        conf.broker_transport_options = WORKER_TRANSPORT


@beat_init.connect
def ring_at_once(**_kwargs: Any) -> None:
    """A fresh start is known to be whole without waiting for beat's first turn."""
    from config.delivery import HEARTBEAT

    try:
        app.send_task(HEARTBEAT, args=("beat",), expires=60, retry=False)
    except Exception as error:  # the broker may be away; the next turn comes anyway
        structlog.get_logger(__name__).warning("beat not rung", error=str(error))


@setup_logging.connect
def keep_logging(**_kwargs: Any) -> None:
    """The settings have set up logging already; Celery would replace it."""


class Rounds(bootsteps.StartStopStep):
    """Rings for the sweeps from within every worker: one worker alone, without beat, leaves nothing undone."""

    requires = ("celery.worker.components:Timer",)

    def start(self, worker: WorkController) -> None:
        from config.delivery import HEARTBEAT, HEARTBEAT_EVERY, SWEEP_EVERY, SWEEPS

        self.ring((*SWEEPS, HEARTBEAT))  # at once: after a crash there may be much to do
        worker.timer.call_repeatedly(SWEEP_EVERY, self.ring, (SWEEPS,))
        worker.timer.call_repeatedly(HEARTBEAT_EVERY, self.ring, ((HEARTBEAT,),))

    def ring(self, tasks: tuple[str, ...]) -> None:
        for task in tasks:
            try:
                app.send_task(task, expires=60, retry=False)
            except Exception as error:  # the broker may be away; the next round comes anyway
                structlog.get_logger(__name__).warning("round not rung", task=task, error=str(error))


app.steps["worker"].add(Rounds)
