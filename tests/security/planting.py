"""Puts texts of an attacker into every text that the tables hold, past all forms and guards: what then leaks out?"""

import re
from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.db import DataError, IntegrityError, connection, models, transaction

# Words that the program itself writes and reads again, none of them anybody's own: codes, keys, hashes, orders.
STRUCTURE = re.compile(
    r"code|hash|digest|password|sha256|search|order_|email|prefix|seed|fingerprint|table|token|secret|mark|language|"
    r"currency|once|dimension|^key$|^path$|^file$|role|cycle|scope|level|version|media_type|phase|purpose|stratum|"
    r"subject|indicator|^group$|isced|suggested|^body$"
)


def plant(texts: Sequence[str]) -> set[str]:
    """Row by row another of the texts, column by column beginning with another one; what was planted, by name."""
    planted = set()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # the guards look away, for once
        for place, (model, column) in enumerate(text_columns()):
            try:
                with transaction.atomic():
                    cursor.execute(
                        f'UPDATE "{model._meta.db_table}" SET "{column}" = '
                        f"(%s::text[])[({model._meta.pk.column}::bigint + {place}) %% {len(texts)} + 1] "
                        f"WHERE \"{column}\" <> ''",
                        [list(texts)],
                    )
            except (DataError, IntegrityError):
                continue  # too long for it, or no text at all by a rule of the database
            planted.add(f"{model._meta.label}.{column}")
        cursor.execute("SET LOCAL session_replication_role = origin")
    return planted


def text_columns() -> list[tuple[type[models.Model], str]]:
    found: list[tuple[Any, str]] = []
    for app in ("institutions", "curricula", "reports"):
        for model in apps.get_app_config(app).get_models():
            if not model._meta.managed or not isinstance(model._meta.pk, models.AutoField):
                continue
            for field in model._meta.local_concrete_fields:
                is_text = isinstance(field, models.CharField | models.TextField)
                if is_text and not field.choices and not field.unique and not STRUCTURE.search(field.name):
                    found.append((model, str(field.column)))
    return found
