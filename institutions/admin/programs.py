"""Keys and webhooks of all universities: which programs come in, where messages go; the lead stops one and says why.

Neither a key's hash nor a webhook's secret is shown, searched or filtered by. Universities make and change their own in
the workspace.
"""

from datetime import datetime
from functools import partial
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from institutions.access import SIGNATORY, members
from institutions.admin.base import ReadOnlyAdmin, actor
from institutions.admin.registering import ReasonForm
from institutions.admin.steps import StepPages
from institutions.dates import day_and_time
from institutions.keys import PREFIX, SHOWN
from institutions.models import ApiKey, Institution, Webhook
from institutions.names import matching
from institutions.overseeing import revoke_key, switch_off

LONGEST_TOLD = len(PREFIX) + SHOWN


class StopForm(ReasonForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = _(
            "The university reads it in the letter; it is kept in the history."
        )


class ProgramsAdmin(StepPages, ReadOnlyAdmin):
    """Whoever oversees may look; it takes another right to stop one."""

    search_fields = ("institution__code",)
    own_columns: tuple[str, ...] = ()

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(f"institutions.oversee_{self.opts.model_name}")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """By the university, or by what stands in the row."""
        wanted = matching(search_term, "institution__search")
        for column in self.own_columns:
            wanted |= Q(**{f"{column}__icontains": search_term.strip()})
        return queryset.filter(wanted), False

    @admin.display(description=gettext_lazy("institution"), ordering="institution__order_kk")
    def university(self, row: Any) -> str:
        return str(row.institution.name)

    def told(self, institution: Institution) -> str:
        """Who gets the letter."""
        people = ", ".join(str(person) for person in members(institution, SIGNATORY))
        return people or _("nobody: the university has no signatory")


class StateFilter(admin.SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return model_admin.model.State.choices


class KeyStateFilter(StateFilter):
    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(state=self.value()) if self.value() else queryset


class ScopeFilter(admin.SimpleListFilter):
    title = gettext_lazy("what it may do")
    parameter_name = "scope"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return ApiKey.Scope.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> QuerySet[ApiKey]:
        return queryset.filter(scopes__contains=[self.value()]) if self.value() else queryset


@admin.register(ApiKey)
class ApiKeyAdmin(ProgramsAdmin):
    list_display = (
        "called", "university", "scope_names", "standing", "made_by", "made_on", "expires_on", "used_on",
    )  # fmt: skip
    list_filter = (KeyStateFilter, ScopeFilter, ("last_used_at", admin.EmptyFieldListFilter))
    list_select_related = ("institution", "made_by")
    own_columns = ("name", "prefix", "made_by__email")
    search_help_text = gettext_lazy("By university, program, who made it, or how the key begins.")
    fields = (
        "name", "university", "prefix", "scope_names", "standing", "made_by", "made_at", "expires_at", "last_used_at",
        "revoked_at", "revoked_by", "revoked_because",
    )  # fmt: skip
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiKey]:
        keys: QuerySet[ApiKey] = super().get_queryset(request).with_state(timezone.now())  # type: ignore[attr-defined]
        return keys.defer("digest")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A whole key that was found somewhere is looked for by its beginning, and goes into no further address."""
        text = request.GET.get("q", "").strip()
        if text.startswith(PREFIX) and len(text) > LONGEST_TOLD:
            asked = request.GET.copy()
            asked["q"] = text[:LONGEST_TOLD]
            return HttpResponseRedirect(f"{request.path}?{asked.urlencode()}")
        return super().changelist_view(request, extra_context)

    @admin.display(description=gettext_lazy("key"), ordering="name")
    def called(self, key: ApiKey) -> str:
        return str(key)

    @admin.display(description=gettext_lazy("what it may do"))
    def scope_names(self, key: ApiKey) -> str:
        return key.scope_names

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def standing(self, key: Any) -> str:
        return str(ApiKey.State(key.state).label)

    @admin.display(description=gettext_lazy("made at"), ordering="made_at")
    def made_on(self, key: ApiKey) -> str:
        return _day(key.made_at)

    @admin.display(description=gettext_lazy("expires at"), ordering="expires_at")
    def expires_on(self, key: ApiKey) -> str:
        return _day(key.expires_at)

    @admin.display(description=gettext_lazy("last used at"), ordering="last_used_at")
    def used_on(self, key: ApiKey) -> str:
        return _day(key.last_used_at) or "–"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.revoke_view)
        return [path("<int:pk>/revoke/", view, name="institutions_apikey_revoke"), *super().get_urls()]

    def revoke_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not request.user.has_perm("institutions.revoke_apikey"):
            raise PermissionDenied
        key: ApiKey = self.row_at(request, pk, "institution", "made_by")
        return self.step_on(
            request,
            key,
            StopForm(request.POST or None),
            partial(revoke_key, key=key, by=actor(request)),
            lambda _done: _("The key of %(name)s opens nothing any more.") % {"name": key.name},
            title=_("Revoke the key of %(name)s?") % {"name": key.name},
            button=pgettext("a key", "Revoke"),
            lead=_(
                "The program can do nothing with it from this moment."
                " What it has written stays, and so does who it was."
            ),
            undo=_("It can’t be undone: the university makes another key."),
            preview="admin/institutions/_stopped.html",
            facts=[
                (_("Institution"), key.institution.name),
                (_("Key"), f"{key.prefix}…"),
                (_("What it may do"), key.scope_names),
                (_("Made by"), key.made_by),
                (_("Last used"), _moment(key.last_used_at) or _("never used")),
                (_("Who gets a letter"), self.told(key.institution)),
            ],
        )


class WebhookStateFilter(StateFilter):
    def queryset(self, request: HttpRequest, queryset: QuerySet[Webhook]) -> QuerySet[Webhook]:
        return queryset.in_state(self.value()) if self.value() else queryset  # type: ignore[attr-defined]


@admin.register(Webhook)
class WebhookAdmin(ProgramsAdmin):
    list_display = ("address", "university", "standing", "last_delivery", "failures", "made_by", "made_on")
    list_filter = (WebhookStateFilter,)
    list_select_related = ("institution", "made_by")
    own_columns = ("address", "description")
    search_help_text = gettext_lazy("By university, address or description.")
    fields = (
        "address", "university", "description", "event_names", "standing", "last_delivery", "failures", "made_by",
        "made_at", "paused_at", "paused_because", "failing_since",
    )  # fmt: skip
    readonly_fields = fields
    ordering = ("institution__order_kk", "number")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Webhook]:
        webhooks: QuerySet[Webhook] = super().get_queryset(request).with_log()  # type: ignore[attr-defined]
        return webhooks.defer("secret", "old_secret")

    @admin.display(description=gettext_lazy("events"))
    def event_names(self, webhook: Webhook) -> str:
        return "; ".join(webhook.event_names)

    @admin.display(description=gettext_lazy("state"))
    def standing(self, webhook: Webhook) -> str:
        return webhook.state_name

    @admin.display(description=gettext_lazy("last delivery"), ordering="delivered_at")
    def last_delivery(self, webhook: Any) -> str:
        return _moment(webhook.delivered_at) or "–"

    @admin.display(description=gettext_lazy("made at"), ordering="made_at")
    def made_on(self, webhook: Webhook) -> str:
        return _day(webhook.made_at)

    @admin.display(description=gettext_lazy("failures in 30 days"), ordering="failed")
    def failures(self, webhook: Any) -> int:
        return int(webhook.failed)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.switch_off_view)
        return [
            path("<int:pk>/switch-off/", view, name="institutions_webhook_switch_off"),
            *super().get_urls(),
        ]

    def switch_off_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not request.user.has_perm("institutions.pause_webhook"):
            raise PermissionDenied
        webhook: Any = self.row_at(request, pk, "institution", "made_by")
        waiting = webhook.deliveries.outstanding().count()
        return self.step_on(
            request,
            webhook,
            StopForm(request.POST or None),
            partial(switch_off, webhook=webhook, by=actor(request)),
            lambda _done: _("Nothing is sent to %(address)s any more.") % {"address": webhook.address},
            title=_("Switch off the webhook?"),
            button=pgettext("a webhook", "Switch off"),
            lead=_(
                "The university’s system is told of nothing any more, but for a test message of a signatory. What waits"
                " and what comes up meanwhile is kept."
            ),
            undo=_("It can be undone: a signatory of the university resumes it, and what waited is sent."),
            preview="admin/institutions/_stopped.html",
            facts=[
                (_("Institution"), webhook.institution.name),
                (_("Address"), webhook.address),
                (_("Told when"), "; ".join(webhook.event_names)),
                (_("State"), webhook.state_name),
                (_("Last delivery"), _moment(webhook.delivered_at) or _("never")),
                (_("Messages that wait"), waiting),
                (_("Who gets a letter"), self.told(webhook.institution)),
            ],
        )


def _moment(at: datetime | None) -> str:
    return day_and_time(at) if at else ""


def _day(at: datetime | None) -> str:
    return date_format(timezone.localtime(at), "SHORT_DATE_FORMAT") if at else ""
