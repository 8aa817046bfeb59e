"""Sessions: Django's own rows, which say besides whose they are, since when, from where and by which browser."""

from typing import Any

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from institutions.models.users import User


class Session(AbstractBaseSession):
    """One browser that somebody is signed in with; or a visitor's, while `user` is empty. Written by `sessions`."""

    user = models.ForeignKey(
        User, models.CASCADE, null=True, related_name="sessions", verbose_name=_("user"), editable=False
    )
    begun_at = models.DateTimeField(_("signed in at"), null=True, editable=False)
    seen_at = models.DateTimeField(_("last seen at"), default=timezone.now, editable=False)
    address = models.CharField(_("address"), max_length=45, default="", editable=False)
    browser = models.CharField(_("browser"), max_length=300, default="", editable=False)

    class Meta(AbstractBaseSession.Meta):
        abstract = False
        default_permissions = ()

    @classmethod
    def get_session_store_class(cls) -> Any:
        from institutions.sessions import SessionStore  # which needs this model

        return SessionStore
