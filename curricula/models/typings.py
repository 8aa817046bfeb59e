"""What people have typed into the form of a curriculum and not saved: kept, so that nothing takes it from them."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from curricula.models.classifier import Period
from curricula.models.programmes import Programme
from institutions.models import Institution
from institutions.scoping import ScopedQuerySet


class Typing(models.Model):
    """What one person has in the form of one curriculum that the draft does not say.

    `data` are the fields as they were typed, right or wrong, with the hidden ones that say which edit of which draft
    they were made from; `mark` is the browser's own name of this state, by which it knows that the server has it.
    """

    institution = models.ForeignKey(Institution, models.CASCADE, related_name="+", db_index=False)
    programme = models.ForeignKey(
        Programme, models.CASCADE, related_name="+", verbose_name=_("programme"), db_index=False
    )
    period = models.ForeignKey(Period, models.CASCADE, related_name="+", verbose_name=_("period"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("person")
    )
    data = models.JSONField()
    mark = models.CharField(max_length=40, blank=True)
    kept_at = models.DateTimeField(_("kept at"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("typing that is not saved")
        verbose_name_plural = _("typing that is not saved")
        constraints = [
            models.UniqueConstraint(fields=["programme", "period", "user"], name="curricula_typing_once")
        ]

    def __str__(self) -> str:
        return f"{self.programme_id}: {self.user_id}"
