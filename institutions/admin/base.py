"""What all pages of the ministry have in common: what is deleted can be put back, and every row tells its history."""

import re
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import IntegrityError, connection, models, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from institutions import history
from institutions.admin.deleted import DeletedPages
from institutions.admin.meanwhile import Meanwhile
from institutions.models import User
from institutions.names import matching

# In the names of columns that nobody is to ask about.
SECRET = re.compile(r"secret|token|digest|password|sealed|recovery|answer")

# Of PostgreSQL: the row is there already, or what it belongs to is gone.
MEANWHILE = ("23505", "23503")


def actor(request: HttpRequest) -> User:
    """Who acts: the admin site has let nobody else in."""
    assert isinstance(request.user, User)  # noqa: S101
    return request.user


def is_key(text: str) -> bool:
    """Whether a text from an address may be the key of a row."""
    return text.isascii() and text.isdigit() and len(text) < 19


class MinistryAdmin(DeletedPages):
    """Lists that scroll, search in the reader's own letters, and the database's history instead of the admin's log.

    `search_column` is the folded column to search in (Django's own search can't fold Kazakh letters).
    """

    search_column: str = ""
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    actions = None
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    view_on_site = False
    object_history_template = "admin/history.html"

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        rows = super().get_queryset(request)
        return rows.for_user(request.user) if hasattr(rows, "for_user") else rows

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet[Any], search_term: str
    ) -> tuple[models.QuerySet[Any], bool]:
        if not self.search_column:
            return super().get_search_results(request, queryset, search_term)
        return queryset.filter(matching(search_term, self.search_column)), False

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Nobody finds a secret out letter by letter: the address of a list filters by any column of its table."""
        return not SECRET.search(lookup) and super().lookup_allowed(lookup, value, request)

    def row_at(self, request: HttpRequest, key: str | int, *related: str) -> Any:
        """The row that an address names, with what it points to; 404 if there is none for this person."""
        rows = self.get_queryset(request).select_related(*related) if related else self.get_queryset(request)
        row = rows.filter(pk=key).first() if is_key(str(key)) else None
        if row is None:
            raise Http404
        return row

    def row_to_see(self, request: HttpRequest, key: str | int, *related: str) -> Any:
        """The same for whoever may look at these rows."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self.row_at(request, key, *related)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Of two who save at the same moment the second waits, and reads what the first has written."""
        if request.method == "POST" and connection.in_atomic_block and self.has_change_permission(request):
            held = self.model._default_manager.select_for_update(no_key=True)
            held.filter(pk=object_id if is_key(object_id) else 0).values_list("pk").first()
        return super().get_object(request, object_id, from_field)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **named: Any) -> Any:
        form = super().get_form(request, obj, change=change, **named)
        kind: Any = type(form)
        return kind(form.__name__, (Meanwhile, form), {}) if obj else form

    def changeform_view(self, request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        """A row within this one that somebody has added or taken away meanwhile is for the keys to refuse."""
        try:
            with transaction.atomic():
                return super().changeform_view(request, *arguments, **named)
        except IntegrityError as error:
            if getattr(error.__cause__, "sqlstate", "") not in MEANWHILE:
                raise
            messages.error(request, _("Something has changed since you looked. Look again."))
            return HttpResponseRedirect(request.get_full_path())

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.deletable and super().has_delete_permission(request, obj)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined]
        if not self.has_view_or_change_permission(request, row):
            raise PermissionDenied
        page = Paginator(history.events(row), 50).get_page(request.GET.get("p"))
        context = {
            **self.admin_site.each_context(request),
            "title": _("History of %(name)s") % {"name": row},
            "module_name": str(capfirst(self.opts.verbose_name_plural)),
            "object": row,
            "opts": self.opts,
            "page_obj": page,
            "changes": history.told(page.object_list, type(row)),
            **(extra_context or {}),
        }
        return TemplateResponse(request, self.object_history_template, context)


class ReadOnlyAdmin(MinistryAdmin):
    """Rows that only the steps or the database write."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyInline(admin.TabularInline):
    template = "admin/readonly_inline.html"
    extra = 0
    can_delete = False
    show_change_link = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
