"""Who asks, by `Authorization: Bearer` (RFC 6750), and whether the key reaches so far."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from institutions import keys
from institutions.api.problems import Problem
from institutions.models import ApiKey, User
from institutions.wall import beyond

REALM = 'Bearer realm="qamtu"'


class Bearer(BaseAuthentication):
    """`request.user` is who made the key and answers for it, `request.auth` the key."""

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        scheme, _space, secret = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        try:
            with beyond("whose a key is, is asked before it is known"):
                key = keys.find(secret.strip().decode("latin-1"))
        except keys.Unusable as error:
            raise challenge(str(error), "invalid_token") from error
        return key.made_by, key

    def authenticate_header(self, request: Request) -> str:
        return REALM


class HasScope(BasePermission):
    """The scope that the view names for the method."""

    def has_permission(self, request: Request, view: Any) -> bool:
        scope = view.scopes.get(request.method)
        if scope is None or scope in view.key.scopes:
            return True
        label = ApiKey.Scope(scope).label
        raise Problem(
            403,
            _("This needs a key with the scope “%(scope)s”: %(label)s. A signatory makes one under Keys.")
            % {"scope": scope, "label": label},
            code="insufficient_scope",
            headers={"WWW-Authenticate": f'{REALM}, error="insufficient_scope", scope="{scope}"'},
        )


def challenge(sentence: str, error: str = "") -> Problem:
    """401. Without a key nothing but the realm is said (RFC 6750, 3.1)."""
    header = f'{REALM}, error="{error}"' if error else REALM
    return Problem(401, sentence, code=error or "no_key", headers={"WWW-Authenticate": header})
