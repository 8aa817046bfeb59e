"""What may be wrong, each with the sentence that says so and what to do then.

A check's code is its name in /metrics, in the alert rules and as a heading of docs/operations.md. Some cast doubt on
figures: /readyz is false then. The others want somebody's attention in the course of the day.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports import live
from reports.watching.facts import Facts

MINUTE, HOUR, DAY = 60, 3600, 24 * 3600
# In seconds. A heart beats every 15 s and a sweep passes every 30 s: these are missed several times before it counts.
WORKER, BEAT = 60, 10 * MINUTE
WORK, STALE = 10 * MINUTE, 2 * MINUTE
# For so long it is told that the nightly count found live figures wrong; they are counted anew at once.
DIFFERED_FOR = HOUR
SEALED, LETTERS, MESSAGES = HOUR, HOUR, 10 * MINUTE
TRAIL_VERIFIED, BACKUP, BACKUP_VERIFIED, SNAPSHOT = 50 * HOUR, 26 * HOUR, 8 * DAY, 92 * DAY
ROOM_BYTES, ROOM_SHARE, CONNECTIONS_SHARE = 1024**3, 0.1, 0.8
FAILED_TASKS, REFUSED_SIGN_INS = 20, 500  # of a day

# Heartbeats that others leave here: who makes a backup, who has restored and compared one, who has verified the trail.
BACKED_UP, BACKUP_COMPARED = "backup", "backup verified"
TRAIL_WHOLE, TRAIL_BROKEN = "trail verified", "trail broken"


@dataclass(frozen=True)
class Check:
    """`find` says in a sentence what is wrong, or None. `of_servers`: a demonstration has nothing to lose by it."""

    code: str
    find: Callable[[Facts], str | None]
    remedy: Any
    doubts: bool = False
    of_servers: bool = False


@dataclass(frozen=True)
class Matter:
    """Something that is wrong now, and what to do; `doubts`: figures can't be trusted meanwhile."""

    code: str
    said: str
    remedy: str
    doubts: bool


def judge(facts: Facts) -> list[Matter]:
    """All that is wrong, in the reader's language; what casts doubt on figures first. Empty if all is well."""
    found = []
    for check in CHECKS if facts.database else CHECKS[:1]:
        said = None if check.of_servers and settings.DEMO else check.find(facts)
        if said:
            found.append(Matter(check.code, said, str(check.remedy), check.doubts))
    return found


