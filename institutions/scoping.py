"""Whose row is this? The one way in for anyone who is signed in."""

from typing import TYPE_CHECKING, Any, Self

from django.db import models

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from institutions.models import User


class ScopedQuerySet(models.QuerySet[Any]):
    """Rows that belong to an institution."""

    def for_user(self, user: "User | AnonymousUser") -> Self:
        """What this user may see: the ministry all, members their institutions', others nothing."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.is_staff:
            return self.all()
        return self.filter(institution__memberships__user=user).distinct()
