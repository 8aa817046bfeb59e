"""A university's system that listens on https, keeps what it is told, and can be told to fail in every way."""

import base64
import hashlib
import hmac
import ipaddress
import json
import socketserver
import ssl
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import Message
from functools import cache
from http.client import parse_headers
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from institutions.models import Institution, Webhook


@dataclass
class Told:
    """One message as it came in."""

    path: str
    headers: Message
    body: bytes

    @property
    def id(self) -> str:
        return str(self.headers["webhook-id"])

    @property
    def content(self) -> dict[str, Any]:
        return dict(json.loads(self.body))

    def signature(self, secret: str) -> str:
        """Worked out here anew, as a receiver does."""
        signed = f"{self.id}.{self.headers['webhook-timestamp']}.".encode() + self.body
        key = base64.b64decode(secret.removeprefix("whsec_"))
        return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


class Conversation(socketserver.BaseRequestHandler):
    server: "Receiver"

    def handle(self) -> None:
        with suppress(OSError), self.server.context.wrap_socket(self.request, server_side=True) as connection:
            stream = connection.makefile("rb")
            _method, path, _version = stream.readline().decode().split(" ")
            headers: Message = parse_headers(stream)
            body = stream.read(int(headers["Content-Length"]))
            self.server.told.append(Told(path, headers, body))
            self.server.arriving.set()
            getattr(self, self.server.behaviour)(connection)

    def answers(self, connection: ssl.SSLSocket) -> None:
        time.sleep(self.server.slowness)
        words = self.server.words
        head = f"HTTP/1.1 {self.server.status} Words\r\n{self.server.headers}Content-Length: {len(words)}\r\n\r\n"
        connection.sendall(head.encode() + words)

    def closes(self, connection: ssl.SSLSocket) -> None:
        connection.sendall(b"HTTP/1.1 20")

    def says_nothing(self, connection: ssl.SSLSocket) -> None:
        self.server.enough.wait(60)

    def trickles(self, connection: ssl.SSLSocket) -> None:
        """A byte now and then: no single wait is long."""
        for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 10_000:
            if self.server.enough.wait(0.05):
                return
            connection.sendall(bytes([byte]))

    def never_ends(self, connection: ssl.SSLSocket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        while not self.server.enough.is_set():
            connection.sendall(b"more " * 1000)
            self.server.sent += 5000

    def never_ends_its_headers(self, connection: ssl.SSLSocket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while not self.server.enough.is_set():
            connection.sendall(b"X-More: " + b"m" * 1000 + b"\r\n")

    def speaks_otherwise(self, connection: ssl.SSLSocket) -> None:
        connection.sendall(b"220 mail.kaznu.kz ESMTP\r\n")


class Receiver(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 50

    def __init__(self, folder: Path, *, trusted: bool = True, name: str = "") -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.told: list[Told] = []
        self.behaviour, self.status, self.words, self.headers = "answers", 204, b"", ""
        self.slowness, self.sent = 0.0, 0
        self.arriving, self.enough = threading.Event(), threading.Event()
        self.authority = folder / "authority.pem"
        key, chain, authority = certificate(name)
        (folder / "key.pem").write_bytes(key)
        (folder / "chain.pem").write_bytes(chain)
        self.authority.write_bytes(authority if trusted else certificate("another")[2])
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(folder / "chain.pem", folder / "key.pem")
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def address(self) -> str:
        return f"https://localhost:{self.port}/qamtu?from=here"

    @property
    def environment(self) -> dict[str, Any]:
        """By which a worker may reach it and trusts it."""
        return {"WEBHOOKS_TO_THIS_MACHINE": "on", "SSL_CERT_FILE": str(self.authority)}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_what: object) -> None:
        self.enough.set()
        self.shutdown()
        self.server_close()


@cache
def certificate(name: str = "") -> tuple[bytes, bytes, bytes]:
    """Key, certificate and authority, for `name` or for localhost and 127.0.0.1."""
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Authority of a test {name}")])
    names: list[x509.GeneralName] = [x509.DNSName(name or "localhost")]
    if not name:
        names.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
    now = datetime.now(UTC)

    def built(subject: x509.Name, public: Any, extension: Any) -> x509.Certificate:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(extension, critical=False)
            .sign(authority_key, hashes.SHA256())
        )

    authority = built(issuer, authority_key.public_key(), x509.BasicConstraints(ca=True, path_length=None))
    own = built(x509.Name([]), key.public_key(), x509.SubjectAlternativeName(names))
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return private, own.public_bytes(pem), authority.public_bytes(pem)


def make_webhook(institution: "Institution | None" = None, **over: Any) -> "Webhook":
    """Of a system on the internet that wants all events, unless told."""
    from institutions.models import Webhook
    from institutions.webhooks import signing
    from tests.factories import make_institution, make_member

    institution = institution or make_institution()
    taken = institution.webhooks.count()
    return Webhook.objects.create(
        **{
            "institution": institution,
            "number": taken + 1,
            "address": f"https://sis.kaznu.kz/hooks/{taken}",
            "wants": Webhook.Event.values,
            "secret": signing.new_secret(),
            "made_by": over.get("made_by") or make_member(institution, "signatory"),
            **over,
        }
    )


def make_message(webhook: "Webhook | None" = None, **over: Any) -> Any:
    """One that waits."""
    from institutions.models import WebhookDelivery

    webhook = webhook or make_webhook()
    body = {
        "type": "curricula.returned",
        "timestamp": "2026-02-01T10:00:00+00:00",
        "data": {"reason": "Кредиты"},
    }
    return WebhookDelivery.objects.create(
        **{
            "webhook": webhook,
            "event": "curricula.returned",
            "once": f"about {webhook.deliveries.count()}",
            "body": json.dumps(body, ensure_ascii=False),
            **over,
        }
    )
