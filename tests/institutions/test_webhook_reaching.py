"""Reaching an address of somebody else's: only on the internet, only by https, and never for long."""

import ipaddress
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from institutions.models.webhooks import Failure
from institutions.webhooks import reaching
from institutions.webhooks.reaching import Unreached, check, is_public, post, resolve, target_of
from tests.webhooks import Receiver

BODY = b'{"type":"ping"}'


@pytest.fixture
def receiver(settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Receiver]:
    with Receiver(tmp_path) as receiver:
        settings.WEBHOOKS_TO_THIS_MACHINE = True
        monkeypatch.setenv("SSL_CERT_FILE", str(receiver.authority))
        yield receiver


def failure_of(address: str, *, seconds: float = 10) -> Failure:
    with pytest.raises(Unreached) as caught:
        post(address, BODY, {}, seconds=seconds)
    return caught.value.failure


def test_what_is_sent_arrives_and_the_answer_comes_back(receiver: Receiver) -> None:
    receiver.status, receiver.words = 202, "Қабылданды".encode()
    answer = post(receiver.address, BODY, {"webhook-id": "msg_1"})
    assert (answer.status, answer.body.decode()) == (202, "Қабылданды")
    (told,) = receiver.told
    assert (told.path, told.body, told.id) == ("/qamtu?from=here", BODY, "msg_1")
    assert told.headers["Host"] == f"localhost:{receiver.port}"
    assert told.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    "address",
    [
        "http://sis.kaznu.kz/", "ftp://sis.kaznu.kz/", "//sis.kaznu.kz/", "sis.kaznu.kz", "https://", "https:///x", "",
        "https://user:password@sis.kaznu.kz/", "https://user@sis.kaznu.kz/", "https://@sis.kaznu.kz/",
        "https://sis.kaznu.kz:22/", "https://sis.kaznu.kz:80/", "https://sis.kaznu.kz:0/", "https://sis.kaznu.kz:1023/",
        "https://sis.kaznu.kz:65536/", "https://sis.kaznu.kz:x/", "https://sis.kaznu.kz/#part",
        "https://sis.kaznu.kz/ x", "https://sis.kaznu.kz/\r\nHost: evil", "https://sis.kaznu.kz\\@127.0.0.1/",
        "https://sis.kaznu.kz/\x00", "https://қазұу.қаз/", "https://[::1%25eth0]/", "https://[::1/", "https://a b/",
        "https://sis.kaznu.kz/" + "a" * 500, "https://sis%2ekaznu.kz/",
    ],
)  # fmt: skip
def test_what_is_no_address_of_a_public_https_server_is_refused(address: str) -> None:
    with pytest.raises(Unreached) as caught:
        target_of(address)
    assert caught.value.failure == Failure.ADDRESS


@pytest.mark.parametrize(
    ("address", "host", "port", "path"),
    [
        ("https://sis.kaznu.kz", "sis.kaznu.kz", 443, "/"),
        ("https://SIS.kaznu.kz:8443/a?b=c", "sis.kaznu.kz", 8443, "/a?b=c"),
        ("https://xn--80ao21a.kz/", "xn--80ao21a.kz", 443, "/"),
        ("https://[2a00:1450::1]:1024/", "2a00:1450::1", 1024, "/"),
    ],
)
def test_what_is_one_is_taken_apart(address: str, host: str, port: int, path: str) -> None:
    assert target_of(address) == reaching.Target(host, port, path)


@given(st.text(max_size=60).map(lambda tail: f"https://sis.kaznu.kz{tail}"))
def test_whatever_is_typed_leads_to_one_host_on_one_line_or_is_refused(address: str) -> None:
    try:
        target = target_of(address)
    except Unreached:
        return
    request = reaching._request(target, b"", {}).decode("ascii")
    assert request.count("\r\n") == 8
    assert "@" not in target.host


NOT_PUBLIC = [
    "127.0.0.1", "127.8.9.10", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",  # noqa: S104
    "100.64.0.1", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "192.88.99.1", "224.0.0.1",
    "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1", "64:ff9b::808:808",
    "64:ff9b:1::1", "100::1", "fe80::1", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "2001::1", "2001:db8::1",
    "2002:7f00:1::1", "3fff::1", "5f00::1",
]  # fmt: skip


@pytest.mark.parametrize("ip", NOT_PUBLIC)
def test_what_is_not_on_the_internet_is_refused(ip: str) -> None:
    assert not is_public(ipaddress.ip_address(ip))
    host = f"[{ip}]" if ":" in ip else ip
    with pytest.raises(Unreached) as caught:
        check(f"https://{host}/")
    assert caught.value.failure == Failure.PRIVATE
    assert failure_of(f"https://{host}/") == Failure.PRIVATE


