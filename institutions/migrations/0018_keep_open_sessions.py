"""Whoever is at work during the update stays signed in."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("institutions", "0017_sessions"),
        ("sessions", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(
            """
            INSERT INTO institutions_session (session_key, session_data, expire_date, seen_at, address, browser)
            SELECT session_key, session_data, expire_date, now(), '', '' FROM django_session WHERE expire_date > now()
            """,
            migrations.RunSQL.noop,
        ),
    ]
