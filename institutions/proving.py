"""The second factor, an app or passkeys: set up by its person, proved at each sign-in, reset by another with a reason.

Who has none, and needs one, is nobody until it is set up: `is_proven` is asked wherever a session is taken for a person
(`config.middleware.ProvenMiddleware`).
"""

import time
from collections.abc import Mapping
from typing import Any

import pghistory
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from institutions import codes
from institutions.access import SIGNATORY
from institutions.errors import Refused
from institutions.guessing import allow_attempt, forget_attempts
from institutions.models import Passkey, RecoveryCode, SecondFactor, User
from institutions.sealing import keys, seal, unseal
from institutions.tallying import refuse_sign_in

SESSION_KEY = "second_factor"
MOST_PASSKEYS = 10

# Of recovery codes, which are sixty random bits: with so many rounds it takes hundreds of years to find one of ten, at
# 10^11 hashes a second, and a tenth of a second for us to make them.
HASHER, HASH_ROUNDS = PBKDF2PasswordHasher(), 20_000


def is_required(user: User) -> bool:
    """Whether this person can't do without: the ministry's, and who signs for a university; all or none if
    SECOND_FACTOR says so."""
    if settings.SECOND_FACTOR in ("", "everybody"):
        return bool(settings.SECOND_FACTOR)
    return user.is_staff or user.is_superuser or any(SIGNATORY in roles for roles in user.roles.values())


def is_asked_of(user: User) -> bool:
    """Whether a password alone does not let this person in."""
    return user.second_factor_since is not None or is_required(user)


def mark(user: User) -> str:
    """What a session carries that was proved; another one once the factor has been set up anew."""
    return user.second_factor_since.isoformat() if user.second_factor_since else ""


def is_proven(user: User, session: Mapping[str, Any]) -> bool:
    return not is_asked_of(user) or (
        user.second_factor_since is not None and session.get(SESSION_KEY) == mark(user)
    )


def set_up(*, user: User, secret: str, typed: str, further: bool = False) -> list[str]:
    """Keep the app's secret, once a code of it was typed. Returns the recovery codes, which are shown this once; none
    where there was another second factor before.
    `further` is for whoever is signed in; who has shown a password only can't add to what is there.

    Sessions that are open elsewhere have not proved it, and end.
    """
    _brake(user)
    step = codes.step_of(codes.plain(typed), secret=secret, at=time.time())
    if step is None:
        raise _wrong()
    with pghistory.context(user=user.pk, action="set up second factor"), transaction.atomic():
        if SecondFactor.objects.filter(user=_locked(user, further=further)).exists():
            raise Refused(_("An app is set up already."), code="already")
        SecondFactor.objects.create(user=user, secret=seal(secret), last_step=step)
        made = _begin(user)
    forget_attempts(_key(user), "")
    return made


def add_passkey(
    *, user: User, name: str, session: SessionBase, answer: str, further: bool = False
) -> list[str]:
    """Keep the passkey that the browser has made. Returns the recovery codes if it is the first second factor."""
    from institutions import passkeys  # its library is large, and only web processes need it

    passkey = passkeys.read_new(session, answer)
    passkey.user, passkey.name = user, " ".join(name.split())[:60] or _("Passkey")
    with pghistory.context(user=user.pk, action="add passkey"), transaction.atomic():
        if _locked(user, further=further).passkeys.count() >= MOST_PASSKEYS:
            raise Refused(
                _("You have %(most)d passkeys already. Remove one first.") % {"most": MOST_PASSKEYS},
                field="passkey",
                code="too_many",
            )
        if Passkey.objects.filter(key=passkey.key).exists():
            raise Refused(_("This passkey is known here already."), field="passkey", code="known")
        passkey.save()
        return _begin(user)


def remove(*, user: User, number: int | None) -> None:
    """A passkey by its number, or the app by None; never the only second factor: see `give_up`."""
    with pghistory.context(user=user.pk, action="remove second factor"), transaction.atomic():
        ways: list[Any] = [*_locked(user).passkeys.all(), *SecondFactor.objects.filter(user=user)]
        found = [way for way in ways if getattr(way, "id", None) == number]
        if not found:
            raise Refused(_("It was removed already."), code="none")
        if len(ways) == 1:
            raise Refused(_("This is your only second factor. Set up another one first."), code="only")
        found[0].delete()


def prove(*, user: User, typed: str = "", session: SessionBase | None = None, answer: str = "") -> bool:
    """Take a code of the app or a recovery code, each of which serves once, or what a passkey of this person answers to
    what `session` was asked. True if it was a recovery code."""
    if session is not None and answer:
        from institutions import passkeys  # as above

        passkeys.prove(session, answer, user)
        return False
    _brake(user)
    plain = codes.plain(typed)
    with pghistory.context(user=user.pk, action="use recovery code"), transaction.atomic():
        used_recovery = not plain.isdecimal()
        taken = _take_recovery_code(user, plain) if used_recovery else _take_code(user, plain)
    if not taken:
        raise _wrong()
    forget_attempts(_key(user), "")
    return used_recovery


