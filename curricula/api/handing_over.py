"""Handing over for signature: what still stands against it, and the word that it is complete. A person signs."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from curricula.api.schema import ONCE
from curricula.checking.standing import Problem as Standing
from curricula.handing_over import Unready, hand_over, sign_address
from curricula.models import Period
from curricula.submitting import problems, ready
from institutions.api.base import KeyView, Scope
from institutions.api.describing import WRITING, described, example
from institutions.api.listing import check_parameters
from institutions.api.problems import Problem

PERIOD = OpenApiParameter(
    "period",
    {"type": "string", "pattern": "^[0-9]{4}$"},
    OpenApiParameter.PATH,
    description="Code of the period, such as 2025 for 2025/26.",
)


class OwnStandingSerializer(serializers.Serializer[Any]):
    code = serializers.CharField(help_text="Which rule it is, for programs.")
    message = serializers.CharField(help_text="What it is and the remedy, in the caller's language.")
    programmes = serializers.ListField(
        child=serializers.CharField(), help_text="Codes of the programmes that it concerns."
    )


class OwnHandoverSerializer(serializers.Serializer[Any]):
    period = serializers.CharField(help_text="Code of the period.")
    drafts = serializers.IntegerField(
        min_value=0, help_text="How many drafts would be signed: those with lines."
    )
    faults = OwnStandingSerializer(many=True, help_text="What forbids to sign.")
    warnings = OwnStandingSerializer(many=True, help_text="What is to be thought about.")
    sign_at = serializers.CharField(help_text="Where a signatory reads the summary and signs.")


class OwnHandedOverSerializer(serializers.Serializer[Any]):
    drafts = serializers.IntegerField(min_value=0, help_text="How many drafts wait for the signature.")
    signatories = serializers.IntegerField(min_value=0, help_text="How many people sign for the institution.")
    is_new = serializers.BooleanField(
        help_text="Whether they are told now; false if they were told of just this."
    )
    sign_at = serializers.CharField(help_text="Where a signatory reads the summary and signs.")


SIGN_AT = "https://qamtu.example/kk/workspace/kaznu/2025/sign/"
STANDING = {
    "period": "2025",
    "drafts": 56,
    "faults": [],
    "warnings": [
        {
            "code": "silent",
            "message": "1 programme has no curriculum yet. It counts as “no data” until it has one.",
            "programmes": ["7M06103"],
        }
    ],
    "sign_at": SIGN_AT,
}
HANDED_OVER = {"drafts": 56, "signatories": 2, "is_new": True, "sign_at": SIGN_AT}


class OwnHandover(KeyView):
    scopes = {**KeyView.scopes, "POST": Scope.SUBMIT}

    @described(
        "get_own_handover",
        "What still stands against signing",
        "The checks that the page of the signature makes, on the drafts as they are now.",
        answers={200: OwnHandoverSerializer},
        parameters=[PERIOD],
        examples=[example("Nothing stands against it", STANDING)],
    )
    def get(self, request: Request, period: str) -> Response:
        check_parameters(request, ())
        found = period_of(period)
        checklist = problems(self.institution, found)
        return Response(
            {
                "period": found.code,
                "drafts": ready(self.institution, found).count(),
                "faults": standing(checklist.faults),
                "warnings": standing(checklist.warnings),
                "sign_at": signed_at(self, found),
            }
        )

    @described(
        "hand_over",
        "Hand over for signature",
        "Says that all of the period is entered. The signatories get a letter, once for what is there now; a person"
        " reads the summary and signs. Refused while anything stands against it. Send no body.",
        answers={200: OwnHandedOverSerializer},
        parameters=[PERIOD, ONCE],
        examples=[example("Handed over", HANDED_OVER)],
        codes=WRITING,
    )
    def post(self, request: Request, period: str) -> Response:
        check_parameters(request, ())
        found = period_of(period)
        try:
            done = hand_over(institution=self.institution, period=found, key=self.key)
        except Unready as unready:
            faults = [{"pointer": "", **one} for one in standing(unready.faults)]
            raise Problem(422, str(unready), code=unready.code, faults=faults) from unready
        return Response(
            {
                "drafts": done.programmes,
                "signatories": done.signatories,
                "is_new": done.is_new,
                "sign_at": signed_at(self, found),
            }
        )


def period_of(code: str) -> Period:
    found = Period.objects.filter(code=code).first()
    if found is None:
        raise Problem(404, _("There is no period %(code)s.") % {"code": code[:20]}, code="no_period")
    return found


def standing(found: Iterable[Standing]) -> list[dict[str, Any]]:
    return [
        {
            "code": one.code,
            "message": str(one),
            "programmes": [programme.code for programme in one.programmes],
        }
        for one in found
    ]


def signed_at(view: KeyView, period: Period) -> str:
    return f"{settings.SITE_URL}{sign_address(view.institution, period)}"
