"""By what each list may be narrowed. What is not named here is refused, so that a slip never passes for an answer."""

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

import django_filters as filters
from django import forms
from django.core.validators import RegexValidator
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field

from curricula.models import AICategory, Field, Programme
from institutions.models import Alias, FormerName, Institution, Region
from institutions.names import casefolded, matching
from reports import assessing, indicators
from reports.models import Outcome, ReferenceValue
from reports.movements import Cause

CODE = r"^[0-9A-Za-z_-]{1,60}$"
KEY = r"^[0-9A-Za-z_,-]{1,60}$"
AI_CATEGORIES = tuple(value for value in AICategory.values if value != AICategory.NONE)

NOT_A_CODE = _("Write a code: at most 60 Latin letters, digits, hyphens and underscores.")


def is_code(text: str) -> bool:
    return bool(re.fullmatch(CODE, text))


class CodesField(forms.MultipleChoiceField):
    """Any number of codes; unlike choices they are rows, and one that no row has finds nothing."""

    default_error_messages = {"invalid_choice": NOT_A_CODE}

    def valid_value(self, value: str) -> bool:
        return is_code(value)


class ISODateField(forms.DateField):
    """As 2026-03-01, in whatever language."""

    default_error_messages = {"invalid": _("Write a day such as 2026-03-01.")}

    def to_python(self, value: Any) -> date | None:
        if value in self.empty_values:
            return None
        try:
            return date.fromisoformat(value)
        except ValueError as error:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from error


def describe(one: filters.Filter, **schema: Any) -> None:
    """What the schema says of a filter."""
    extend_schema_field({**schema, "description": one.extra.get("help_text", "")})(one)


class Several(filters.MultipleChoiceFilter):
    """Given several times, any of them will do."""

    def __init__(self, field_name: str, choices: Iterable[str] = (), *, help_text: str, **extra: Any) -> None:
        super().__init__(
            field_name=field_name,
            choices=[(value, value) for value in choices],
            help_text=f"{help_text} May be given several times.",
            **extra,
        )
        describe(self, type="string", **({"enum": list(choices)} if choices else {"pattern": CODE}))

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        return qs.filter(**{f"{self.field_name}__in": value}) if value else qs


class Codes(Several):
    field_class = CodesField


class Code(filters.CharFilter):
    def __init__(self, field_name: str, pattern: str = CODE, **kwargs: Any) -> None:
        # To the very end and as it came: a blank would otherwise be passed over, and ask for all rows.
        whole = RegexValidator(pattern.replace("$", r"\Z"), NOT_A_CODE)
        super().__init__(field_name=field_name, validators=[whole], strip=False, **kwargs)
        describe(self, type="string", pattern=pattern)


class Moment(filters.CharFilter):
    def __init__(self, field_name: str, **kwargs: Any) -> None:
        super().__init__(field_name=field_name, max_length=40, **kwargs)
        describe(self, type="string", format="date-time")


class Day(filters.DateFilter):
    field_class = ISODateField

    def __init__(self, field_name: str, lookup: str = "exact", **kwargs: Any) -> None:
        super().__init__(field_name=field_name, lookup_expr=lookup, **kwargs)
        describe(self, type="string", format="date")


class Whole(filters.NumberFilter):
    """A whole number within bounds that any column can hold."""

    field_class = forms.IntegerField

    def __init__(self, field_name: str, lookup: str, *, most: int, **kwargs: Any) -> None:
        super().__init__(field_name=field_name, lookup_expr=lookup, min_value=0, max_value=most, **kwargs)
        describe(self, type="integer", minimum=0, maximum=most)


class Number(filters.NumberFilter):
    """A decimal within bounds, to as many places as the column has."""

    def __init__(self, field_name: str, lookup: str, *, most: int, places: int, **kwargs: Any) -> None:
        self.step = Decimal(1).scaleb(-places)
        super().__init__(field_name=field_name, lookup_expr=lookup, min_value=0, max_value=most, **kwargs)
        describe(self, type="number", minimum=0, maximum=most)

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        return super().filter(qs, value if value is None else value.quantize(self.step))


class Search(filters.CharFilter):
    """Part of a name in any of the three languages, in any case."""

    def __init__(self, *columns: str, **kwargs: Any) -> None:
        self.columns = columns
        kwargs.setdefault("help_text", "Part of a name or code, in any language and case.")
        super().__init__(max_length=100, **kwargs)
        describe(self, type="string", maxLength=100, pattern=r"^[^\u0000]*$")

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        if not value:
            return qs
        found = Q()
        for column in self.columns:
            if column.endswith("search"):
                found |= matching(value, column)
            else:
                found |= Q(**{f"{column}__icontains": casefolded(value)})
        return qs.filter(found)