def renew_recovery_codes(*, user: User, **proof: Any) -> list[str]:
    """New ones, after `prove`; the old ones serve no more."""
    prove(user=user, **proof)
    with pghistory.context(user=user.pk, action="renew recovery codes"), transaction.atomic():
        return _make_recovery_codes(user)


def give_up(*, user: User, **proof: Any) -> None:
    """A person does without again, where that is allowed, after `prove`."""
    if is_required(user):
        raise Refused(
            _("You can't do without: what you may do here takes a second factor."),
            code="required",
        )
    prove(user=user, **proof)
    with pghistory.context(user=user.pk, action="give up second factor"), transaction.atomic():
        _forget(user)


def reset(*, user: User, by: User | None, reason: str) -> User:
    """Somebody else takes away a lost factor, and says why; the person is signed out and sets up a new one.

    Whether `by` may is asked by who calls: it takes the same rights as to give that person a new password. None is
    the command of the system's administrator.
    """
    if by is not None and by.pk == user.pk:
        raise Refused(_("Your own second factor is reset by somebody else."), code="own")
    if not reason.strip():
        raise Refused(_("Say why: the trail keeps it."), field="reason", code="no_reason")
    who = {"user": by.pk} if by else {}
    with pghistory.context(**who, action="reset second factor", reason=reason.strip()), transaction.atomic():
        if _locked(user).second_factor_since is None:
            raise Refused(_("There is no second factor to reset."), code="none")
        _forget(user)
        _end_sessions(user)
    return user


def sign_out_everywhere(*, user: User, by: User) -> None:
    """All sessions of the person end, the one that asks included unless it is told of the change."""
    with pghistory.context(user=by.pk, action="sign out everywhere"), transaction.atomic():
        _end_sessions(user)


def _end_sessions(user: User) -> None:
    user.signed_out_at = timezone.now()
    user.save(update_fields=["signed_out_at"])


def _locked(user: User, *, further: bool = True) -> User:
    locked = User.objects.select_for_update().get(pk=user.pk)
    if locked.second_factor_since is not None and not further:
        raise Refused(_("A second factor is set up already."), code="already")
    return locked


def _begin(user: User) -> list[str]:
    """From the first second factor on there is one, with recovery codes, which are returned; a further one changes
    neither, so that nobody is signed out by it."""
    if _locked(user).second_factor_since is not None:
        return []
    user.second_factor_since = timezone.now()
    user.save(update_fields=["second_factor_since"])
    return _make_recovery_codes(user)


def _forget(user: User) -> None:
    SecondFactor.objects.filter(user=user).delete()
    Passkey.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()
    user.second_factor_since = None
    user.save(update_fields=["second_factor_since"])


def _take_code(user: User, typed: str) -> bool:
    factor = SecondFactor.objects.select_for_update().filter(user=user).first()
    secret = unseal(factor.secret) if factor else None
    if factor is None or secret is None:
        return False
    step = codes.step_of(typed, secret=secret, at=time.time(), after=factor.last_step)
    if step is None:
        return False
    factor.last_step, factor.secret = step, seal(secret)  # anew, for it may have been under a key of before
    factor.save(update_fields=["last_step", "secret"])
    return True


def _take_recovery_code(user: User, typed: str) -> bool:
    free = RecoveryCode.objects.filter(user=user, used_at=None)
    kept = [digest.split("$") for digest in free.values_list("digest", flat=True)]
    salts = {parts[2] for parts in kept if len(parts) > 1}  # one, as codes are made together
    digests = [*(_digest(typed, salt) for salt in salts), *(_digest_of_before(typed, key) for key in keys())]
    return free.filter(digest__in=digests).update(used_at=timezone.now()) == 1


def _make_recovery_codes(user: User) -> list[str]:
    RecoveryCode.objects.filter(user=user).delete()
    made, salt = codes.new_recovery_codes(), HASHER.salt()
    RecoveryCode.objects.bulk_create(
        [RecoveryCode(user=user, digest=_digest(codes.plain(code), salt)) for code in made]
    )
    return made


def _digest(plain: str, salt: str) -> str:
    """Of no key, so that codes on paper serve on when SECRET_KEY is exchanged."""
    return HASHER.encode(plain, salt, HASH_ROUNDS)


def _digest_of_before(plain: str, key: str) -> str:
    """As version 1.0 kept them: good as long as the key is among SECRET_KEY and SECRET_KEY_FALLBACKS."""
    return salted_hmac("institutions.RecoveryCode", plain, secret=key, algorithm="sha256").hexdigest()


def _brake(user: User) -> None:
    """By account, wherever from: whoever is here knows the password, and must not try a million codes."""
    if not allow_attempt(_key(user), ""):
        raise Refused(
            _("Too many wrong codes. Try again in a quarter of an hour."), field="code", code="resting"
        )


def _key(user: User) -> str:
    return f"second factor of {user.pk}"


def _wrong() -> Refused:
    refuse_sign_in("second factor")
    return Refused(
        _("This code does not fit. Take the one that the app shows now; each serves once."),
        field="code",
        code="wrong",
    )
