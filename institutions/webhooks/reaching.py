"""Reaching an address that somebody else has written down, without being led into our own network.

An address is https, with a public host. The host's name is looked up once, and the connection made to the very address
that was checked: a name that leads elsewhere a moment later leads nobody astray. Redirections are not followed, of the
answer 4 kB are read, and after ten seconds it is over, however slowly something trickles.
"""

import http.client
import io
import ipaddress
import re
import socket
import ssl
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from institutions.models.webhooks import Failure

SECONDS = 10
CONNECT_SECONDS = 4
LONGEST_ADDRESS = 500
MOST_OF_ANSWER = 4096
MOST_READ = 64 * 1024  # headers included

Ip = ipaddress.IPv4Address | ipaddress.IPv6Address

# Of version 6 only what is handed out to the world, less what stands for something else: NAT64, Teredo and 6to4 lead
# to addresses of version 4, the rest is for books and for machines.
GLOBAL_6 = ipaddress.ip_network("2000::/3")
NOT_GLOBAL = [
    ipaddress.ip_network(network)
    for network in (
        "64:ff9b::/96", "64:ff9b:1::/48", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "2620:4f:8000::/48",
        "192.0.0.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.175.48.0/24",
    )
]  # fmt: skip
HERE = ipaddress.ip_address("127.0.0.1")


class Unreached(Exception):
    """No answer; `failure` says why, `str()` how the machine puts it."""

    def __init__(self, failure: Failure, detail: object = "") -> None:
        super().__init__(str(detail))
        self.failure = failure


@dataclass(frozen=True)
class Target:
    host: str
    port: int
    path: str


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes


def target_of(address: str) -> Target:
    """The parts of an address. Raises Unreached unless it can be one: https, a host, port 443 or from 1024 on, no name
    or password in it, nothing after a #, and only what an address may hold."""
    if len(address) > LONGEST_ADDRESS or not re.fullmatch(r"[!#-;=?-\[\]_a-z~]+", address, re.ASCII):
        raise Unreached(Failure.ADDRESS, "length or characters")
    try:
        parts = urlsplit(address)
        port = parts.port or (443 if parts.port is None else 0)
    except ValueError as error:
        raise Unreached(Failure.ADDRESS, error) from error
    host = parts.hostname or ""
    if parts.scheme != "https" or not host or "@" in parts.netloc or "#" in address:
        raise Unreached(Failure.ADDRESS, "not https, without a host, with a name, or with a #")
    if port != 443 and port < 1024:
        raise Unreached(Failure.ADDRESS, f"port {port}")
    if "%" in host or (_ip(host) is None and not re.fullmatch(r"[a-z0-9_.-]{1,253}", host)):
        raise Unreached(Failure.ADDRESS, f"host {host}")
    return Target(host, port, (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))


def check(address: str) -> None:
    """What can be told of it at once. Raises Unreached as `target_of` does, and for a number in our network."""
    ip = _ip(target_of(address).host)
    if ip is not None and not is_public(ip):
        raise Unreached(Failure.PRIVATE, ip)


def is_public(ip: Ip) -> bool:
    """Whether it is somewhere on the internet, and nowhere else."""
    if settings.WEBHOOKS_TO_THIS_MACHINE and ip == HERE:
        return True
    if any(ip in network for network in NOT_GLOBAL) or (ip.version == 6 and ip not in GLOBAL_6):
        return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved)


def resolve(target: Target, seconds: float = SECONDS) -> list[tuple[int, str]]:
    """The public addresses of its host, each with its family, in the order in which to try them.

    The system's look-up knows no time limit, so it runs in a thread that is left behind where it takes too long.
    """
    found: list[tuple[int, str]] = []
    errors: list[OSError | UnicodeError] = []

    def look_up() -> None:
        try:
            for family, _kind, _protocol, _name, place in socket.getaddrinfo(
                target.host, target.port, type=socket.SOCK_STREAM
            ):
                found.append((family, str(place[0])))
        except (OSError, UnicodeError) as error:
            errors.append(error)

    thread = threading.Thread(target=look_up, daemon=True, name="webhook name")
    thread.start()
    thread.join(max(seconds, 0))
    if thread.is_alive():
        raise Unreached(Failure.NAME, "the look-up took too long")
    if errors or not found:
        raise Unreached(Failure.NAME, *errors[:1])
    public = [(family, ip) for family, ip in found if (parsed := _ip(ip)) is not None and is_public(parsed)]
    if not public:
        raise Unreached(Failure.PRIVATE, ", ".join(dict.fromkeys(ip for _family, ip in found))[:150])
    return public


