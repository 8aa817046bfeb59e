"""Who was asked to join an institution, and what became of it."""

from datetime import datetime
from typing import ClassVar, Self

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from institutions.guards import Guard, refuse_sql
from institutions.models.registry import Institution
from institutions.models.users import Membership, User
from institutions.scoping import ScopedQuerySet


class InvitationQuerySet(ScopedQuerySet):
    def pending(self) -> Self:
        """Neither accepted nor revoked; some may have expired, and can be sent again."""
        return self.filter(accepted_at=None, revoked_at=None)


@pghistory.track(exclude=["token_hash"])
class Invitation(models.Model):
    """One e-mail address that was asked to join an institution with roles, by a link that works once.

    The link's token is kept as a hash only: whoever reads this table can't join by it.
    """

    class State(models.TextChoices):
        OPEN = "open", _("waiting for an answer")
        EXPIRED = "expired", _("expired")
        ACCEPTED = "accepted", _("accepted")
        REVOKED = "revoked", _("revoked")

    institution = models.ForeignKey(
        Institution, models.CASCADE, related_name="invitations", verbose_name=_("institution")
    )
    email = models.EmailField(_("e-mail"))
    roles = ArrayField(models.CharField(max_length=10, choices=Membership.Role), verbose_name=_("roles"))
    language = models.CharField(_("language of the letter"), max_length=2, choices=settings.LANGUAGES)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("invited by"))
    invited_at = models.DateTimeField(_("invited at"))
    expires_at = models.DateTimeField(_("expires at"))
    accepted_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("accepted by")
    )
    accepted_at = models.DateTimeField(_("accepted at"), null=True, blank=True)
    revoked_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("revoked by")
    )
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering: ClassVar[list[str]] = ["-invited_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                "institution",
                Lower("email"),
                condition=Q(accepted_at=None, revoked_at=None),
                name="institutions_invitation_one_pending",
            ),
            models.CheckConstraint(
                condition=Q(roles__len__gte=1, roles__contained_by=Membership.Role.values),
                name="institutions_invitation_has_roles",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("invited_at")), name="institutions_invitation_expires_later"
            ),
            models.CheckConstraint(
                condition=Q(accepted_at=None, accepted_by=None)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False),
                name="institutions_invitation_acceptance_complete",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None, revoked_by=None)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="institutions_invitation_revocation_complete",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at=None) | Q(revoked_at=None),
                name="institutions_invitation_one_end",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at=None) | Q(accepted_at__lt=F("expires_at")),
                name="institutions_invitation_accepted_in_time",
            ),
        ]
        triggers = [
            Guard(
                name="ends_only_once",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func=refuse_sql(
                    "OLD.accepted_at IS NOT NULL OR OLD.revoked_at IS NOT NULL",
                    "an invitation that was accepted or revoked is never changed",
                )
                + "RETURN NEW;",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} · {self.institution}"

    def state_at(self, moment: datetime) -> str:
        if self.accepted_at:
            return self.State.ACCEPTED
        if self.revoked_at:
            return self.State.REVOKED
        return self.State.EXPIRED if self.expires_at <= moment else self.State.OPEN

    @property
    def state(self) -> str:
        return self.state_at(timezone.now())

    @property
    def role_names(self) -> str:
        return ", ".join(str(Membership.Role(role).label) for role in self.roles)
