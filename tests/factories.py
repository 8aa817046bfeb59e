"""Rows for tests, one plain function a model: `make_institution(kind="private")`. Whatever is not told is sensible.

They write straight to the tables, as the steps under test must not build what they are tested on; the database keeps
its rules all the same. Names are unique by a counter; `make_field`, `make_region` and `make_period` hand out the row
that is there already for a code.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from django.utils import timezone

from curricula.models import (
    AISum,
    CurriculumVersion,
    Discipline,
    Field,
    Import,
    Line,
    Period,
    Programme,
    Submission,
)
from curricula.suggesting import fill
from institutions.inviting import digest_of
from institutions.models import Institution, Invitation, Letter, Membership, Region, User

numbers = count(1)

PASSWORD = "correct horse battery staple"


def three_names(english: str) -> dict[str, str]:
    return {"name_kk": f"{english} (қаз)", "name_ru": f"{english} (рус)", "name_en": english}


def three_titles(english: str) -> dict[str, str]:
    return {"title_kk": f"{english} (қаз)", "title_ru": f"{english} (рус)", "title_en": english}


def make_region(code: str = "KZ-71", **over: Any) -> Region:
    found, _made = Region.objects.get_or_create(
        code=code, defaults={"kind": "region", **three_names(f"Region {code}"), **over}
    )
    return found


def make_institution(**over: Any) -> Institution:
    """In the registry for five years, so that any period of the tests counts it."""
    code = over.pop("code", None) or f"university-{next(numbers)}"
    return Institution.objects.create(
        **{
            "code": code,
            "kind": Institution.Kind.STATE,
            "region": over.get("region") or make_region(),
            "city": "Astana",
            "in_registry_since": timezone.now() - timedelta(days=5 * 365),
            **three_names(f"Institution {code}"),
            **over,
        }
    )


def make_user(email: str = "", password: str = "", **over: Any) -> User:
    """Can sign in only if given a password: hashing one takes a tenth of a second. Tests use `force_login`."""
    return User.objects.create_user(
        email or f"person-{next(numbers)}@example.kz", password or None, **{"first_name": "Aru", **over}
    )


def make_member(institution: Institution, *roles: str, **over: Any) -> User:
    """A user with the roles at the institution: `make_member(kaznu, "editor", "signatory")`."""
    user = make_user(**over)
    for role in roles or ("editor",):
        Membership.objects.create(user=user, institution=institution, role=role)
    return user


def make_reviewer(**over: Any) -> User:
    """Of the ministry, without any group; see the cast in conftest for reviewer and lead with their permissions."""
    return make_user(**{"is_staff": True, "first_name": "Dana", **over})


def make_invitation(
    institution: Institution | None = None, *roles: str, token: str = "", by: User | None = None, **over: Any
) -> Invitation:
    """Open for a week: `make_invitation(kaznu, "editor", email="aru@kaznu.kz", token="T1")`; no letter goes with it."""
    institution = institution or make_institution()
    number = next(numbers)
    now = timezone.now()
    return Invitation.objects.create(
        **{
            "institution": institution,
            "email": f"invited-{number}@example.kz",
            "roles": list(roles) or ["editor"],
            "language": "en",
            "token_hash": digest_of(token or f"token-{number}"),
            "invited_by": by or make_member(institution, "signatory"),
            "invited_at": now,
            "expires_at": now + timedelta(days=7),
            **over,
        }
    )


def make_letter(**over: Any) -> Letter:
    """To be sent now, about a deadline, unless told otherwise."""
    words = {
        "institution": "KazNU",
        "period": "2025/26",
        "days": 3,
        "due": "1 December 2026",
        "programmes": 7,
    }
    to = {} if "address" in over else {"user": over.get("user") or make_user()}
    return Letter.objects.create(
        **{
            "kind": Letter.Kind.DEADLINE,
            "language": "en",
            "parameters": words,
            "path": "/en/workspace/",
            "once": f"letter-{next(numbers)}",
            **to,
            **over,
        }
    )


def make_period(code: str = "2025", **over: Any) -> Period:
    """Collecting today, due in 30 days, unless told otherwise."""
    today = timezone.localdate()
    defaults = {
        "starts_on": today - timedelta(days=90),
        "ends_on": today + timedelta(days=270),
        "opens_on": today - timedelta(days=60),
        "due_on": today + timedelta(days=30),
        "closes_on": today + timedelta(days=90),
    }
    found, _made = Period.objects.get_or_create(code=code, defaults={**defaults, **over})
    return found


def make_earlier_period(code: str = "2024", **over: Any) -> Period:
    """The period before: closed, its academic year over."""
    start = timezone.localdate() - timedelta(days=455)
    days = {"starts_on": 0, "ends_on": 360, "opens_on": 0, "due_on": 60, "closes_on": 300}
    return make_period(
        code, **{**{name: start + timedelta(days=after) for name, after in days.items()}, **over}
    )


def make_field(code: str = "061", **over: Any) -> Field:
    """A direction with its field of education ("061" with "06"), or a field alone ("06")."""
    parent = make_field(code[:2]) if len(code) == 3 else None
    defaults = {"kind": "direction" if parent else "field", "parent": parent, **three_names(f"Field {code}")}
    found, _made = Field.objects.get_or_create(code=code, defaults={**defaults, **over})
    return found


def make_programme(institution: Institution | None = None, *, code: str = "", **over: Any) -> Programme:
    """Taught since 2020. The code names level and direction: `make_programme(code="7M06102")`."""
    institution = institution or make_institution()
    code = code or free_code(institution)
    return Programme.objects.create(
        **{
            "institution": institution,
            "code": code,
            "level": code[:2],
            "direction": make_field(code[2:5]),
            "active_from": date(2020, 9, 1),
            "in_registry_since": timezone.now() - timedelta(days=5 * 365),
            **three_titles(f"Programme {code}"),
            **over,
        }
    )


def free_code(institution: Institution) -> str:
    """A bachelor's programme of ICT that the institution does not have yet; from 99 down, as tests name low numbers."""
    taken = set(institution.programmes.values_list("code", flat=True))
    return next(code for number in range(99, 0, -1) if (code := f"6B061{number:02}") not in taken)


