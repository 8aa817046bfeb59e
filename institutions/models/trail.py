"""The seals of the trail, and where the next one may begin."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from institutions.guards import Guard, refuse_sql, refuse_truncate


class TrailSeal(models.Model):
    """One block of events of one history table: how many, their digest, and the hash of the seal before.

    The blocks of a table follow one another without a gap. Whoever alters an event must alter its seal and all later
    ones, and the hashes that have left the house by then.
    """

    number = models.BigIntegerField(_("number"), primary_key=True)
    table = models.CharField(_("table"), max_length=63)
    after_id = models.BigIntegerField(_("after event"))
    upto_id = models.BigIntegerField(_("up to event"))
    rows = models.IntegerField(_("events"))
    columns = ArrayField(models.CharField(max_length=63), verbose_name=_("columns"))
    digest = models.CharField(_("digest of the events"), max_length=64)
    previous = models.CharField(_("seal before"), max_length=64, unique=True)
    hash = models.CharField(_("hash"), max_length=64, unique=True)
    sealed_at = models.DateTimeField(_("sealed at"))
    # To name the one that was altered: of each event its id and the beginning of its digest. Proves nothing itself.
    marks = models.BinaryField(null=True)

    class Meta:
        verbose_name = _("seal of the trail")
        verbose_name_plural = _("seals of the trail")
        ordering = ["-number"]
        indexes = [
            models.Index("table", F("upto_id").desc(), name="trail_seal_newest"),
            models.Index("sealed_at", name="trail_seal_by_day"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["table", "after_id"], name="institutions_trailseal_no_two_after"),
            models.CheckConstraint(
                condition=Q(number__gte=1, rows__gte=1, upto_id__gt=F("after_id")),
                name="institutions_trailseal_has_events",
            ),
        ]
        triggers = [
            Guard(
                name="only_at_the_end_of_the_chain",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                declare=[("last", "institutions_trailseal")],
                func=refuse_sql("TG_OP <> 'INSERT'", "a seal is never changed or removed")
                + "SELECT * INTO last FROM institutions_trailseal ORDER BY number DESC LIMIT 1;"
                + refuse_sql(
                    "NEW.number <> coalesce(last.number, 0) + 1 OR NEW.previous <> coalesce(last.hash, '')",
                    "a seal follows the newest one",
                )
                + "RETURN NEW;",
            ),
            refuse_truncate(),
        ]

    def __str__(self) -> str:
        return f"{self.number} · {self.hash[:12]}"


class TrailMark(models.Model):
    """The one row that says up to which events sealing may go once all transactions before `horizon` have ended.

    Ids are given out before a transaction commits: of two events the later id may be seen first. An id up to which
    nothing can come any more is found by waiting for whoever was at work when it was read; see `trail.sealing`.
    """

    horizon = models.BigIntegerField()
    positions = models.JSONField(default=dict)
    marked_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("mark of the trail")
        verbose_name_plural = _("marks of the trail")
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="institutions_trailmark_one_row")]

    def __str__(self) -> str:
        return str(self.horizon)


class TrailEntry(models.Model):
    """An event as the ministry reads it. No table: see `trail.searching`; here for its name and its permission.

    Not "view": whoever may look at everything of the register may not for that reason look over people's shoulders.
    """

    class Meta:
        managed = False
        verbose_name = _("change on record")
        verbose_name_plural = pgettext_lazy("of all changes, for auditors", "trail")
        default_permissions = ()
        permissions = [("read_trailentry", "Can read and export the trail")]

    def __str__(self) -> str:
        return str(self.pk)