def post(address: str, body: bytes, headers: dict[str, str], *, seconds: float = SECONDS) -> Answer:
    """Send it, and read the beginning of the answer. Raises Unreached where there is none."""
    deadline = time.monotonic() + seconds
    target = target_of(address)
    try:
        with _connected(target, deadline) as connection:
            _send(connection, _request(target, body, headers), deadline)
            return _read(connection, deadline)
    except Unreached:
        raise
    except ssl.SSLCertVerificationError as error:
        raise Unreached(Failure.CERTIFICATE, error.verify_message) from error
    except TimeoutError as error:
        raise Unreached(Failure.TIME, error) from error
    except http.client.HTTPException as error:
        raise Unreached(Failure.ANSWER, f"{type(error).__name__}: {error}") from error
    except (OSError, ValueError) as error:
        raise Unreached(Failure.CONNECTION, f"{type(error).__name__}: {error}") from error


def _connected(target: Target, deadline: float) -> ssl.SSLSocket:
    """To the first of the checked addresses that takes the connection; the certificate must bear the name."""
    refusal: OSError = ConnectionError("no address")
    for family, ip in resolve(target, _left(deadline)):
        plain = socket.socket(family, socket.SOCK_STREAM)
        try:
            plain.settimeout(min(_left(deadline), CONNECT_SECONDS))
            plain.connect((ip, target.port))
        except OSError as error:
            plain.close()
            refusal = error
            continue
        try:
            plain.settimeout(_left(deadline))
            # Its handshake as a whole keeps to the socket's limit.
            return ssl.create_default_context().wrap_socket(plain, server_hostname=target.host)
        except BaseException:
            plain.close()
            raise
    if isinstance(refusal, TimeoutError) and time.monotonic() < deadline:
        raise ConnectionError("nothing answers at this address") from refusal
    raise refusal


def _request(target: Target, body: bytes, headers: dict[str, str]) -> bytes:
    host = f"[{target.host}]" if ":" in target.host else target.host
    lines = [
        f"POST {target.path} HTTP/1.1",
        f"Host: {host}" + (f":{target.port}" if target.port != 443 else ""),
        "User-Agent: Qamtu-Webhooks/1",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "Accept-Encoding: identity",
        "Connection: close",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode("ascii") + body


def _send(connection: ssl.SSLSocket, request: bytes, deadline: float) -> None:
    rest = memoryview(request)
    while rest:
        connection.settimeout(_left(deadline))
        rest = rest[connection.send(rest[:16_384]) :]


def _read(connection: ssl.SSLSocket, deadline: float) -> Answer:
    """Once there is a status the message has arrived; what may be wrong with the words behind it is no matter."""
    response = http.client.HTTPResponse(_Limited(connection, deadline), method="POST")  # type: ignore[arg-type]
    with response:
        response.begin()
        body = b""
        with suppress(OSError, ValueError, http.client.HTTPException):
            while len(body) < MOST_OF_ANSWER and (part := response.read1(MOST_OF_ANSWER - len(body))):
                body += part
        return Answer(response.status, body)


class _Limited(io.RawIOBase):
    """What the other side sends, until the deadline and not without end."""

    def __init__(self, connection: ssl.SSLSocket, deadline: float) -> None:
        self.connection, self.deadline, self.left = connection, deadline, MOST_READ

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        if not self.left:
            raise http.client.HTTPException("too long an answer")
        self.connection.settimeout(_left(self.deadline))
        read = self.connection.recv_into(buffer, min(len(buffer), self.left))
        self.left -= read
        return read


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("the time is over")
    return left


def _ip(text: str) -> Ip | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
