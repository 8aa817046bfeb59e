"""The way in for asynchronous web servers."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ["QAMTU_PROCESS"] = "web"

application = get_asgi_application()

from institutions.wall.starting import refuse_without_wall  # noqa: E402 - settings are there by now

refuse_without_wall()
