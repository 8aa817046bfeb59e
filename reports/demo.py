"""What a demonstration shows of rules and figures: a plan, exemptions, and releases of the past by the real steps."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from curricula.models import Period, Programme, Submission
from institutions import demo
from institutions.models import User
from reports import releasing, snapshots, verifying
from reports.errors import Refused
from reports.models import Exemption, Release, Snapshot, Target
from reports.reference import DEFAULT_REQUIREMENT

ALMATY = ZoneInfo("Asia/Almaty")
EXEMPTIONS = 14
MADE_PUBLIC_AFTER = timedelta(days=3, hours=16)  # at ten in the morning


@dataclass(frozen=True)
class Moment:
    """A day as at whose evening figures of a period were released, and what the release said of them."""

    period: str
    day: date
    kk: str
    ru: str
    en: str

    @property
    def as_at(self) -> datetime:
        return datetime.combine(self.day, time(18), ALMATY)

    @property
    def notes(self) -> dict[str, str]:
        return {"kk": self.kk, "ru": self.ru, "en": self.en}


FIRST = (
    "Алғашқы жинақ. Барлық жоғары оқу орны әлі есеп берген жоқ: деректері жоқ бағдарламалар үлесті төмендетеді.",
    "Первый сбор. Отчитались ещё не все вузы: программы без данных снижают долю.",
    "The first collection. Not all universities have reported yet: programmes without data lower the share.",
)
CORRECTED = (
    "Кешіккен ұсынымдар мен көктемгі түзетулер ескерілді.",
    "Учтены поздние представления и весенние исправления.",
    "Late packages and the corrections of spring are included.",
)
AUTUMN = (
    "Жаңа оқу жылының оқу жоспарлары бойынша көрсеткіштер.",
    "Показатели по учебным планам нового учебного года.",
    "Figures by the curricula of the new academic year.",
)
EARLY = (
    "Есеп беру мерзімі 1 қарашада аяқталады: ұсынымдардың бір бөлігі әлі қаралуда.",
    "Срок представления – 1 ноября: часть представлений ещё рассматривается.",
    "Packages are due on 1 November: some are still under review.",
)
WINTER = (
    "Мерзімінен кейін тапсырылған ұсынымдар қосылды.",
    "Включены представления, поданные после срока.",
    "Packages that were handed in after they were due are included.",
)
HISTORY = (
    Moment("2024", date(2025, 2, 10), *FIRST),
    Moment("2024", date(2025, 6, 20), *CORRECTED),
    Moment("2025", date(2025, 12, 20), *AUTUMN),
    Moment("2025", date(2026, 4, 20), *WINTER),
    Moment("2025", date(2026, 5, 20), *CORRECTED),
    Moment("2025", date(2026, 6, 20), *CORRECTED),
    Moment("2026", date(2026, 10, 31), *EARLY),
    Moment("2026", date(2026, 11, 20), *AUTUMN),
)

REASONS = (
    "Бағдарлама жабылуда, жаңа студенттер қабылданбайды.",
    "Программа закрывается, новый набор не ведётся.",
    "Бағдарламаның мазмұны арнайы талаптармен реттеледі.",
    "Содержание программы определяется специальными требованиями.",
)


@dataclass(frozen=True)
class Phase:
    """A target of the plan."""

    due_on: date
    share: Decimal
    kk: str
    ru: str
    en: str


PLAN = (
    Phase(
        date(2025, 9, 1),
        Decimal("0.5"),
        "Бағдарламалардың жартысы 2025 жылғы қыркүйекке дейін",
        "Половина программ к сентябрю 2025 года",
        "Half of the programmes by September 2025",
    ),
    Phase(
        date(2026, 12, 31),
        Decimal("0.8"),
        "Әр бес бағдарламаның төртеуі 2026 жылдың соңына дейін",
        "Четыре программы из пяти к концу 2026 года",
        "Four in five programmes by the end of 2026",
    ),
    Phase(
        date(2027, 9, 1),
        Decimal(1),
        "Барлық бағдарлама 2027 жылғы қыркүйекке дейін",
        "Все программы к сентябрю 2027 года",
        "All programmes by September 2027",
    ),
)


@transaction.atomic
def make_rules(*, seed: int) -> None:
    """A phased plan, and a few programmes excused; marked as examples, for no such plan has been published."""
    for phase in PLAN:
        Target.objects.get_or_create(
            requirement_code=DEFAULT_REQUIREMENT,
            due_on=phase.due_on,
            defaults={
                "name_kk": phase.kk,
                "name_ru": phase.ru,
                "name_en": phase.en,
                "share": phase.share,
                "source": "Демонстрация · Demonstration",
            },
        )
    if not Exemption.objects.exists():
        exempt(Random(f"{seed}:exemptions"))  # noqa: S311 - the same for the same seed, and nothing secret


def exempt(random: Random) -> None:
    """Excuse programmes that are being closed, and some of fields with rules of their own."""
    lead = User.objects.get(email=demo.LEAD)
    closing = list(Programme.objects.exclude(active_to=None).order_by("institution__code", "code"))
    special = list(
        Programme.objects.filter(direction__code__startswith="12").order_by("institution__code", "code")
    )
    chosen = {programme.pk: programme for programme in some(random, closing, 8) + some(random, special, 6)}
    begins = datetime(2025, 10, 20, 11, tzinfo=ALMATY)
    for number, programme in enumerate(chosen.values()):
        kind = 0 if programme.active_to else 2
        Exemption.objects.create(
            institution_id=programme.institution_id,
            programme=programme,
            requirement_code=DEFAULT_REQUIREMENT,
            reason=REASONS[kind + number % 2],
            decided_by=lead,
            decided_at=begins + timedelta(days=3 * number),
            starts_on=date(2025, 9, 1),
            ends_on=date(2027, 9, 1),
        )


def some(random: Random, programmes: list[Programme], number: int) -> list[Programme]:
    return random.sample(programmes, min(number, len(programmes)))


def due(now: datetime, periods: tuple[str, ...]) -> list[Moment]:
    """The moments that have come and in whose period anybody has signed."""
    signed = set(
        Submission.objects.filter(period__code__in=periods).values_list("period__code", flat=True).distinct()
    )
    return [moment for moment in HISTORY if moment.period in signed and moment.as_at <= now]


def release_history(
    *,
    periods: tuple[str, ...],
    now: datetime | None = None,
    say: Callable[[str], object] = lambda _text: None,
) -> None:
    """Take, verify and release the figures of the past as a ministry would have; goes on where it was broken off."""
    now = now or timezone.now()
    # A demonstration that an earlier version has made lacks the people who came since.
    people = {person.email: person for person in demo.make_people()}
    lead, deputy = people[demo.LEAD], people[demo.DEPUTY]
    for moment in due(now, periods):
        if released := release_moment(moment, lead, deputy, now):
            say(f"release {released.number}: as at {moment.day}")


def release_moment(moment: Moment, lead: User, deputy: User, now: datetime) -> Release | None:
    """The release of a moment, None if it was there already."""
    period = Period.objects.get(code=moment.period)
    snapshot = Snapshot.objects.filter(period=period, as_at=moment.as_at).order_by("pk").first()
    if snapshot is None:
        snapshot = snapshots.request(period=period, by=lead, as_at=moment.as_at)
    existing = Release.objects.filter(snapshot=snapshot).first()
    if existing and existing.files_ready_at:
        return None
    snapshots.take(snapshot.pk)
    snapshot = verifying.verify(snapshot.pk)
    if snapshot.state != Snapshot.State.VERIFIED:
        raise Refused(
            _("Snapshot %(number)s was refuted by its verification; see its differences.")
            % {"number": snapshot.pk},
            code="refuted",
        )
    at = min(moment.as_at + MADE_PUBLIC_AFTER, now)
    release = existing or releasing.release(
        snapshot=snapshot, by=lead, confirmed_by=deputy, at=at, notes=moment.notes
    )
    return releasing.prepare(release.pk)
