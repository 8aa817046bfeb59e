"""Passkeys (WebAuthn level 2): what a browser is asked, and what is made of its answer.

A passkey signs a challenge for one site and after its owner has shown a finger, a face or a PIN: no false site gets an
answer that serves here, and having the key is not enough. Each challenge serves once and for five minutes, and lies in
the session. The standard's checks are `fido2`'s; that the counter has moved on is asked here.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase as Session
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from fido2.server import Fido2Server
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    CollectedClientData,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialType,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from institutions.errors import Refused
from institutions.models import Passkey, User
from institutions.tallying import refuse_sign_in

SECONDS = 300
LONGEST_ANSWER, LONGEST_ID = 20_000, 1023
# Where the session keeps what was asked last.
NEW, PROOF = "passkey_new", "passkey_proof"


def are_possible() -> bool:
    """Passkeys belong to a name: at an address of numbers, as a machine of one's own may have, browsers refuse them."""
    try:
        ip_address(_host())
    except ValueError:
        return True
    return False


def ask_for_new(session: Session, user: User) -> str:
    """What the browser is asked to make a passkey by, in JSON: of what has one of this person's already, no second."""
    options, state = _server().register_begin(
        PublicKeyCredentialUserEntity(id=_handle(user), name=user.email, display_name=str(user)),
        credentials=_descriptors(user),
        resident_key_requirement=ResidentKeyRequirement.PREFERRED,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return _keep(session, NEW, state, dict(options.public_key))


def ask_for_proof(session: Session, user: User | None) -> str:
    """What the browser is asked to prove itself by, in JSON. Of nobody in particular: by whichever passkey for this
    site it has at hand."""
    options, state = _server().authenticate_begin(
        credentials=_descriptors(user) if user else None,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return _keep(session, PROOF, state, dict(options.public_key))


def read_new(session: Session, answer: str) -> Passkey:
    """The passkey that the browser has made, unsaved: its owner and its name come from who calls."""
    state = _take(session, NEW)
    with _refusing():
        said = RegistrationResponse.from_dict(_parsed(answer))
        _refuse_frames(said.response.client_data)
        made = _server().register_complete(state, said)
        credential = made.credential_data
        if credential is None or len(credential.credential_id) > LONGEST_ID:
            raise ValueError("no credential, or one beyond the standard")
    return Passkey(
        key=websafe_encode(credential.credential_id), credential=bytes(credential), sign_count=made.counter
    )


def prove(session: Session, answer: str, user: User | None) -> Passkey:
    """The passkey that has answered: one of this person's, or anybody's of nobody in particular.

    Its row is locked until the count is written: of two answers with one count, one serves.
    """
    try:
        return _proven(session, answer, user)
    except Refused as refused:
        if refused.code == "wrong":
            refuse_sign_in("passkey")
        raise


def _proven(session: Session, answer: str, user: User | None) -> Passkey:
    state = _take(session, PROOF)
    with _refusing():
        said = AuthenticationResponse.from_dict(_parsed(answer))
        _refuse_frames(said.response.client_data)
        count = said.response.authenticator_data.counter
    with transaction.atomic():
        known = Passkey.objects.select_for_update(of=("self",)).select_related("user")
        known = known.filter(key=websafe_encode(said.raw_id), user__is_active=True)
        passkey = (known.filter(user=user) if user else known).first()
        if passkey is None:
            raise _wrong()
        with _refusing():
            credential = AttestedCredentialData(bytes(passkey.credential))
            _server().authenticate_complete(state, [credential], said)
        if (count or passkey.sign_count) and count <= passkey.sign_count:
            raise _wrong()  # there is a copy of the key
        passkey.sign_count, passkey.used_at = count, timezone.now()
        passkey.save(update_fields=["sign_count", "used_at"])
    return passkey


@contextmanager
def _refusing() -> Iterator[None]:
    """What a stranger sends may break the reading in many ways: all are one answer."""
    try:
        yield
    except Exception as error:
        raise _wrong() from error


def _refuse_frames(said: CollectedClientData) -> None:
    if said.cross_origin:
        raise ValueError("asked within a page of somebody else")


def _parsed(answer: str) -> Any:
    if len(answer) > LONGEST_ANSWER:
        raise ValueError("too long")
    return json.loads(answer)


def _server() -> Fido2Server:
    """This site's: an answer that was signed for another origin, even one of the same machine, serves nothing."""
    return Fido2Server(
        PublicKeyCredentialRpEntity(id=_host(), name="Qamtu"),
        verify_origin=lambda said: said == settings.SITE_URL,
    )


def _host() -> str:
    return urlsplit(settings.SITE_URL).hostname or ""


def _handle(user: User) -> bytes:
    """What the passkey knows its person by: no name and no number that means anything elsewhere."""
    return salted_hmac("institutions.passkeys", str(user.pk), algorithm="sha256").digest()


def _descriptors(user: User) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(type=PublicKeyCredentialType.PUBLIC_KEY, id=websafe_decode(key))
        for key in user.passkeys.values_list("key", flat=True)
    ]


def _keep(session: Session, where: str, state: Any, options: dict[str, Any]) -> str:
    session[where] = {**state, "at": int(time.time())}
    return json.dumps(options)


def _take(session: Session, where: str) -> Any:
    """What was asked, once."""
    state = session.pop(where, None)
    if not state or not 0 <= time.time() - state["at"] <= SECONDS:
        raise Refused(_("That took too long. Press the button once more."), field="passkey", code="late")
    return state


def _wrong() -> Refused:
    return Refused(
        _("This passkey does not fit. Try again, or take another way."), field="passkey", code="wrong"
    )
