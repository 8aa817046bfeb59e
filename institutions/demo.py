"""People and further institutions of a demonstration: invented, and marked as such by their names."""

from datetime import datetime
from random import Random
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils.translation import gettext as _

from institutions.errors import Refused
from institutions.models import Institution, Membership, Region, User

REVIEWER, LEAD, DEPUTY = "reviewer@ministry.demo", "lead@ministry.demo", "deputy@ministry.demo"
# The deputy is the second person, without whom no rule and no release comes into effect.
MINISTRY = {
    REVIEWER: "reviewer",
    LEAD: "lead",
    DEPUTY: "lead",
    "steward@ministry.demo": "data-steward",
    "auditor@ministry.demo": "auditor",
}
ROLES = (Membership.Role.EDITOR, Membership.Role.SIGNATORY)

SINCE = datetime(2024, 1, 1, tzinfo=ZoneInfo("Asia/Almaty"))


def refuse_in_production() -> None:
    if not settings.DEMO:
        raise Refused(
            _("This is not a demonstration: DEMO is off. Set DEMO=on where nobody relies on the data."),
            code="not_demo",
        )


def address(role: str, institution_code: str) -> str:
    return f"{role}@{institution_code}.demo"


@transaction.atomic
def make_people() -> list[User]:
    """An editor and a signatory for every institution, and the ministry's people; those that are there stay.

    They can't sign in until `demo_accounts` gives them passwords. Returns all of them.
    """
    refuse_in_production()
    groups = {group.name: group for group in Group.objects.filter(name__in=MINISTRY.values())}
    if len(groups) < len(set(MINISTRY.values())):
        raise Refused(_("The ministry's roles are missing. Run load_reference_data first."), code="no_roles")
    institutions = list(Institution.objects.open_now().order_by("pk"))
    wanted = [*MINISTRY, *(address(role, place.code) for place in institutions for role in ROLES)]
    there = set(User.objects.filter(email__in=wanted).values_list("email", flat=True))
    User.objects.bulk_create([nobody_yet(email) for email in wanted if email not in there], batch_size=1000)
    people = {user.email: user for user in User.objects.filter(email__in=wanted)}
    for email, group in MINISTRY.items():
        people[email].groups.add(groups[group])
    Membership.objects.bulk_create(
        [
            Membership(user=people[address(role, place.code)], institution=place, role=role)
            for place in institutions
            for role in ROLES
        ],
        ignore_conflicts=True,
        batch_size=1000,
    )
    return [people[email] for email in wanted]


def nobody_yet(email: str) -> User:
    user = User(email=email, is_staff=email in MINISTRY)
    user.set_unusable_password()
    return user


def make_institutions(*, wanted: int | None, seed: int) -> list[Institution]:
    """As many as wanted, or all that are open: the real ones first, as the reference file lists them, then invented."""
    real = list(Institution.objects.open_now().select_related("region").order_by("pk"))
    if wanted is None or len(real) >= wanted:
        return real[:wanted]
    random = Random(f"{seed}:institutions")  # noqa: S311 - the same for the same seed, and nothing secret
    regions = list(Region.objects.order_by("code"))
    kinds = [Institution.Kind.STATE, Institution.Kind.PRIVATE]
    numbers = range(len(real) + 1, wanted + 1)
    invented = [invent(number, random.choice(regions), random.choice(kinds)) for number in numbers]
    return real + Institution.objects.bulk_create(invented, batch_size=500)


def invent(number: int, region: Region, kind: str) -> Institution:
    return Institution(
        code=f"demo-{number:04}",
        kind=kind,
        name_kk=f"№ {number:04} көрнекілік университеті",
        name_ru=f"Демонстрационный университет № {number:04}",
        name_en=f"Demonstration University {number:04}",
        region=region,
        in_registry_since=SINCE,
    )