def lasting(seconds: float) -> str:
    """How long, in the unit in which one would say it."""
    for unit, name in ((DAY, _("%(n)d days")), (HOUR, _("%(n)d h")), (MINUTE, _("%(n)d min"))):
        if seconds >= 2 * unit:
            return name % {"n": seconds // unit}
    return _("%(n)d s") % {"n": seconds}


def longer(age: float | None, limit: float, said: str, never: str = "") -> str | None:
    """The sentence with the time in it if it lasts longer than that; `never`, if it has not happened at all."""
    if age is None:
        return never or None
    return said % {"time": lasting(age)} if age > limit else None


def no_database(facts: Facts) -> str | None:
    return None if facts.database else _("The database does not answer.")


def no_redis(facts: Facts) -> str | None:
    return None if facts.redis else _("Redis does not answer.")


def no_scanner(facts: Facts) -> str | None:
    return _("The virus scanner does not answer.") if facts.scanner is False else None


def no_worker(facts: Facts) -> str | None:
    never = _("No worker has done any work yet.")
    return longer(facts.since("worker"), WORKER, _("No worker has done any work for %(time)s."), never)


def no_beat(facts: Facts) -> str | None:
    return longer(
        facts.since("beat"), BEAT, _("Beat has not rung for %(time)s."), _("Beat has not rung yet.")
    )


def work_waits(facts: Facts) -> str | None:
    said = _("An import, a snapshot or a release's files have been waiting for %(time)s.")
    return longer(facts.asked_for(), WORK, said)


def figures_stale(facts: Facts) -> str | None:
    said = _("Live figures have been out of date for %(time)s.")
    return longer(facts.age(facts.stale.since), STALE, said)


def figures_differed(facts: Facts) -> str | None:
    ago = facts.since(live.DIFFERED)
    if ago is None or ago >= DIFFERED_FOR:
        return None
    return _("Live figures differed from a full recomputation %(time)s ago; they were counted anew.") % {
        "time": lasting(ago)
    }


def snapshot_refuted(facts: Facts) -> str | None:
    if facts.refuted is None:
        return None
    return _("The newest snapshot, %(number)d, was refuted by its verification.") % {"number": facts.refuted}


def trail_broken(facts: Facts) -> str | None:
    broken, whole = facts.since(TRAIL_BROKEN), facts.since(TRAIL_WHOLE)
    if broken is None or (whole is not None and whole < broken):
        return None
    return _("The trail was found altered %(time)s ago.") % {"time": lasting(broken)}


def guards_off(facts: Facts) -> str | None:
    if not facts.unguarded:
        return None
    return _("Rules of the database are switched off: %(tables)s.") % {"tables": ", ".join(facts.unguarded)}


def trail_unsealed(facts: Facts) -> str | None:
    said = _("Nothing of the trail has been sealed for %(time)s.")
    return longer(facts.age(facts.sealed_at), SEALED, said)


def trail_unverified(facts: Facts) -> str | None:
    said = _("The trail has not been verified for %(time)s.")
    return longer(facts.since(TRAIL_WHOLE), TRAIL_VERIFIED, said, _("The trail has not been verified yet."))


def no_backup(facts: Facts) -> str | None:
    said = _("The last backup was made %(time)s ago.")
    return longer(facts.since(BACKED_UP), BACKUP, said, _("No backup is known."))


def backup_unverified(facts: Facts) -> str | None:
    said = _("The last backup that was restored and compared is from %(time)s ago.")
    never = _("No backup has been restored and compared yet.")
    return longer(facts.since(BACKUP_COMPARED), BACKUP_VERIFIED, said, never)


def letters_wait(facts: Facts) -> str | None:
    since = facts.queues["letters"].since
    return longer(facts.age(since), LETTERS, _("A letter has been waiting for %(time)s to be sent."))


def letters_given_up(facts: Facts) -> str | None:
    if not facts.letters_given_up:
        return None
    return _("Letters given up within a day: %(count)d.") % {"count": facts.letters_given_up}


def webhooks_wait(facts: Facts) -> str | None:
    said = _("Messages to universities' systems have been due for %(time)s.")
    return longer(facts.age(facts.queues["webhooks"].since), MESSAGES, said)


def snapshot_old(facts: Facts) -> str | None:
    said = _("The last snapshot was verified %(time)s ago.")
    return longer(facts.age(facts.verified_at), SNAPSHOT, said, _("No snapshot has been verified yet."))


def disk_full(facts: Facts) -> str | None:
    if facts.room is None:
        return None
    free, total = facts.room
    if free > max(ROOM_BYTES, total * ROOM_SHARE):
        return None
    return _("On the disk with the uploads %(free)s are left.") % {"free": filesizeformat(free)}


def connections_used(facts: Facts) -> str | None:
    used, most = facts.connections
    if used < most * CONNECTIONS_SHARE:
        return None
    return _("Connections of the database in use: %(used)d of %(most)d.") % {"used": used, "most": most}


def tasks_fail(facts: Facts) -> str | None:
    failed = facts.failed_tasks()
    return _("Tasks that failed today: %(count)d.") % {"count": failed} if failed > FAILED_TASKS else None


def sign_ins_refused(facts: Facts) -> str | None:
    refused = sum(facts.refused().values())
    if refused <= REFUSED_SIGN_INS:
        return None
    return _("Sign-ins that were refused today: %(count)d.") % {"count": refused}


# The database first: without it nothing else is known.
CHECKS = (
    Check("no-database", no_database, doubts=True, remedy=gettext_lazy(
        "See that PostgreSQL runs and takes connections from here; its own log says why not. What was saved is not "
        "lost, and released pages are served from copies.")),
    Check("no-redis", no_redis, doubts=True, remedy=gettext_lazy(
        "See that Redis runs and that REDIS_URL is right. Nothing is lost: what is to be done stands in the database, "
        "and goes on within half a minute.")),
    Check("no-worker", no_worker, doubts=True, remedy=gettext_lazy(
        "Start a worker, or read its log for why it does nothing. All work waits and is done when it is back.")),
    Check("no-beat", no_beat, doubts=True, remedy=gettext_lazy(
        "Start beat. Workers make their rounds without it, but nobody compares live figures with a recomputation at "
        "night, and nothing old is deleted.")),
    Check("work-waits", work_waits, doubts=True, remedy=gettext_lazy(
        "Look under Imports and Snapshots for what went wrong. If nothing did, all workers are busy: add one.")),
    Check("figures-stale", figures_stale, doubts=True, remedy=gettext_lazy(
        "Read the worker's log for reports.tasks.refresh_live. “manage.py refresh_coverage” does the same without "
        "Celery. Released figures stay right.")),
    Check("figures-differed", figures_differed, doubts=True, remedy=gettext_lazy(
        "Keep the worker's log of that moment, which names the differences, and report it: it is a fault of the "
        "program. Snapshots are computed anew and don't depend on it.")),
    Check("snapshot-refuted", snapshot_refuted, doubts=True, remedy=gettext_lazy(
        "Release nothing. The page of the snapshot lists what differs. Take another; if it is refuted, too, report the "
        "list: it is a fault of the program.")),
    Check("trail-broken", trail_broken, doubts=True, remedy=gettext_lazy(
        "Run “manage.py verify_audit_trail”, which names what was altered. Find out who could write to the database "
        "past the program, and compare with a backup, before anything else is changed.")),
    Check("guards-off", guards_off, doubts=True, remedy=gettext_lazy(
        "Only the owner of the tables can do that: find out who and why. “manage.py pgtrigger enable” and “manage.py "
        "migrate” bring them back; then run verify_audit_trail and rebuild_snapshot.")),
    Check("trail-unsealed", trail_unsealed, remedy=gettext_lazy(
        "A transaction that has been open for as long holds it up (pg_stat_activity shows it), or the task fails: read "
        "the worker's log for institutions.tasks.seal_trail.")),
    Check("trail-unverified", trail_unverified, of_servers=True, remedy=gettext_lazy(
        "Run “manage.py verify_audit_trail”, and see that it is run every night.")),
    Check("no-backup", no_backup, of_servers=True, remedy=gettext_lazy(
        "Make a backup now, and see why none is made every night: its log says so.")),
    Check("backup-unverified", backup_unverified, of_servers=True, remedy=gettext_lazy(
        "Restore the newest backup into an empty database and compare: a backup is one that was restored.")),
    Check("letters-wait", letters_wait, remedy=gettext_lazy(
        "Look under Letters for what the mail server says, and see that EMAIL_URL is right.")),
    Check("letters-given-up", letters_given_up, remedy=gettext_lazy(
        "Look under Letters for why. An address that does not exist is corrected by inviting anew; a server that "
        "refuses all of them is for its administrator.")),
    Check("webhooks-wait", webhooks_wait, remedy=gettext_lazy(
        "Read the worker's log for institutions.tasks.send_webhooks, and see that workers have a way out to port "
        "443 and to a name server.")),
    Check("no-scanner", no_scanner, remedy=gettext_lazy(
        "See that clamd runs and that CLAMD_URL is right. No file is taken in until it answers; people are told, and "
        "what they typed is kept.")),
    Check("snapshot-old", snapshot_old, of_servers=True, remedy=gettext_lazy(
        "Take a snapshot: it shows that figures can be computed and verified.")),
    Check("disk-full", disk_full, remedy=gettext_lazy(
        "Make the disk larger, or remove what is not the program's. Uploads are kept and not to be deleted by hand.")),
    Check("connections-used", connections_used, remedy=gettext_lazy(
        "See in pg_stat_activity who holds them. Web processes hold at most DATABASE_POOL each; raise "
        "max_connections, or start fewer of them.")),
    Check("tasks-fail", tasks_fail, remedy=gettext_lazy(
        "Read the worker's log for “failed”: each line names the task and the cause. What failed is tried again by "
        "itself.")),
    Check("sign-ins-refused", sign_ins_refused, remedy=gettext_lazy(
        "Somebody may be guessing passwords; they are braked after ten. The proxy's log has the addresses: block what "
        "stands out. Tell people whose accounts are meant.")),
)  # fmt: skip
