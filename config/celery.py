"""Background work: how Celery carries tasks. Why it is safe although messages get lost: docs/architecture.md."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("qamtu")
app.config_from_object("config.delivery")
app.autodiscover_tasks()
