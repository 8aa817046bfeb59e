"""What costs may be asked for only so often by one person, who is told when to come back and loses nothing typed."""

import html
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory
from django.urls import get_resolver, resolve, reverse

from config.braking import COSTLY, BrakeMiddleware
from institutions.models import Invitation, User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english", "period")]


@pytest.fixture(autouse=True)
def twice_a_day(settings: Any) -> None:
    cache.clear()
    settings.COSTLY_RATE = "2/day"


def at(page: str) -> str:
    return reverse(page, args=["kaznu"])


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def test_who_asks_too_often_is_told_when_to_come_back_and_others_go_on(
    client: Client, editor: User, signatory: User
) -> None:
    client.force_login(editor)
    assert [client.get(at("import-template")).status_code for _ in range(3)] == [200, 200, 429]
    answer = client.get(at("import-template"))
    seconds = answer["Retry-After"]
    assert 86_000 < int(seconds) <= 86_400
    (told,) = re.findall(r"It goes on in ([\d ,]+) s\.", text(answer))
    assert re.sub(r"\D", "", told) == seconds
    assert client.get(at("live-coverage")).status_code == 200  # another page
    client.force_login(signatory)
    assert client.get(at("import-template")).status_code == 200


def test_a_refusal_does_not_lengthen_the_wait(client: Client, editor: User) -> None:
    client.force_login(editor)
    for _ in range(5):
        client.get(at("import-template"))
    assert len(cache.get(f"costly-import-template-{editor.pk}")) == 2


def test_what_was_typed_is_on_the_page_and_is_sent_from_there(client: Client, signatory: User) -> None:
    client.force_login(signatory)
    said = {"addresses": 'aru@kaznu.kz\n"<b>@kaznu.kz', "roles": ["editor", "viewer"], "language": "ru"}
    for _ in range(2):
        assert client.post(at("people"), said).status_code == 422
    answer = client.post(at("people"), {**said, "addresses": "aru@kaznu.kz,\ndana@kaznu.kz"})
    assert answer.status_code == 429
    assert "Nothing was sent yet" in text(answer)
    assert not Invitation.objects.exists()
    typed = defaultdict(list)
    (form,) = re.findall(r'<form method="post" action="[^"]*people/">.*?</form>', text(answer))
    for name, value in re.findall(
        r'<input type="hidden" name="([^"]+)" value="([^"]*)">', answer.content.decode()
    ):
        typed[name].append(html.unescape(value))
    assert "Send it again" in form
    cache.clear()  # the day is over
    client.post(at("people"), typed)
    assert [invitation.roles for invitation in Invitation.objects.all()] == [["editor", "viewer"]] * 2


def test_a_file_is_chosen_once_more(client: Client, editor: User) -> None:
    client.force_login(editor)

    def send() -> Any:
        return client.post(at("import-new"), {"file": SimpleUploadedFile("my <lines>.csv", b"")})

    assert [send().status_code for _ in range(2)] == [422, 422]
    page = text(send())
    assert "Choose the file my &lt;lines&gt;.csv once more" in page
    assert 'enctype="multipart/form-data"' in page


def test_a_page_that_only_shows_costs_nothing_and_a_visitor_is_led_to_sign_in(
    client: Client, signatory: User
) -> None:
    assert [client.get(at("import-template")).status_code for _ in range(4)] == [302] * 4
    client.force_login(signatory)
    assert [client.get(at("people")).status_code for _ in range(4)] == [200] * 4


def test_saving_is_never_braked(client: Client, editor: User) -> None:
    client.force_login(editor)
    said = {"first_name": "Aru", "last_name": "Sadyk", "language": "ru", "letters": ["returned"]}
    assert [client.post(reverse("preferences"), said).status_code for _ in range(4)] == [302] * 4
    assert (
        COSTLY.keys() & {"draft-edit", "draft-keep", "enrolment", "discipline-edit", "checks", "sign"}
        == set()
    )


def test_neither_database_nor_redis_is_asked(editor: User, django_assert_num_queries: Any) -> None:
    request = RequestFactory().get(at("import-template"))
    request.user, request.resolver_match = editor, resolve(request.path)
    with django_assert_num_queries(0):
        assert BrakeMiddleware(lambda _request: None).process_view(request) is None  # type: ignore[arg-type,return-value]
    assert len(cache.get(f"costly-import-template-{editor.pk}")) == 1


def names(resolver: Any, space: str = "") -> Iterator[str]:
    for one in resolver.url_patterns:
        if hasattr(one, "url_patterns"):
            yield from names(one, f"{space}{one.namespace}:" if one.namespace else space)
        else:
            yield f"{space}{one.name}"


def test_every_page_that_is_braked_exists() -> None:
    assert COSTLY.keys() - set(names(get_resolver())) == set()
    assert set(COSTLY.values()) == {"GET", "POST"}
