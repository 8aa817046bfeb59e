"""One form, sent ten times at the same moment, is one row; everybody is told the same or that it is done already."""

from collections import Counter

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from curricula import submitting
from curricula.models import Import, Period, Submission
from institutions.models import Institution, User
from tests.at_once import at_once
from tests.curricula.spreadsheet_files import HEADINGS, csv_text, line
from tests.factories import make_programme, make_version

pytestmark = [
    pytest.mark.processes,  # ten threads with a connection each
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("english"),
]


def ten_times(user: User, address: str, *forms: dict[str, object]) -> list[tuple[int, str]]:
    """Status and where it leads, of each."""
    clients = [Client() for _number in range(10)]
    for client in clients:
        client.force_login(user)
    answers = at_once(
        *(
            lambda client=client, form=form: client.post(address, form)
            for client, form in zip(clients, forms, strict=True)
        )
    )
    return [(answer.status_code, answer.headers.get("Location", "")) for answer in answers]  # type: ignore[attr-defined]


def test_a_signature_hands_in_once(institution: Institution, period: Period, signatory: User) -> None:
    make_version(make_programme(institution), period=period)
    form: dict[str, object] = {
        "faculty_total": "120",
        "faculty_trained": "60",
        "declaration": "on",
        "note": "",
        "seen": submitting.fingerprint(institution, period),
    }
    answers = ten_times(signatory, reverse("sign", args=[institution.code, period.code]), *[form] * 10)
    assert set(answers) == {(302, reverse("submission", args=[institution.code, period.code, 1]))}
    assert Submission.objects.count() == 1


def test_a_file_is_taken_in_once(institution: Institution, period: Period, editor: User) -> None:
    content = csv_text(HEADINGS, line(0, programme_code=make_programme(institution).code)).encode()
    forms: list[dict[str, object]] = [
        {"period": period.pk, "file": SimpleUploadedFile("lines.csv", content, "text/csv")}
        for _n in range(10)
    ]
    answers = ten_times(editor, reverse("import-new", args=[institution.code]), *forms)
    assert Counter(status for status, _where in answers) == {302: 1, 422: 9}
    assert Import.objects.count() == 1
