"""Two names that are edited at once, of which the one with the lower number is written down later: both are seen."""

import threading

import pytest
from django.db import connection, transaction

from institutions.models import Region
from reports.api.shelf import read_shelf
from tests.factories import make_region
from tests.reports.releases import make_release

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_edit_that_is_written_down_after_a_later_one_is_seen_all_the_same() -> None:
    make_release()
    first, second = make_region("KZ-71"), make_region("KZ-75")
    edited, go_on = threading.Event(), threading.Event()

    def edit_slowly() -> None:
        with transaction.atomic():
            Region.objects.filter(pk=first.pk).update(name_en="Edited first")
            edited.set()
            go_on.wait(60)
        connection.close()

    slow = threading.Thread(target=edit_slowly)
    slow.start()
    assert edited.wait(60)
    Region.objects.filter(pk=second.pk).update(name_en="Edited second")
    seen = read_shelf().whole
    go_on.set()
    slow.join()
    assert read_shelf().whole != seen
