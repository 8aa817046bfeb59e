"""Whether all is well, in words, and what to do if not: for the lead, the auditor and whoever runs the program."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from institutions.admin.base import ReadOnlyAdmin
from institutions.models import Operations
from institutions.tallying import TASK
from reports import watching
from reports.watching.matters import BACKED_UP, BACKUP_COMPARED, TRAIL_WHOLE, lasting

QUEUES = {
    "imports": (gettext_lazy("Imports"), "admin:curricula_import_changelist"),
    "snapshots": (gettext_lazy("Snapshots"), "admin:reports_snapshot_changelist"),
    "files": (gettext_lazy("Files of releases"), "admin:reports_release_changelist"),
    "letters": (gettext_lazy("Letters"), "admin:institutions_letter_changelist"),
    "webhooks": (
        gettext_lazy("Messages to universities’ systems that are due"),
        "admin:institutions_webhook_changelist",
    ),
    "stale": (gettext_lazy("Universities whose live figures are being updated"), ""),
}
REFUSED = {
    "password": gettext_lazy("wrong passwords"),
    "second factor": gettext_lazy("wrong codes of the second factor"),
    "passkey": gettext_lazy("passkeys that did not fit"),
    "too many": gettext_lazy("not even tried, after too many wrong ones"),
}


@dataclass(frozen=True)
class Waiting:
    """What waits of a kind; `place` is the name of the address of its list."""

    name: Any
    place: str
    waiting: int
    lasting: str


@dataclass(frozen=True)
class Moment:
    """When something was done last; `ago` is empty where it never was."""

    name: Any
    at: datetime | None
    ago: str


@dataclass(frozen=True)
class Task:
    """What the workers have done of a kind today; `mean` in seconds."""

    name: str
    done: int
    failed: int
    mean: float


@admin.register(Operations)
class OperationsAdmin(ReadOnlyAdmin):
    """One page; there is no table behind, so no other page of the admin's makes sense here."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("institutions.watch_operations"))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.changelist_view)
        return [path("", view, name="institutions_operations_changelist")]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        facts = watching.look()
        found = watching.judge(facts)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Operations"),
            "opts": self.opts,
            "facts": facts,
            "doubts": [matter for matter in found if matter.doubts],
            "besides": [matter for matter in found if not matter.doubts],
            "waiting": waiting(facts),
            "moments": moments(facts),
            "refused": [(said, facts.refused().get(why, 0)) for why, said in REFUSED.items()],
            "tasks": tasks(facts),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/institutions/operations.html", context)


def waiting(facts: watching.Facts) -> list[Waiting]:
    queues = {**facts.queues, "stale": facts.stale}
    return [
        Waiting(name, place, queue.waiting, lasting(facts.age(queue.since) or 0) if queue.waiting else "")
        for kind, (name, place) in QUEUES.items()
        if (queue := queues.get(kind))
    ]


def moments(facts: watching.Facts) -> list[Moment]:
    rows = [
        (_("A worker did something"), facts.beats.get("worker")),
        (_("Beat rang"), facts.beats.get("beat")),
        (_("A snapshot was verified"), facts.verified_at),
        (_("The newest release became public"), facts.published_at),
        (_("The trail was sealed"), facts.sealed_at),
        (_("The trail was verified"), facts.beats.get(TRAIL_WHOLE)),
        (_("A backup was made"), facts.beats.get(BACKED_UP)),
        (_("A backup was restored and compared"), facts.beats.get(BACKUP_COMPARED)),
    ]
    return [Moment(name, at, lasting(facts.age(at) or 0) if at else "") for name, at in rows]


def tasks(facts: watching.Facts) -> list[Task]:
    """Those of which something was done today, by name."""
    counts: dict[str, dict[str, tuple[int, float]]] = {}
    for one in facts.kept:
        if one.name == TASK and one.today:
            name, _space, outcome = one.detail.partition(" ")
            count, seconds = counts.setdefault(name, {}).get(outcome, (0, 0.0))
            counts[name][outcome] = (count + one.today, seconds + one.seconds_today)
    found = []
    for name, by_outcome in sorted(counts.items()):
        number = sum(count for count, _seconds in by_outcome.values())
        seconds = sum(took for _count, took in by_outcome.values())
        done, failed = (by_outcome.get(outcome, (0, 0.0))[0] for outcome in ("done", "failed"))
        found.append(Task(name, done, failed, seconds / number))
    return found
