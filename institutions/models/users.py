"""Who signs in, and for which institution."""

from datetime import UTC
from typing import Any, ClassVar

import pghistory
from django.conf import settings
from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractUser, Group
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from institutions.scoping import ScopedQuerySet
from institutions.wall import beyond


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


@pghistory.track(exclude=["password", "last_login"])
class User(AbstractUser):
    """A person with an account; signs in by e-mail. Staff are the ministry's."""

    username = None  # type: ignore[assignment]
    email = models.EmailField(_("e-mail"), unique=True)
    # Which language letters are written in; "" until the person has chosen one or signed in for the first time.
    language = models.CharField(
        _("language of letters"),
        max_length=2,
        choices=settings.LANGUAGES,
        blank=True,
        default="",
        db_default="",
    )
    quiet = ArrayField(
        models.CharField(max_length=20),
        default=list,
        db_default=[],
        blank=True,
        editable=False,
        verbose_name=_("letters not wanted"),
    )

    second_factor_since = models.DateTimeField(
        _("second factor since"), null=True, blank=True, editable=False
    )
    # Sessions from before are over: it is part of what each session is compared with.
    signed_out_at = models.DateTimeField(_("signed out everywhere at"), null=True, blank=True, editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()  # type: ignore[assignment,misc]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [models.UniqueConstraint(Lower("email"), name="institutions_user_email_any_case")]

    def __str__(self) -> str:
        return self.get_full_name() or self.email

    def _get_session_auth_hash(self, secret: Any = None) -> str:
        """Django's own, which changes with the password; once a person was signed out everywhere, also with that."""
        since: str = super()._get_session_auth_hash(secret=secret)  # type: ignore[misc]
        if self.signed_out_at is None:
            return since
        moment = self.signed_out_at.astimezone(UTC).isoformat()
        return salted_hmac(
            "institutions.User.signed_out_at", f"{since}{moment}", secret=secret, algorithm="sha256"
        ).hexdigest()

    @cached_property
    def roles(self) -> dict[int, frozenset[str]]:
        """Names of roles by the id of the institution. One query, kept for as long as this object lives."""
        found: dict[int, set[str]] = {}
        with beyond("which institutions somebody belongs to is asked before they are named"):
            for institution_id, role in self.memberships.values_list("institution_id", "role"):
                found.setdefault(institution_id, set()).add(role)
        return {institution_id: frozenset(roles) for institution_id, roles in found.items()}


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Membership(models.Model):
    """A user's role at an institution; a person may have several."""

    class Role(models.TextChoices):
        EDITOR = "editor", _("editor")
        SIGNATORY = "signatory", _("signatory")
        VIEWER = "viewer", _("viewer")

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships", verbose_name=_("user"))
    institution = models.ForeignKey(
        "institutions.Institution", models.CASCADE, related_name="memberships", verbose_name=_("institution")
    )
    role = models.CharField(_("role"), max_length=10, choices=Role)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "user", "role"], name="institutions_membership_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.institution} · {self.get_role_display()}"


# Groups are kept by plain names, which permissions hang on; what people read is this.
ROLES = {
    "reviewer": pgettext_lazy("role at the ministry", "reviewer"),
    "lead": pgettext_lazy("role at the ministry", "lead"),
    "data-steward": pgettext_lazy("role at the ministry", "data steward"),
    "auditor": pgettext_lazy("role at the ministry", "auditor"),
}


def role_name(group: Group) -> str:
    return str(ROLES.get(group.name, group.name))


@pghistory.track(pghistory.InsertEvent(), pghistory.DeleteEvent())
class MinistryRole(User.groups.through):  # type: ignore[name-defined]
    """That somebody has a role in the ministry: the row that Django keeps, under a name that the trail tells it by."""

    class Meta:
        proxy = True
        verbose_name = _("role in the ministry")
        verbose_name_plural = _("roles in the ministry")

    def __str__(self) -> str:
        return f"{self.user} · {role_name(self.group)}"


@pghistory.track(pghistory.InsertEvent(), pghistory.DeleteEvent())
class PersonalRight(User.user_permissions.through):  # type: ignore[name-defined]
    """A right that a superuser has given to one person, besides what roles give."""

    class Meta:
        proxy = True
        verbose_name = _("right of a person")
        verbose_name_plural = _("rights of persons")

    def __str__(self) -> str:
        return f"{self.user} · {self.permission}"


@pghistory.track(pghistory.InsertEvent(), pghistory.DeleteEvent())
class RoleRight(Group.permissions.through):  # type: ignore[name-defined]
    """What a role may do; the program's own roles get their rights from `reports/reference/roles.py`."""

    class Meta:
        proxy = True
        verbose_name = _("right of a role")
        verbose_name_plural = _("rights of roles")

    def __str__(self) -> str:
        return f"{role_name(self.group)} · {self.permission}"


class SignInAttempt(models.Model):
    """One wrong attempt to sign in as `email` from `address`; forgotten after a while, see `institutions.guessing`."""

    email = models.CharField(max_length=254)
    address = models.CharField(max_length=45)
    tried_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("attempt to sign in")
        verbose_name_plural = _("attempts to sign in")
        indexes = [models.Index(fields=["email", "address", "tried_at"], name="sign_in_attempt_by_pair")]

    def __str__(self) -> str:
        return f"{self.email}, {self.address}"
