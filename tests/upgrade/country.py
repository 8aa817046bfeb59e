"""A small country with something in most tables: what a backup must bring through."""

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from institutions.trail import sealing
from tests.factories import (
    make_import,
    make_institution,
    make_invitation,
    make_letter,
    make_member,
    make_programme,
    make_submission,
)
from tests.reports.releases import make_country, make_release
from tests.rules import make_exemption


def make_country_with_all() -> None:
    """Two universities, one programme for each outcome, all of it released; uploads, and a trail that is sealed."""
    kaznu, satbayev = make_institution(code="kaznu"), make_institution(code="satbayev")
    make_country((kaznu, "6B06101", "met"), (kaznu, "6B06102", "not_met"), (satbayev, "7M06101", "no_data"))
    make_exemption(make_programme(satbayev, code="6B06103"))
    sealing.seal(patience=2)  # as far as tests that run beside let it
    make_release()
    make_member(satbayev, "editor", "signatory")
    make_submission(satbayev)
    make_invitation(kaznu)
    make_letter()
    make_import(kaznu, file=default_storage.save("imports/lines.xlsx", ContentFile(b"PK of lines")))