class InstitutionSearch(Search):
    """Former names and aliases find an institution as well."""

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        if not value:
            return qs
        former = FormerName.objects.filter(matching(value), institution=OuterRef("pk"))
        alias = Alias.objects.filter(matching(value), institution=OuterRef("pk"))
        return qs.filter(matching(value) | Exists(former) | Exists(alias))


MOST_FORMS = 200
FORMS: dict[tuple[Any, ...], type[forms.Form]] = {}  # in each process


class Narrowing(filters.FilterSet):
    """Makes up its mind only about what is asked: of most lists little is, and filters are slow to make."""

    def __init__(self, data: Any, **kwargs: Any) -> None:
        self.base_filters = {name: one for name, one in self.get_filters().items() if name in data}
        super().__init__(data, **kwargs)

    def get_form_class(self) -> type[forms.Form]:
        """A class that Django takes a while to make, kept for whoever narrows by the same."""
        asked = (type(self), *self.base_filters)
        found = FORMS.get(asked)  # at once: another thread may clear them
        if found is None:
            if len(FORMS) >= MOST_FORMS:
                FORMS.clear()
            found = FORMS[asked] = super().get_form_class()
        return found


class CoverageFilter(Narrowing):
    period = Codes("snapshot__period__code", help_text="Academic year, such as `2025`.")
    requirement = Codes("requirement__code", help_text="Code of a requirement.")
    dimension = Several("dimension", assessing.DIMENSIONS, help_text="By what the programmes are counted.")
    key = Code("key", KEY, help_text="Code within the dimension, such as `KZ-71` or `KZ-71,6B`.")
    share_min = Number("share_value", "gte", most=1, places=6, help_text="Shares from this one up.")
    share_max = Number("share_value", "lte", most=1, places=6, help_text="Shares up to this one.")

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        found = super().filter_queryset(queryset)
        # What has no share is kept below all shares, for the order; it is not one.
        return (
            found.filter(share_value__gte=0) if self.form.cleaned_data.get("share_max") is not None else found
        )


class IndicatorFilter(Narrowing):
    period = Codes("snapshot__period__code", help_text="Academic year, such as `2025`.")
    indicator = Several("indicator", indicators.NAMES, help_text="Code of an indicator.")
    dimension = Several("dimension", indicators.DIMENSIONS, help_text="By what is counted.")
    key = Code("key", KEY, help_text="Code within the dimension, such as `KZ-71`.")


class ProgrammeFilter(Narrowing):
    period = Codes("snapshot__period__code", help_text="Academic year, such as `2025`.")
    institution = Codes("institution__code", help_text="Code of an institution.")
    code = Codes("programme__code", help_text="Code of a programme, such as `6B06102`.")
    requirement = Codes("requirement__code", help_text="Code of a requirement.")
    outcome = Several("outcome", Outcome.values, help_text="Outcome as at the release.")
    region = Codes("region_code", help_text="Region, such as `KZ-71`.")
    kind = Several("kind", Institution.Kind.values, help_text="Kind of institution.")
    field = Codes("field_code", help_text="Field of education, such as `06`.")
    direction = Codes("programme__direction__code", help_text="Training direction, such as `061`.")
    level = Several("level", Programme.Level.values, help_text="Bachelor, master, doctorate.")
    language = Several("language", Programme.Language.values, help_text="Language of instruction.")
    ai_disciplines_min = Whole("ai_disciplines", "gte", most=1000, help_text="At least so many.")
    ai_disciplines_max = Whole("ai_disciplines", "lte", most=1000, help_text="At most so many.")
    ai_credits_min = Number("ai_credits", "gte", most=10000, places=1, help_text="At least so many.")
    ai_credits_max = Number("ai_credits", "lte", most=10000, places=1, help_text="At most so many.")
    search = Search("programme__search")

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        found = super().filter_queryset(queryset)
        # Where no curriculum is approved nothing was counted, though 0 is kept for the order.
        counted = any(name.startswith("ai_") for name in self.base_filters)
        return found.exclude(version=None) if counted else found


