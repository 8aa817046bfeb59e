"""Wires the apps together: settings, addresses, background work, embedded services."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