def make_discipline(institution: Institution, *, code: str = "", **over: Any) -> Discipline:
    code = code or f"D{next(numbers)}"
    discipline = Discipline(
        **{"institution": institution, "code": code, **three_titles(f"Discipline {code}"), **over}
    )
    if "suggested_category" not in over:
        fill([discipline])
    discipline.save()
    return discipline


TWO_LINES: Sequence[dict[str, Any]] = ({"ai_category": "none"}, {"ai_category": "applied"})


EVIDENCE = "https://example.kz/syllabus"


def make_sum(version: CurriculumVersion, *, lines: int) -> AISum:
    """A sum of so many lines of so many credits, written by hand, which the seal makes of what is signed."""
    return AISum.objects.create(
        institution=version.institution,
        version=version,
        ai_category="core",
        component="elective",
        lines=lines,
        credits=lines,
    )


def make_lines(version: CurriculumVersion, lines: Sequence[dict[str, Any]]) -> list[Line]:
    """Lines from dicts that say only what matters; each gets a discipline of its own unless it names one.

    An AI line speaks of AI and has evidence, unless told otherwise: nothing stands against signing it.
    """
    start = version.lines.count()
    return Line.objects.bulk_create(
        Line(
            **{
                "institution": version.institution,
                "version": version,
                "position": position,
                "discipline": line.get("discipline") or discipline_for(version.institution, line),
                "evidence_url": EVIDENCE if line.get("ai_category", "none") != "none" else "",
                "credits": Decimal(5),
                "cycle": "basic",
                "component": "mandatory",
                "semester": 1,
                **line,
            }
        )
        for position, line in enumerate(lines, start=start)
    )


