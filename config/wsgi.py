"""The web server's way in."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ["QAMTU_PROCESS"] = "web"

application = get_wsgi_application()

from institutions.wall.starting import refuse_without_wall  # noqa: E402 - settings are there by now

refuse_without_wall()
