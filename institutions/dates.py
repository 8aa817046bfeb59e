"""Moments as people read them: in the country's time, in the form of the reader's language."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format


def day_and_time(at: datetime) -> str:
    return date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT")