@pytest.mark.parametrize("ip", ["8.8.8.8", "95.56.234.1", "2a00:1450:4010:c05::65", "2606:4700::1111"])
def test_what_is_on_the_internet_is_not(ip: str) -> None:
    assert is_public(ipaddress.ip_address(ip))


@pytest.mark.parametrize("host", ["localhost", "2130706433", "0x7f.1", "127.1", "0"])
def test_names_and_other_ways_of_writing_lead_in_no_more_than_the_number_does(host: str) -> None:
    assert failure_of(f"https://{host}/") == Failure.PRIVATE


def test_a_name_that_nobody_has_is_told_as_such() -> None:
    assert failure_of("https://sis.invalid/") == Failure.NAME


def test_the_switch_for_tests_opens_this_machine_and_nothing_else(settings: Any) -> None:
    """A server refuses it at the start: see tests/config/test_environment.py."""
    settings.WEBHOOKS_TO_THIS_MACHINE = True
    assert [ip for ip in NOT_PUBLIC if is_public(ipaddress.ip_address(ip))] == ["127.0.0.1"]


def test_a_name_is_looked_up_once_and_what_was_checked_is_what_is_reached(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that changes its mind from one look-up to the next, as rebinding does."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def rebinding(host: str, port: int, **kwargs: Any) -> Any:
        asked.append(host)
        return real("127.0.0.1" if len(asked) == 1 else "10.0.0.1", port, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    assert post(receiver.address, BODY, {}).status == 204
    assert asked == ["localhost"]


def test_of_several_addresses_of_a_name_only_public_ones_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, 1, 6, "", (ip, 443)) for ip in ("10.0.0.1", "95.56.234.1", "127.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kwargs: found)
    assert resolve(target_of("https://sis.kaznu.kz/")) == [(socket.AF_INET, "95.56.234.1")]


def test_a_look_up_that_hangs_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    answered = threading.Event()

    def hangs(*_args: Any, **_kwargs: Any) -> list[Any]:
        answered.wait(30)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hangs)
    assert failure_of("https://sis.kaznu.kz/", seconds=0.2) == Failure.NAME
    answered.set()


def test_a_redirection_is_not_followed(receiver: Receiver, tmp_path: Path) -> None:
    receiver.status, receiver.headers = 302, "Location: https://localhost:1/\r\n"
    assert post(receiver.address, BODY, {}).status == 302
    assert len(receiver.told) == 1


@pytest.mark.parametrize("behaviour", ["says_nothing", "trickles"])
def test_who_is_slow_is_left_when_the_time_is_over(receiver: Receiver, behaviour: str) -> None:
    receiver.behaviour = behaviour
    began = time.monotonic()
    assert failure_of(receiver.address, seconds=2) == Failure.TIME
    assert time.monotonic() - began < 20, "some 500 s, had each byte a limit of its own"


def test_who_shakes_no_hands_is_left_too(settings: Any) -> None:
    settings.WEBHOOKS_TO_THIS_MACHINE = True
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert failure_of(f"https://localhost:{silent.getsockname()[1]}/", seconds=2) == Failure.TIME


def test_of_an_answer_without_end_4_kb_are_read(receiver: Receiver) -> None:
    receiver.behaviour = "never_ends"
    answer = post(receiver.address, BODY, {})
    assert (answer.status, len(answer.body)) == (200, 4096)
    receiver.behaviour = "never_ends_its_headers"
    assert failure_of(receiver.address) == Failure.ANSWER


@pytest.mark.parametrize("behaviour", ["closes", "speaks_otherwise"])
def test_what_is_no_answer_is_told_as_such(receiver: Receiver, behaviour: str) -> None:
    receiver.behaviour = behaviour
    assert failure_of(receiver.address) == Failure.ANSWER


def test_who_takes_no_connection_is_told_as_such(settings: Any) -> None:
    settings.WEBHOOKS_TO_THIS_MACHINE = True
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert failure_of(f"https://localhost:{port}/") == Failure.CONNECTION


@pytest.mark.parametrize(
    ("trusted", "name"), [(False, ""), (True, "other.kaznu.kz")], ids=["authority", "name"]
)
def test_a_certificate_that_proves_nothing_is_refused(
    settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, trusted: bool, name: str
) -> None:
    settings.WEBHOOKS_TO_THIS_MACHINE = True
    with Receiver(tmp_path, trusted=trusted, name=name) as receiver:
        monkeypatch.setenv("SSL_CERT_FILE", str(receiver.authority))
        assert failure_of(receiver.address) == Failure.CERTIFICATE
        assert receiver.told == []
