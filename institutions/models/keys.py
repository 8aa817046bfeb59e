"""What the programs of an institution sign in with."""

from datetime import datetime, timedelta
from typing import ClassVar, Self

import pghistory
import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from institutions.guards import Guard, refuse_sql
from institutions.models.registry import Institution
from institutions.models.users import Membership, User
from institutions.scoping import ScopedQuerySet

LONGEST = timedelta(days=731)  # two years, one of which may be a leap year


class ApiKeyQuerySet(ScopedQuerySet):
    def alive(self, moment: datetime) -> Self:
        """Neither revoked nor expired."""
        return self.filter(revoked_at=None, expires_at__gt=moment)

    def with_maker(self) -> Self:
        """With `maker_signs`: whether who made it still signs for the institution."""
        signs = Membership.objects.filter(
            user=OuterRef("made_by"),
            institution=OuterRef("institution"),
            role=Membership.Role.SIGNATORY,
            user__is_active=True,
        )
        return self.annotate(maker_signs=Exists(signs))

    def with_state(self, moment: datetime) -> Self:
        """With `state`, what becomes of whoever comes with it at that moment, and with `maker_signs`."""
        state = Case(
            When(revoked_at__isnull=False, then=Value(ApiKey.State.REVOKED)),
            When(expires_at__lte=moment, then=Value(ApiKey.State.EXPIRED)),
            When(maker_signs=False, then=Value(ApiKey.State.ORPHANED)),
            default=Value(ApiKey.State.SERVES),
            output_field=models.CharField(),
        )
        return self.with_maker().annotate(state=state)


@pghistory.track(exclude=["digest", "last_used_at"])
class ApiKey(models.Model):
    """One key of an institution: for which program, what it may do, until when, and who answers for what it does.

    The secret is kept as its SHA-256 alone; `prefix` is its beginning, by which people tell keys apart. Where the
    ministry has revoked it, `revoked_because` says why.
    """

    class Scope(models.TextChoices):
        READ = "read", pgettext_lazy("what a key may do", "read")
        WRITE = "write", _("write")
        SUBMIT = "submit", _("hand over for signature")

    class State(models.TextChoices):
        SERVES = "serves", pgettext_lazy("a key", "serves")
        ORPHANED = "orphaned", _("opens nothing")
        EXPIRED = "expired", _("expired")
        REVOKED = "revoked", _("revoked")

    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="api_keys", verbose_name=_("institution")
    )
    name = models.CharField(_("program"), max_length=60)
    scopes = ArrayField(models.CharField(max_length=10, choices=Scope), verbose_name=_("what it may do"))
    prefix = models.CharField(_("begins with"), max_length=20, unique=True)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("made by"))
    made_at = models.DateTimeField(_("made at"))
    expires_at = models.DateTimeField(_("expires at"))
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True)
    revoked_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("revoked by")
    )
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    revoked_because = models.TextField(_("why the ministry has revoked it"), blank=True, db_default="")

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("key")
        verbose_name_plural = _("keys")
        ordering: ClassVar[list[str]] = ["-made_at", "-pk"]
        default_permissions = ()
        permissions = [
            ("oversee_apikey", "Can see the keys of all institutions"),
            ("revoke_apikey", "Can revoke the key of an institution"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(scopes__len__gte=1, scopes__contained_by=["read", "write", "submit"]),
                name="institutions_apikey_has_scopes",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="institutions_apikey_has_a_name"),
            models.CheckConstraint(
                condition=Q(digest__regex="^[0-9a-f]{64}$"), name="institutions_apikey_digest"
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("made_at"), expires_at__lte=F("made_at") + LONGEST),
                name="institutions_apikey_expires_within_two_years",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None, revoked_by=None, revoked_because="")
                | Q(revoked_at__gte=F("made_at"), revoked_by__isnull=False),
                name="institutions_apikey_revocation_complete",
            ),
        ]
        triggers = [
            Guard(
                name="stays_as_it_was_made",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=refuse_sql("TG_OP = 'DELETE'", "a key is revoked and never deleted")
                + refuse_sql("OLD.revoked_at IS NOT NULL", "a key that was revoked is never changed")
                + refuse_sql(
                    "(to_jsonb(NEW) - '{last_used_at,revoked_at,revoked_by_id,revoked_because}'::text[])"
                    " <> (to_jsonb(OLD) - '{last_used_at,revoked_at,revoked_by_id,revoked_because}'::text[])",
                    "a key stays as it was made; make another",
                )
                + "RETURN NEW;",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} · {self.prefix}…"

    @property
    def label(self) -> str:
        """How the trail names it: neither part ever changes."""
        return f"{self.name} ({self.prefix}…)"

    @property
    def scope_names(self) -> str:
        return ", ".join(str(self.Scope(scope).label) for scope in self.scopes)

    def is_alive_at(self, moment: datetime) -> bool:
        return self.revoked_at is None and self.expires_at > moment

    @property
    def is_alive(self) -> bool:
        return self.is_alive_at(timezone.now())