def discipline_for(institution: Institution, line: dict[str, Any]) -> Discipline:
    number = next(numbers)
    about = "Discipline" if line.get("ai_category", "none") == "none" else "Artificial intelligence"
    return make_discipline(institution, code=f"D{number}", **three_titles(f"{about} D{number}"))


def make_version(
    programme: Programme | None = None,
    *,
    period: Period | None = None,
    state: str = "draft",
    lines: Sequence[dict[str, Any]] = TWO_LINES,
    by: User | None = None,
    decided_by: User | None = None,
    at: datetime | None = None,
    reason: str = "",
    submission: Submission | None = None,
    **over: Any,
) -> CurriculumVersion:
    """A version brought to its state along the arrows; an approved one supersedes the one that was valid.

    Of two lines, one of them AI applied with 5 credits, unless told. `by` submits it, `decided_by` decides, `at` both.
    """
    programme = programme or make_programme()
    period = period or make_period()
    version = CurriculumVersion.objects.create(
        **{
            "institution": programme.institution,
            "programme": programme,
            "period": period,
            "number": programme.versions.filter(period=period).count() + 1,
            "students": 25,
            **over,
        }
    )
    make_lines(version, lines)
    if state != "draft":
        submission = submission or make_submission(programme.institution, period=period, by=by, at=at)
        hand_in(version, submission)
    if state in ("approved", "returned"):
        decide(version, state, by=decided_by, at=at or timezone.now(), reason=reason)
    version.refresh_from_db()
    return version


def make_submission(
    institution: Institution | None = None,
    *,
    period: Period | None = None,
    versions: Sequence[CurriculumVersion] = (),
    by: User | None = None,
    at: datetime | None = None,
    **over: Any,
) -> Submission:
    """A signed package with the drafts given, its staff figures 100 and 54; signed by a new signatory unless told."""
    institution = institution or (versions[0].institution if versions else make_institution())
    period = period or (versions[0].period if versions else make_period())
    submission = Submission.objects.create(
        **{
            "institution": institution,
            "period": period,
            "number": institution.submissions.filter(period=period).count() + 1,
            "signed_by": by or make_member(institution, "signatory"),
            "signed_at": at or timezone.now(),
            "faculty_total": 100,
            "faculty_trained": 54,
            **over,
        }
    )
    for version in versions:
        hand_in(version, submission)
        version.refresh_from_db()
    return submission


def hand_in(version: CurriculumVersion, submission: Submission) -> None:
    CurriculumVersion.objects.filter(pk=version.pk).update(
        state="submitted",
        submission=submission,
        submitted_by=submission.signed_by,
        submitted_at=submission.signed_at,
    )


def decide(
    version: CurriculumVersion,
    state: str,
    *,
    by: User | None = None,
    at: datetime | None = None,
    reason: str = "",
) -> None:
    """Approve or return a submitted version, superseding the one that was valid."""
    at = at or timezone.now()
    if state == "approved":
        version.programme.versions.filter(period=version.period).valid_now().update(valid_to=at)
    CurriculumVersion.objects.filter(pk=version.pk).update(
        state=state,
        decided_by=by or make_reviewer(),
        decided_at=at,
        reason=reason or ("" if state == "approved" else "The evidence of one line can't be opened."),
        valid_from=at if state == "approved" else None,
    )


def make_import(institution: Institution | None = None, *, by: User | None = None, **over: Any) -> Import:
    """An uploaded spreadsheet that waits to be read; it has no file unless given one."""
    institution = institution or make_institution()
    return Import.objects.create(
        **{
            "institution": institution,
            "period": over.get("period") or make_period(),
            "uploaded_by": by or make_member(institution, "editor"),
            "file_name": "curricula.xlsx",
            "sha256": "0" * 64,
            **over,
        }
    )