class DisciplineFilter(Narrowing):
    """Of lines as `catalogue.lines` has them."""

    period = Codes("snapshot__period__code", help_text="Academic year, such as `2025`.")
    institution = Codes("institution__code", help_text="Code of an institution.")
    programme = Codes("programme__code", help_text="Code of a programme, such as `6B06102`.")
    region = Codes("region_code", help_text="Region, such as `KZ-71`.")
    kind = Several("kind", Institution.Kind.values, help_text="Kind of institution.")
    field = Codes("field_code", help_text="Field of education, such as `06`.")
    level = Several("level", Programme.Level.values, help_text="Bachelor, master, doctorate.")
    language = Several("taught_in", Programme.Language.values, help_text="Language of instruction.")
    ai_category = Several("ai_category", AI_CATEGORIES, help_text="AI category.")
    area = Codes("areas", help_text="Content area.", method="about")
    credits_min = Number("credits", "gte", most=1000, places=1, help_text="At least so many.")
    credits_max = Number("credits", "lte", most=1000, places=1, help_text="At most so many.")
    semester = Whole("semester", "exact", most=100, help_text="Semester.")
    search = Search("search", help_text="Part of a title, in any language and case.")

    def about(self, queryset: QuerySet[Any], name: str, value: list[str]) -> QuerySet[Any]:
        return queryset.filter(areas__overlap=value) if value else queryset


class MetadataFilter(filters.FilterSet):
    key = Codes("indicator", help_text="Code of an indicator, or `coverage`, or `exposure`.")


class MovementFilter(filters.FilterSet):
    """Of rows that are computed when asked for: these say what is asked."""

    requirement = Code("requirement__code", help_text="Code of a requirement.")
    dimension = Several("dimension", assessing.DIMENSIONS, help_text="By what the programmes are counted.")
    key = Code("key", KEY, help_text="Code within the dimension, such as `KZ-71` or `KZ-71,6B`.")
    cause = Several("cause", Cause.values, help_text="What moved the programmes.")
    since = Whole(
        "since",
        "exact",
        most=999_999_999,
        help_text="Number of an earlier release to compare with. Unless told it is the last before that stands, so a "
        "correction passes over what it corrects; name that one to be told what the correction changed.",
    )


class CrossingFilter(filters.FilterSet):
    """Of rows that are computed when asked for: these say what is asked."""

    requirement = Code("requirement__code", help_text="Code of a requirement.")
    by = Several(
        "by", tuple(assessing.COLUMN), help_text="By what the programmes are counted; the nation unless told."
    )
    as_at = Moment(
        "as_at",
        help_text="A past moment with its time zone, such as `2026-03-01T12:00Z`, up to that of the newest release; "
        "instead of a release.",
    )


class InstitutionFilter(Narrowing):
    code = Codes("code", help_text="Code of an institution.")
    kind = Several("kind", Institution.Kind.values, help_text="Kind of institution.")
    region = Codes("region__code", help_text="Region, such as `KZ-71`.")
    search = InstitutionSearch()


class RegionFilter(Narrowing):
    code = Codes("code", help_text="Region, such as `KZ-71`.")
    kind = Several("kind", Region.Kind.values, help_text="Region or city.")
    search = Search("code", "name_kk", "name_ru", "name_en")


class FieldFilter(Narrowing):
    code = Codes("code", help_text="Field or direction, such as `06` or `061`.")
    kind = Several("kind", Field.Kind.values, help_text="Field of education or training direction.")
    parent = Codes("parent__code", help_text="Directions of this field.")
    search = Search("code", "name_kk", "name_ru", "name_en")


class ExposureFilter(filters.FilterSet):
    field = Codes("code", help_text="Field of education, such as `06`.")


class RequirementFilter(Narrowing):
    code = Codes("code", help_text="Code of a requirement.")
    mandate = Codes("mandate__code", help_text="Code of a mandate.")
    effective_on = Day("effective_from", method="in_effect", help_text="In effect on this day.")
    search = Search("code", "name_kk", "name_ru", "name_en")

    def in_effect(self, queryset: QuerySet[Any], name: str, value: Any) -> QuerySet[Any]:
        ends_later = Q(effective_to=None) | Q(effective_to__gt=value)
        return queryset.filter(ends_later, effective_from__lte=value)


class ReferenceValueFilter(Narrowing):
    code = Codes("code", help_text="Code of a statement.")
    indicator = Codes("indicator", help_text="Code of an indicator.")
    unit = Several("unit", ReferenceValue.Unit.values, help_text="Count or per cent.")
    stated_from = Day("stated_on", "gte", help_text="Stated on this day or later.")
    stated_to = Day("stated_on", "lte", help_text="Stated on this day or earlier.")
    search = Search("code", "text_kk", "text_ru", "text_en")


class ReleaseFilter(Narrowing):
    period = Codes("snapshot__period__code", help_text="Academic year, such as `2025`.")
    published_from = Day("publish_at", "date__gte", help_text="Public since this day or later.")
    published_to = Day("publish_at", "date__lte", help_text="Public since this day or earlier.")
