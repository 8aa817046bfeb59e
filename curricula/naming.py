"""Naming a programme: what an institution may write in the registry. The rest of it is the ministry's.

Which programmes there are, since when and of which kind decides whom a figure counts; the title does not.
"""

import pghistory
from django.db import transaction

from curricula.models import Programme
from institutions.models import User


def name_programme(
    *, programme: Programme, title_kk: str, title_ru: str, title_en: str, by: User
) -> Programme:
    """Write the titles in three languages. Curricula that were handed in keep what was signed."""
    with pghistory.context(user=by.pk, action="rename"), transaction.atomic():
        locked = Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
        titles = {"title_kk": title_kk, "title_ru": title_ru, "title_en": title_en}
        if any(getattr(locked, name) != title for name, title in titles.items()):
            for name, title in titles.items():
                setattr(locked, name, title)
            locked.save(update_fields=list(titles))
    return locked
