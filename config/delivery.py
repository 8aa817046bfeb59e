"""How Celery carries messages over Redis. Each value was tried against killed workers and silent connections;
`docs/architecture.md` says why none of it may be relied upon: the database holds the to-do list, Redis rings the bell.
"""

from typing import Any

from celery.schedules import crontab
from django.conf import settings

PREFIX = "qamtu:"

TASK_LIMIT = 120

# Publishers wait briefly, for nobody should wait for a bell. A worker, which listens, has longer (see `celery.py`).
WORKER_TRANSPORT: dict[str, Any] = {
    "visibility_timeout": 300,  # above the hard time limit, or one message runs several times
    "unacked_restore_interval": 5,  # with the next: a killed worker's task comes back in 18 s, not in 107 s
    "unacked_restore_throttle": 1,
    "socket_timeout": 5,  # without it a half-open connection stays silent for minutes
    "socket_connect_timeout": 2,
    "socket_keepalive": True,
    "health_check_interval": 10,
    "retry_on_timeout": False,
    "global_keyprefix": PREFIX,
}

broker_url = settings.REDIS_URL
if broker_url.startswith("unix://"):  # as Redis's own client has it; Celery says both otherwise
    broker_url = broker_url.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=", 1)

broker_transport_options: dict[str, Any] = {
    **WORKER_TRANSPORT,
    "socket_timeout": 0.5,
    "socket_connect_timeout": 0.5,
}
if broker_url.startswith("filesystem://"):
    folder = broker_url.removeprefix("filesystem://")
    broker_url = "filesystem://"
    broker_transport_options = {
        "data_folder_in": folder,
        "data_folder_out": folder,
        "control_folder": f"{folder}/control",
    }

broker_connection_retry_on_startup = True
broker_connection_max_retries = None

task_serializer = "json"
accept_content = ["json"]
task_ignore_result = True  # states live on our own rows; there is no result backend
task_publish_retry = False
task_default_queue = "qamtu"

task_acks_late = True
task_reject_on_worker_lost = True  # without it a killed child takes its task along
task_acks_on_failure = True  # a poisonous task must not loop; the sweep tries again
task_acks_on_timeout = True
task_time_limit = TASK_LIMIT
task_soft_time_limit = 90

worker_prefetch_multiplier = 1
worker_max_tasks_per_child = 200
worker_cancel_long_running_tasks_on_connection_loss = True
worker_soft_shutdown_timeout = 5
worker_enable_soft_shutdown_on_idle = True
worker_hijack_root_logger = False  # logs are one JSON object a line, like the web processes'
worker_send_task_events = False

timezone = settings.TIME_ZONE

SWEEP_EVERY = 30
HEARTBEAT_EVERY = 15
SWEEPS = (
    "curricula.tasks.sweep",
    "reports.tasks.sweep",
    "curricula.tasks.tell",
    "institutions.tasks.send_letters",
    "institutions.tasks.send_webhooks",
    "institutions.tasks.seal_trail",
)
HEARTBEAT = "institutions.tasks.heartbeat"

beat_schedule = {
    # A bell that nobody answered in time is rung again anyway: old ones expire rather than pile up.
    # Workers ring for it, too; this one says by its argument that beat lives.
    HEARTBEAT: {
        "task": HEARTBEAT,
        "args": ("beat",),
        "schedule": HEARTBEAT_EVERY,
        "options": {"expires": HEARTBEAT_EVERY},
    },
    **{task: {"task": task, "schedule": SWEEP_EVERY, "options": {"expires": SWEEP_EVERY}} for task in SWEEPS},
    # What was kept current through the day must equal the whole. (The first sweep of a day recomputes everything.)
    "check-live": {"task": "reports.tasks.check_live", "schedule": crontab(hour=23, minute=30)},
    "forget-answers": {"task": "institutions.tasks.forget_given_answers", "schedule": crontab(minute=20)},
    "forget-sessions": {"task": "institutions.tasks.forget_sessions", "schedule": crontab(hour=3, minute=15)},
    "forget-letters": {"task": "institutions.tasks.forget_letters", "schedule": crontab(hour=3, minute=10)},
    "forget-webhooks": {"task": "institutions.tasks.forget_webhooks", "schedule": crontab(hour=3, minute=20)},
    "delete-strays": {"task": "curricula.tasks.delete_strays", "schedule": crontab(hour=3, minute=30)},
}
