"""The same lists as /api/v1/ has, by the database alone and as most projects make them."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from rest_framework import generics, serializers
from rest_framework.pagination import PageNumberPagination

from reports.models import Assessment, Coverage, Release

NEWEST = "(SELECT snapshot_id FROM reports_release ORDER BY number DESC LIMIT 1)"
PROGRAMMES = """SELECT released.number AS release, institution.code AS institution, programme.code AS code,
    title_kk, title_ru, title_en, region_code AS region, row.kind, row.level, field_code AS field, row.language,
    requirement.code AS requirement, outcome,
    CASE WHEN version_id IS NOT NULL THEN ai_disciplines END AS ai_disciplines,
    CASE WHEN version_id IS NOT NULL THEN ai_credits END::text AS ai_credits
    FROM reports_assessment AS row JOIN reports_release AS released USING (snapshot_id)
    JOIN institutions_institution AS institution ON institution.id = row.institution_id
    JOIN curricula_programme AS programme ON programme.id = row.programme_id
    JOIN reports_requirement AS requirement ON requirement.id = row.requirement_id"""
ORDER = "ORDER BY row.snapshot_id, row.institution_id, row.programme_id, row.requirement_id"
STATEMENTS = {
    "programmes": f"{PROGRAMMES} WHERE row.snapshot_id = {NEWEST} {ORDER}",
    "coverage": f"""SELECT released.number AS release, period.code AS period, requirement.code AS requirement,
        dimension, key, in_scope, met, not_met, no_data, exempt,
        round(met::numeric / nullif(in_scope - exempt, 0), 6)::text AS share,
        round(met::numeric / nullif(met + not_met, 0), 6)::text AS share_of_reported
        FROM reports_coverage AS row JOIN reports_release AS released USING (snapshot_id)
        JOIN reports_snapshot AS snapshot ON snapshot.id = row.snapshot_id
        JOIN curricula_period AS period ON period.id = snapshot.period_id
        JOIN reports_requirement AS requirement ON requirement.id = row.requirement_id
        WHERE row.snapshot_id = {NEWEST}
        ORDER BY row.snapshot_id, row.requirement_id, dimension, key""",
}


class Hundred(PageNumberPagination):
    page_size = 100


def text(source: str) -> Any:
    return serializers.CharField(source=source)


class ProgrammeSerializer(serializers.ModelSerializer[Assessment]):
    release = serializers.IntegerField(source="snapshot.release.number")
    institution = text("institution.code")
    code, title_kk = text("programme.code"), text("programme.title_kk")
    title_ru, title_en = text("programme.title_ru"), text("programme.title_en")
    region, field, requirement = text("region_code"), text("field_code"), text("requirement.code")
    ai_disciplines, ai_credits = serializers.SerializerMethodField(), serializers.SerializerMethodField()

    class Meta:
        model = Assessment
        fields = (
            "release", "institution", "code", "title_kk", "title_ru", "title_en", "region", "kind", "level", "field",
            "language", "requirement", "outcome", "ai_disciplines", "ai_credits",
        )  # fmt: skip

    def get_ai_disciplines(self, row: Assessment) -> int | None:
        return row.ai_disciplines if row.version_id else None

    def get_ai_credits(self, row: Assessment) -> str | None:
        return str(row.ai_credits) if row.version_id else None


class CoverageSerializer(serializers.ModelSerializer[Coverage]):
    release = serializers.IntegerField(source="snapshot.release.number")
    period, requirement = text("snapshot.period.code"), text("requirement.code")
    share, share_of_reported = serializers.SerializerMethodField(), serializers.SerializerMethodField()

    class Meta:
        model = Coverage
        fields = (
            "release", "period", "requirement", "dimension", "key", "in_scope", "met", "not_met", "no_data", "exempt",
            "share", "share_of_reported",
        )  # fmt: skip

    def get_share(self, row: Coverage) -> str | None:
        return f"{row.met / (row.in_scope - row.exempt):.6f}" if row.in_scope > row.exempt else None

    def get_share_of_reported(self, row: Coverage) -> str | None:
        return f"{row.met / (row.met + row.not_met):.6f}" if row.met + row.not_met else None


class Plain(generics.ListAPIView[Any]):
    authentication_classes = ()
    permission_classes = ()
    pagination_class = Hundred

    def get_queryset(self) -> Any:
        newest = Release.objects.published().order_by("-number").values("snapshot")[:1]
        return super().get_queryset().filter(snapshot=newest)


class Programmes(Plain):
    serializer_class = ProgrammeSerializer
    queryset = Assessment.objects.select_related(
        "snapshot__release", "institution", "programme", "requirement"
    ).order_by("snapshot_id", "institution_id", "programme_id", "requirement_id")


class CoverageRows(Plain):
    serializer_class = CoverageSerializer
    queryset = Coverage.objects.select_related(
        "snapshot__release", "snapshot__period", "requirement"
    ).order_by("snapshot_id", "requirement_id", "dimension", "key")


VIEWS = {"programmes": Programmes, "coverage": CoverageRows}


def lines() -> Iterator[str]:
    """All programmes of all releases as CSV, by a cursor on the server."""
    columns = [
        "snapshot__release__number", "institution__code", "programme__code", "programme__title_kk",
        "programme__title_ru", "programme__title_en", "region_code", "kind", "level", "field_code", "language",
        "requirement__code", "outcome", "ai_disciplines", "ai_credits",
    ]  # fmt: skip
    for row in Assessment.objects.values_list(*columns).iterator(chunk_size=2_000):
        out = io.StringIO()
        csv.writer(out).writerow(row)
        yield out.getvalue()
