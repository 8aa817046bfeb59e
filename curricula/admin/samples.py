"""Samples for close reading: drawn, read one after the other, and what share of them stood."""

import csv
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from curricula.admin.evidence import with_evidence_in_frames
from curricula.cases import cases
from curricula.errors import Refused
from curricula.models import CurriculumVersion, Period, Sample, SampledCurriculum, Submission
from curricula.models.sampling import LARGEST_SAMPLE
from curricula.precedents import attach_precedents
from curricula.sampling import (
    draw_sample,
    drawn_again,
    findings_of,
    record_reading,
    row_of,
    take_back_reading,
)
from institutions.admin.base import actor
from institutions.admin.steps import StepAdmin
from institutions.models import User

MAY_READ = "curricula.change_sampledcurriculum"
SAMPLE_PAGE = "admin/curricula/sample/sample.html"
READING_PAGE = "admin/curricula/sample/reading.html"


class SampleForm(forms.Form):
    """What to draw. With `submission` it is of that alone, and the period is the submission's."""

    submission = forms.ModelChoiceField(
        Submission.objects.all(), required=False, widget=forms.HiddenInput, label=gettext_lazy("Submission")
    )
    period = forms.ModelChoiceField(Period.objects.all(), label=gettext_lazy("Period"), empty_label=None)
    of = forms.ChoiceField(label=gettext_lazy("Draw from"), choices=Sample.Of.choices)
    size = forms.IntegerField(
        label=gettext_lazy("How many curricula"),
        min_value=1,
        max_value=LARGEST_SAMPLE,
        initial=30,
        help_text=gettext_lazy(
            "Of 100 that are read the share is known to about 10 points, of 30 to about 18."
        ),
    )
    strata = forms.ChoiceField(
        label=gettext_lazy("Spread evenly"),
        choices=Sample.Strata.choices,
        help_text=gettext_lazy("Each part then has its share in the sample."),
    )
    seed = forms.CharField(
        label=gettext_lazy("Seed"),
        max_length=64,
        required=False,
        help_text=gettext_lazy(
            "Whoever knows it can repeat the draw. Leave it empty to have one made by chance, or enter one that"
            " nobody could choose, such as the numbers of a public lottery."
        ),
    )
    purpose = forms.CharField(label=gettext_lazy("What it is for"), max_length=300, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self["submission"].value():
            del self.fields["period"]


@admin.register(Sample)
class SampleAdmin(StepAdmin):
    step_form = SampleForm
    step_title = gettext_lazy("Draw a sample for close reading")
    step_button = gettext_lazy("Draw")
    step_lead = gettext_lazy(
        "Chance chooses which curricula are read closely. What share of them stands says how far all the others can "
        "be trusted; seed and moment are kept, so that anybody can draw the same again."
    )
    list_display = ("name", "of", "size", "population", "read", "stood", "strata", "drawn_by", "as_at")
    list_display_links = ("name",)
    list_filter = ("period", "of")
    list_select_related = ("period", "submission__institution", "drawn_by")
    ordering = ("-pk",)
    search_fields = ("purpose", "seed")
    search_help_text = gettext_lazy("By purpose or seed.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Sample]:
        read = Count("curricula", filter=~Q(curricula__outcome=""))
        stood = Count("curricula", filter=Q(curricula__outcome="stood"))
        return cast(
            "QuerySet[Sample]", super().get_queryset(request).annotate(read_count=read, stood_count=stood)
        )

    @admin.display(description=gettext_lazy("sample"), ordering="pk")
    def name(self, sample: Sample) -> str:
        if sample.submission:
            return _("Sample %(number)d: %(institution)s, %(period)s") % {
                "number": sample.pk,
                "institution": sample.submission.institution.name,
                "period": sample.period.name,
            }
        return _("Sample %(number)d: %(period)s") % {"number": sample.pk, "period": sample.period.name}

    @admin.display(description=gettext_lazy("read"), ordering="read_count")
    def read(self, sample: Any) -> int:
        return int(sample.read_count)

    @admin.display(description=gettext_lazy("stood"), ordering="stood_count")
    def stood(self, sample: Any) -> int:
        return int(sample.stood_count)

    def step_initial(self, request: HttpRequest) -> dict[str, Any]:
        given: dict[str, Any] = super().step_initial(request)
        if not str(given.get("submission", "")).isdecimal():
            given.pop("submission", None)
        current = Period.objects.current()
        return {"period": current and current.pk, **given}

    def carry_out(self, form: Any, by: User) -> tuple[Sample, str]:
        given = dict(form.cleaned_data)
        submission = given["submission"]
        period = submission.period if submission else given["period"]
        sample = draw_sample(**{**given, "period": period}, by=by)
        return sample, ngettext(
            "%(count)d curriculum of %(population)d is drawn.",
            "%(count)d curricula of %(population)d are drawn.",
            sample.size,
        ) % {"count": sample.size, "population": sample.population}

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/read/<int:position>/", wrap(self.reading_view), name="curricula_sample_reading"),
            path("<int:pk>/drawn-from.csv", wrap(self.population_view), name="curricula_sample_population"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        title = {"title": _("Samples for close reading")}
        return super().changelist_view(request, {**title, **(extra_context or {})})

    def render_step(
        self, request: HttpRequest, form: forms.BaseForm, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """With a submission chosen, the page says whose it is."""
        chosen = form["submission"].value()
        submission = Submission.objects.filter(pk=chosen).first() if str(chosen or "").isdecimal() else None
        of_it = (
            {
                "title": _("Draw a sample of submission %(number)d of %(institution)s")
                % {"number": submission.number, "institution": submission.institution}
            }
            if submission
            else {}
        )
        return super().render_step(request, form, {**of_it, **(extra_context or {})})

    def population_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """All that there was to draw from in the order of the row, for those who repeat the draw by hand."""
        sample = self.row_to_see(request, pk, *self.list_select_related)
        answer = HttpResponse(content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="sample-{sample.pk}.csv"'
        written = csv.writer(answer)
        written.writerow(("number", "part", "lot", "drawn"))
        written.writerows(row_of(sample))
        return answer

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """What was drawn and what reading has found; `?again` draws once more and compares."""
        sample = self.row_to_see(request, object_id, *self.list_select_related)
        drawn = list(drawn_of(sample))
        context = {
            **self.page(request, sample),
            "drawn": drawn,
            "found": findings_of(sample, drawn),
            "following": next_for(actor(request), drawn),
            "again": drawn_again(sample) if "again" in request.GET else None,
        }
        return TemplateResponse(request, SAMPLE_PAGE, context)

    def page(self, request: HttpRequest, sample: Sample) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": self.name(sample),
            "sample": sample,
            "may_read": request.user.has_perm(MAY_READ),
        }

    def reading_view(self, request: HttpRequest, pk: int, position: int) -> HttpResponse:
        """One drawn curriculum, to be read closely; then on to the next that is not read."""
        sample = self.row_to_see(request, pk, *self.list_select_related)
        drawn = list(drawn_of(sample))
        one = next((row for row in drawn if row.position == position), None)
        if one is None:
            raise Http404
        fault, typed = "", one.note
        if request.method == "POST":
            if not request.user.has_perm(MAY_READ):
                raise PermissionDenied
            typed = request.POST.get("note", "")
            try:
                said = self.carry_out_reading(one, request.POST.get("outcome", ""), typed, actor(request))
            except Refused as refused:
                fault = str(refused)
            else:
                messages.success(request, said)
                return HttpResponseRedirect(after_reading(sample, actor(request), one))
        context = {**self.page(request, sample), **reading(one, drawn, actor(request))}
        context |= {"fault": fault, "typed": typed}
        return with_evidence_in_frames(
            TemplateResponse(request, READING_PAGE, context, status=422 if fault else 200)
        )

    def carry_out_reading(self, one: SampledCurriculum, outcome: str, note: str, by: User) -> str:
        words = {"programme": one.version.programme.code}
        if outcome == "back":
            take_back_reading(drawn=one, by=by)
            return _("%(programme)s counts as not read.") % words
        record_reading(drawn=one, outcome=outcome, note=note, by=by)
        if outcome == SampledCurriculum.Outcome.STOOD:
            return _("%(programme)s stood. Its page in the sample takes that back.") % words
        return _("%(programme)s did not stand. Its page in the sample takes that back.") % words


def drawn_of(sample: Sample) -> QuerySet[SampledCurriculum]:
    rows: QuerySet[SampledCurriculum] = sample.curricula.order_by("position")
    return rows.select_related("version__programme", "version__submission", "institution", "read_by")


def may_be_read_by(one: SampledCurriculum, by: User) -> bool:
    """Nobody reads what they decided on or signed, nor writes over what another has found."""
    return by.pk not in (one.version.decided_by_id, one.version.submitted_by_id) and one.read_by_id in (
        None,
        by.pk,
    )


def next_for(by: User, drawn: list[SampledCurriculum], after: int = 0) -> SampledCurriculum | None:
    """The next that is not read and that this person may read; from the first again after the last."""
    left = [one for one in drawn if not one.outcome and may_be_read_by(one, by)]
    return next((one for one in left if one.position > after), left[0] if left else None)


def after_reading(sample: Sample, by: User, one: SampledCurriculum) -> str:
    """Where to go: to what was taken back, else to the next, else to the sample."""
    following = next_for(by, list(drawn_of(sample)), after=one.position)
    if not one.outcome:
        following = one
    if following is None:
        return reverse("admin:curricula_sample_change", args=[sample.pk])
    return reverse("admin:curricula_sample_reading", args=[sample.pk, following.position])


def reading(one: SampledCurriculum, drawn: list[SampledCurriculum], by: User) -> dict[str, Any]:
    """What the page of one drawn curriculum shows."""
    found = cases(
        CurriculumVersion.objects.filter(pk=one.version_id).select_related("institution", "submission")
    )
    attach_precedents(found)
    positions = [row.position for row in drawn]
    place = positions.index(one.position)
    return {
        "title": one.version.programme,
        "one": one,
        "case": found[0],
        "version": found[0].version,
        "left": sum(not row.outcome for row in drawn),
        "before": positions[place - 1] if place else None,
        "after": positions[place + 1] if place + 1 < len(positions) else None,
        "is_own": by.pk in (one.version.decided_by_id, one.version.submitted_by_id),
        "is_anothers": one.read_by_id not in (None, by.pk),
    }
