"""What proves a person besides the password: an authenticator app, passkeys, and codes for when they are lost."""

import pghistory
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from institutions.models.users import User


class SecondFactor(models.Model):
    """One person's authenticator app. Since when there is any second factor is `User.second_factor_since`.

    `secret` is sealed by `institutions.sealing`; `last_step` is the newest code that was used: none serves twice.
    """

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="second_factor")
    secret = models.TextField(editable=False)
    last_step = models.BigIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("second factor")
        verbose_name_plural = _("second factors")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.user)


@pghistory.track(
    pghistory.InsertEvent(), pghistory.DeleteEvent(), exclude=["credential", "sign_count", "used_at"]
)
class Passkey(models.Model):
    """One passkey of a person: a key of a telephone, a computer or a stick, which signs for this site alone (WebAuthn).

    `credential` has its public half, as the standard's attested credential data; `sign_count` is what the passkey had
    counted when it was used last, 0 where it doesn't count. `key` is the standard's credential ID in base64url.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="passkeys", verbose_name=_("user"))
    name = models.CharField(_("name"), max_length=60)
    key = models.CharField(max_length=1400, unique=True, editable=False)
    credential = models.BinaryField()
    sign_count = models.BigIntegerField(default=0, editable=False)
    made_at = models.DateTimeField(_("made at"), default=timezone.now, editable=False)
    used_at = models.DateTimeField(_("last used at"), null=True, editable=False)

    class Meta:
        verbose_name = _("passkey")
        verbose_name_plural = _("passkeys")
        default_permissions = ()

    def __str__(self) -> str:
        return self.name


@pghistory.track(exclude=["digest"])
class RecoveryCode(models.Model):
    """One code for when the app is lost. It serves once; only its digest is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="recovery_codes", verbose_name=_("user"))
    digest = models.CharField(max_length=128, editable=False)
    made_at = models.DateTimeField(_("made at"), default=timezone.now)
    used_at = models.DateTimeField(_("used at"), null=True)

    class Meta:
        verbose_name = _("recovery code")
        verbose_name_plural = _("recovery codes")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["user", "digest"], name="institutions_recoverycode_once"),
        ]

    def __str__(self) -> str:
        return str(self.user)
