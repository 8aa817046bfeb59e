"""The day on which everything is due: 112 universities, their drafts, and the people who work on them.

`build` makes what stays the same, once; `open_today` gives each person a session and writes down who does what, for the
people of `crowd`, who know nothing but addresses and cookies.

Of the 112 universities 48 are typing, 56 sign, and 8 hand in spreadsheets of 150 programmes: so nobody's work ends
because somebody else of the same university has signed, and the load stays the same for as long as it lasts.
"""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.db.models import Count
from django.utils import timezone

from curricula.checking import findings
from curricula.checking.standing import open_findings
from curricula.demo import loading
from curricula.demo.planning import Wish
from curricula.models import CurriculumVersion, Period
from institutions.models import Institution, Membership, Region, User
from institutions.sessions import SessionStore
from reports import demo
from tests.load.bench_import import Scene, workbook
from tests.load.releases import make_sure_of_a_release

EDITORS, TYPING, SIGNING, BY_SPREADSHEET = 400, 48, 56, 8
TO_SPARE = 12  # some are silent, or have written down what they would have to explain first
PASSWORD = "never for anything that people sign in to"
LAST_YEAR, THIS_YEAR = "2025", "2026"
BEFORE_ANY_SIGNING = datetime(2026, 9, 1, tzinfo=ZoneInfo("Asia/Almaty"))
FOR_EDITORS, TO_SIGN = 20, 5  # drafts of a university


def build() -> None:
    """Last year approved and released, this year all drafts."""
    wish = Wish(seed=7, periods=(LAST_YEAR, THIS_YEAR))
    loading.load(institutions=TYPING + SIGNING + TO_SPARE, wish=wish, now=BEFORE_ANY_SIGNING)
    demo.make_rules(seed=wish.seed)
    make_sure_of_a_release(LAST_YEAR)
    Period.objects.filter(code=THIS_YEAR).update(closes_on=timezone.localdate() + timedelta(days=3650))
    drafts = CurriculumVersion.objects.drafts().filter(period__code=THIS_YEAR)
    typing = with_drafts(drafts, at_least=FOR_EDITORS)[:TYPING]
    others = drafts.exclude(institution__in=typing)
    leave_what_can_be_signed(others)
    signing = with_drafts(others, at_least=TO_SIGN)[:SIGNING]
    assert (len(typing), len(signing)) == (TYPING, SIGNING), "there are too few universities with drafts"
    make_editors(typing)
    write(
        "places.json",
        {"typing": typing, "signing": signing, "sheets": [sheets() for _n in range(BY_SPREADSHEET)]},
    )


def with_drafts(drafts: Any, *, at_least: int) -> list[int]:
    """Universities that have so many of them."""
    counted = drafts.order_by("institution").values("institution").annotate(number=Count("pk"))
    return list(counted.filter(number__gte=at_least).values_list("institution", flat=True))


def leave_what_can_be_signed(drafts: Any) -> None:
    """Without the drafts that a person would have to mend or to explain first."""
    unready = {one.version for one in open_findings(findings(drafts))}
    CurriculumVersion.objects.filter(pk__in=unready).delete()


def make_editors(places: list[int]) -> None:
    """All with one password, hashed once; each sign-in hashes anew."""
    password = make_password(PASSWORD)
    people = User.objects.bulk_create(
        User(email=f"editor-{number}@load.demo", language="ru", password=password)
        for number in range(EDITORS)
    )
    Membership.objects.bulk_create(
        Membership(user=person, institution_id=places[number % len(places)], role=Membership.Role.EDITOR)
        for number, person in enumerate(people)
    )


def sheets() -> dict[str, Any]:
    """A university that hands in its 150 programmes in two states by turns, which differ in every hundredth line."""
    scene = Scene(150, 40)
    rows = scene.rows()
    files = []
    for state in (4, 6):
        for row in rows[::100]:
            row[3] = state
        file = settings.RUN_DIR / f"{scene.institution.code}-{state}.xlsx"
        file.write_bytes(workbook(rows))
        files.append(str(file))
    person = User.objects.create(email=f"editor@{scene.institution.code}.demo", language="ru")
    Membership.objects.create(user=person, institution=scene.institution, role=Membership.Role.EDITOR)
    return {"institution": scene.institution.pk, "files": files}


def open_today(minutes: float, times: float) -> None:
    """Sessions for everybody, and who does what where."""
    today = timezone.localdate()
    Period.objects.filter(code=THIS_YEAR).update(due_on=today)
    places = json.loads((settings.RUN_DIR / "places.json").read_text())
    period = Period.objects.get(code=THIS_YEAR)
    codes = dict(Institution.objects.values_list("pk", "code"))
    editors = User.objects.filter(email__endswith="@load.demo").order_by("pk")
    write(
        "cast.json",
        {
            "period": period.code,
            "period_id": period.pk,
            "password": PASSWORD,
            "editors": list(cast_of(editors, period)),
            "signatories": [
                {"code": codes[key], "session": session_of(member(key, Membership.Role.SIGNATORY))}
                for key in places["signing"]
            ],
            "importers": [
                {
                    "code": codes[one["institution"]],
                    "session": session_of(member(one["institution"], Membership.Role.EDITOR)),
                    "files": one["files"],
                }
                for one in places["sheets"]
            ],
            "pages": public_pages(),
            "minutes": minutes,
            "times": times,
        },
    )


def cast_of(editors: Iterable[User], period: Period) -> Iterable[dict[str, Any]]:
    """Each with programmes of their own: colleagues share them out."""
    drafts: dict[int, list[str]] = {}
    for place, code in (
        CurriculumVersion.objects.drafts()
        .filter(period=period)
        .order_by("programme__code")
        .values_list("institution", "programme__code")
    ):
        drafts.setdefault(place, []).append(code)
    members = Membership.objects.filter(user__in=editors).select_related("institution", "user")
    for number, membership in enumerate(members.order_by("user")):
        place = membership.institution
        colleagues, turn = -(-EDITORS // TYPING), number // TYPING
        yield {
            "email": membership.user.email,
            "code": place.code,
            "session": session_of(membership.user),
            "programmes": drafts[place.pk][turn::colleagues],
        }


def member(institution: int, role: str) -> User:
    return User.objects.filter(memberships__institution=institution, memberships__role=role).earliest("pk")


def session_of(user: User) -> str:
    """As after signing in; that costs a hash of the password, and is measured by itself."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    assert session.session_key
    return session.session_key


def public_pages() -> list[str]:
    """What the public reads, in three languages; what comes first is read most."""
    codes = Institution.objects.filter(programmes__isnull=False).distinct().order_by("code")
    parts = [
        "",
        "institutions/",
        "regions/",
        "fields/",
        "methodology/",
        *(f"regions/{code}/" for code in Region.objects.order_by("code").values_list("code", flat=True)[:20]),
        *(f"institutions/{code}/" for code in codes.values_list("code", flat=True)),
    ]
    return [f"/{language}/{part}" for part in parts for language in ("kk", "ru", "en")]


def write(name: str, content: Any) -> None:
    (settings.RUN_DIR / name).write_text(json.dumps(content))
