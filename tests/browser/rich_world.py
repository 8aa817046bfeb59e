"""A university with something of everything, on which each page of the workspace shows what it can show."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from django.contrib.auth.tokens import default_token_generator
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from curricula import applying, drafting, importing, keeping
from curricula.applying import Setting, Wish
from curricula.drafting import DraftLine
from curricula.evidence import keep_evidence
from curricula.forms.made_from import MadeFrom
from curricula.forms.rows import as_sent, cells_of_line, typed_as
from curricula.models import Batch, Discipline, Import, Period, Programme
from institutions.models import Institution, User
from reports import live
from tests.api_keys import make_api_key
from tests.curricula.spreadsheet_files import HEADINGS, csv_text, line
from tests.factories import (
    make_discipline,
    make_earlier_period,
    make_import,
    make_institution,
    make_invitation,
    make_member,
    make_period,
    make_programme,
    make_submission,
    make_version,
)
from tests.rules import make_requirement
from tests.webhooks import make_message, make_webhook

TOKEN = "a-token-that-only-the-letter-knows"
LONG = {
    "title_kk": "Мұнай-газ саласындағы өндірістік процестерді цифрландыру және автоматтандыру",
    "title_ru": "Цифровизация и автоматизация производственных процессов в нефтегазовой отрасли",
    "title_en": "Digitalisation and automation of production processes in the oil and gas industry",
}
KAZNU = {
    "name_kk": "Әл-Фараби атындағы Қазақ ұлттық университеті",
    "name_ru": "Казахский национальный университет имени аль-Фараби",
    "name_en": "Al-Farabi Kazakh National University",
}
AI = DraftLine("AI101", Decimal(5), "basic", "mandatory", 3, "core")
HISTORY = DraftLine("HIS1", Decimal(4), "general", "mandatory", 1, discipline_title="History of Kazakhstan")
PDF = b"%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"


class World(SimpleNamespace):
    """`rector`, and by name whatever stands in an address: `world["ready"]` is the number of that import."""

    rector: User

    def __getitem__(self, name: str) -> Any:
        return getattr(self, name)


def make_world() -> World:
    make_requirement()
    period, last_year = make_period("2025"), make_earlier_period("2024")
    kaznu = make_institution(code="kaznu", **KAZNU)
    rector = make_member(
        kaznu, "editor", "signatory", email="rector@kaznu.kz", first_name="Serik", last_name="Abdrakhmanov"
    )
    empty = make_institution(code="empty")
    for role in ("editor", "signatory"):
        rector.memberships.create(institution=empty, role=role)
    colleague = make_member(kaznu, "editor", email="aigerim.tulegenova@kaznu.kz", first_name="Aigerim")
    discipline, evidence = discipline_with_evidence(kaznu, rector)
    world = World(
        rector=rector, code=kaznu.code, empty=empty.code, period=period.code, member=colleague.pk,
        invitation=make_invitation(kaznu, "editor", email="dana@kaznu.kz", by=rector).pk, token=TOKEN,
        discipline=discipline.pk, evidence=evidence, key=keys_of_programs(kaznu, rector, colleague),
        **webhooks(kaznu, rector),
        **curricula(kaznu, period, last_year, rector, colleague, discipline), **imports(kaznu, period, rector),
    )  # fmt: skip
    make_invitation(kaznu, "editor", "signatory", email="new@kaznu.kz", by=rector, token=TOKEN)
    world.uidb64 = urlsafe_base64_encode(force_bytes(rector.pk))
    world.reset = default_token_generator.make_token(rector)
    live.refresh()
    return world


def keys_of_programs(kaznu: Institution, rector: User, colleague: User) -> int:
    """One that serves, and one of each that does not."""
    now, long_ago = timezone.now(), timezone.now() - timedelta(days=400)
    make_api_key(kaznu, "read", by=rector, name="Moodle", made_at=long_ago)
    make_api_key(
        kaznu, by=rector, name="Univer", made_at=long_ago, expires_at=now + timedelta(days=9), revoked_at=now
    )
    make_api_key(kaznu, "read", "write", by=colleague, name="Excel, nightly")
    platonus = make_api_key(
        kaznu, "read", "write", by=rector, name="Platonus: студенттер мен оқу жоспарларының ақпараттық жүйесі",
        last_used_at=now,
    )  # fmt: skip
    return platonus.pk


def webhooks(kaznu: Institution, by: User) -> dict[str, int]:
    """One that works; one that fails, with a message that has been tried in vain, by their numbers."""
    works = make_webhook(kaznu, description="Platonus, the student information system", made_by=by)
    make_message(works, delivered_at=timezone.now(), tries=1)
    long = "https://integration.information-systems.kaznu.kz:8443/api/v2/inbound/webhooks/qamtu?tenant=kaznu"
    fails = make_webhook(kaznu, address=long, failing_since=timezone.now(), made_by=by)
    message = make_message(fails, tries=2)
    for said in (
        {"failure": "certificate", "detail": "self-signed certificate"},
        {"status": 502, "answer": "x" * 500},
    ):
        message.attempts.create(at=timezone.now(), duration_ms=1234, **said)
    return {"works": works.number, "fails": fails.number, "delivery": message.pk}


def discipline_with_evidence(kaznu: Institution, by: User) -> tuple[Discipline, int]:
    evidence = keep_evidence(institution=kaznu, file=SimpleUploadedFile("syllabus.pdf", PDF), by=by)
    titles = {
        "title_kk": "Жасанды интеллектке кіріспе және машиналық оқыту негіздері",
        "title_ru": "Введение в искусственный интеллект и основы машинного обучения",
        "title_en": "Introduction to artificial intelligence and foundations of machine learning",
    }
    made = make_discipline(
        kaznu, code="AI101", credits=Decimal(5), ai_category="core", evidence_file=evidence, **titles
    )
    make_discipline(kaznu, code="HIS1", ai_category="applied")  # that seems to have nothing of AI
    return made, evidence.pk


def curricula(
    kaznu: Institution, period: Period, last_year: Period, rector: User, colleague: User, ai: Discipline
) -> dict[str, Any]:
    """A programme in every state, each by its code; what was handed in; and an action on many drafts."""
    names = ("draft", "returned", "approved", "untouched", "typed", "carried", "applied")
    made = {
        name: make_programme(kaznu, code=f"6B0610{number}", **LONG)
        for number, name in enumerate(names, start=1)
    }
    core = {"discipline": ai, "ai_category": "core", "semester": 3}
    for name in ("draft", "approved", "carried"):
        make_version(made[name], period=last_year, state="approved", lines=[core, {}], by=rector)
    make_version(made["draft"], period=period, lines=[core, {}, {"credits": Decimal(28)}])
    submission = make_submission(kaznu, period=period, by=rector, note="Two curricula follow.")
    for state in ("returned", "approved"):
        make_version(made[state], period=period, state=state, submission=submission, lines=[core, {}])
    typing_that_is_not_saved(made["typed"], period, rector, colleague)
    batch = applied(ai, period, made["applied"], rector)
    make_programme(kaznu, code="7M06101", **LONG)
    codes = {name: programme.code for name, programme in made.items()}
    return {**codes, "imported": "7M06101", "submission": submission.number, "batch": batch.pk}


def typing_that_is_not_saved(programme: Programme, period: Period, by: User, colleague: User) -> None:
    """Both have changed the same line since; the colleague has saved."""
    draft = drafting.start_draft(programme=programme, period=period, by=by)
    draft = drafting.save_draft(version=draft, lines=[AI, HISTORY], students=30, edit_number=0, by=by)
    rows = tuple(cells_of_line(one) for one in drafting.content(draft))
    origin = MadeFrom(by.pk, programme.pk, period.pk, draft.edit_number, draft.pk, "30", rows)
    head = {"students": "31", "edit_number": 1, "draft": draft.pk, "made_from": origin.token()}
    mine = [typed_as(row._replace(credits="6")) for row in rows]
    keeping.keep(programme=programme, period=period, data=as_sent(head, mine), by=by)
    theirs = [replace(AI, credits=Decimal(4)), HISTORY]
    drafting.save_draft(version=draft, lines=theirs, students=35, edit_number=1, by=colleague)


def applied(ai: Discipline, period: Period, programme: Programme, by: User) -> Batch:
    setting = Setting(Decimal(5), "basic", "university", 3, "core")
    seen = {one.programme.pk: one.seen for one in applying.targets(ai, period)}
    wishes = {programme.pk: Wish(seen[programme.pk], setting)}
    batch = applying.apply(discipline=ai, period=period, wishes=wishes, by=by).batch
    assert batch
    return batch


def imports(kaznu: Institution, period: Period, by: User) -> dict[str, int]:
    """One of each kind, by its number."""
    done = uploaded(kaznu, period, by, line(1, programme_code="7M06101"))
    importing.confirm_import(ready=done, fingerprint=done.fingerprint, by=by)
    importing.run_import(done.pk)
    refused = uploaded(kaznu, period, by, line(1, credits="5,5 ects"), line(2, programme_code="6B06199"))
    changed, begun = line(1, programme_code="7M06101", credits=6), line(2, programme_code="6B06104")
    ready = uploaded(kaznu, period, by, changed, begun)
    queued = make_import(kaznu, period=period, by=by, file_name="учебные-планы-факультета-информатики.xlsx")
    found = {"done": done, "refused": refused, "ready": ready, "queued": queued}
    for state, one in found.items():
        assert Import.objects.get(pk=one.pk).state == state
    return {state: one.pk for state, one in found.items()}


def uploaded(kaznu: Institution, period: Period, by: User, *rows: list[Any]) -> Import:
    file = SimpleUploadedFile("curricula-of-the-faculty-2025.csv", csv_text(HEADINGS, *rows).encode())
    started = importing.start_import(institution=kaznu, period=period, file=file, by=by)
    importing.run_import(started.pk)
    started.refresh_from_db()
    return started
