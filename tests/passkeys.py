"""A security key in software: makes passkeys and signs with them as the standard says, and lies as it is told to."""

import json
import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

SITE = "http://localhost"
FLAG = AuthenticatorData.FLAG
SHOWN = FLAG.UP | FLAG.UV


@dataclass
class Authenticator:
    """One passkey. `count` is what it has counted: 0 stays 0, as with those that don't count."""

    count: int = 0
    private: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def make(self, asked: str, *, origin: str = SITE, flags: Any = SHOWN, challenge: str = "") -> str:
        """The answer to what a page asks of a new passkey."""
        options = json.loads(asked)
        said = self._said(CollectedClientData.TYPE.CREATE, challenge or options["challenge"], origin)
        public = ES256.from_cryptography_key(self.private.public_key())  # type: ignore[no-untyped-call]
        credential = AttestedCredentialData.create(bytes(16), self.id, public)
        data = AuthenticatorData.create(_site(options["rp"]["id"]), flags | FLAG.AT, self.count, credential)
        attested = AttestationObject.create("none", data, {})
        return self._answer({"clientDataJSON": said, "attestationObject": attested})

    def prove(
        self, asked: str, *, origin: str = SITE, flags: Any = SHOWN, challenge: str = "", site: str = ""
    ) -> str:
        """The answer to what a page asks of one that is known."""
        options = json.loads(asked)
        self.count += bool(self.count)
        said = self._said(CollectedClientData.TYPE.GET, challenge or options["challenge"], origin)
        data = AuthenticatorData.create(_site(site or options["rpId"]), flags, self.count)
        signature = self.private.sign(data + sha256(said).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer({"clientDataJSON": said, "authenticatorData": data, "signature": signature})

    def _said(self, kind: str, challenge: str, origin: str) -> bytes:
        return bytes(CollectedClientData.create(kind, challenge, origin))

    def _answer(self, response: dict[str, bytes]) -> str:
        name = websafe_encode(self.id)
        parts = {key: websafe_encode(value) for key, value in response.items()}
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": parts})


def _site(name: str) -> bytes:
    return sha256(name.encode()).digest()
