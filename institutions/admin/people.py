"""Accounts: who signs in, for which university, and who at the ministry may do what."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from institutions import proving
from institutions.admin.base import actor
from institutions.admin.steps import StepPages
from institutions.forms.passwords import PasswordOfAnotherForm
from institutions.forms.second_factor import ResetForm
from institutions.models import Membership, User, role_name

WHO = ("email", "first_name", "last_name")


def deed(right: Permission) -> str:
    deeds = {
        "add": _("Add"),
        "change": _("Change"),
        "delete": _("Delete"),
        "view": _("View"),
        "oversee": _("View"),
        "revoke": pgettext_lazy("a key", "Revoke"),
        "pause": pgettext_lazy("a webhook", "Switch off"),
    }
    return str(deeds.get(right.codename.split("_")[0], right.name)).lower()


def permissions_of(user: Any) -> QuerySet[Permission]:
    """All that a person may do if active; a superuser's being one apart."""
    return Permission.objects.filter(Q(group__user=user) | Q(user=user)).order_by().distinct()


admin.site.unregister(Group)


@admin.register(Group)
class RoleAdmin(DjangoGroupAdmin):
    """Django's own page of groups, with the names that people read. None is deleted, for the program has them."""

    list_display = ("role",)
    ordering = ("pk",)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return False

    @admin.display(description=_("role"), ordering="name")
    def role(self, group: Group) -> str:
        return role_name(group)

    def get_fields(self, request: HttpRequest, obj: Group | None = None) -> Any:
        """Whoever may only look reads names: those of the permissions themselves are there in English only."""
        if obj is None or self.has_change_permission(request, obj):
            return super().get_fields(request, obj)
        return ("role", "rights")

    def get_readonly_fields(self, request: HttpRequest, obj: Group | None = None) -> Any:
        return ("role", "rights")

    @admin.display(description=_("permissions"))
    def rights(self, group: Group) -> str:
        found: dict[str, list[str]] = {}
        for right in group.permissions.select_related("content_type").order_by("content_type", "codename"):
            found.setdefault(right.content_type.name, []).append(deed(right))
        return format_html_join(
            "", "{}: {}<br>", sorted((what, ", ".join(may)) for what, may in found.items())
        )


class OneAccountAnAddress:
    """The database holds that no two accounts share an address in any case; here it is said at the field."""

    def clean_email(self: Any) -> str:
        email: str = self.cleaned_data["email"]
        if User.objects.filter(email__iexact=email).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("Somebody has an account with this address already."))
        return email


class AddForm(OneAccountAnAddress, AdminUserCreationForm):
    class Meta:
        model = User
        fields = WHO
        field_classes: dict[str, Any] = {}


class ChangeForm(OneAccountAnAddress, UserChangeForm):
    class Meta:
        model = User
        fields = "__all__"
        field_classes: dict[str, Any] = {}


class RolesField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return role_name(obj)


class RoleFilter(admin.RelatedFieldListFilter):
    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(str(group.pk), role_name(group)) for group in Group.objects.order_by("pk")]


class Memberships(admin.TabularInline):
    model = Membership
    extra = 0


@admin.register(User)
class UserAdmin(StepPages, DjangoUserAdmin):
    """The lead keeps accounts, but makes nobody more powerful than the lead is."""

    form = ChangeForm
    add_form = AddForm
    change_password_form = PasswordOfAnotherForm
    change_user_password_template = "admin/institutions/user/change_password.html"  # noqa: S105 - a page
    list_display = ("email", "name", "is_staff", "is_active", "last_login", "second_factor_since")
    list_filter = ("is_staff", "is_active", ("groups", RoleFilter), "memberships__role")
    search_fields = ("email", "first_name", "last_name", "memberships__institution__code")
    ordering = ("email",)
    filter_horizontal = ()
    inlines = (Memberships,)
    fieldsets = (
        (None, {"fields": (*WHO, "password")}),
        (
            _("Ministry"),
            {
                "fields": ("is_active", "is_staff", "groups"),
                "description": _("People of universities need no group: their roles are below."),
            },
        ),
        (_("Dates"), {"fields": ("last_login", "date_joined", "second_factor_since", "signed_out_at")}),
    )
    for_superusers = (_("Everything"), {"fields": ("is_superuser", "user_permissions")})
    add_fieldsets = (
        (None, {"classes": ("wide",), "fields": (*WHO, "usable_password", "password1", "password2")}),
    )
    readonly_fields = ("last_login", "date_joined", "second_factor_since", "signed_out_at")
    change_form_template = "admin/institutions/user/change_form.html"

    @admin.display(description=pgettext_lazy("of a person", "name"), ordering="last_name")
    def name(self, user: User) -> str:
        return user.get_full_name()

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        found = super().get_fieldsets(request, obj)
        return (*found, self.for_superusers) if obj and request.user.is_superuser else found

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "groups":
            kwargs["form_class"] = RolesField
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        if field and db_field.name == "groups":
            field.widget = forms.CheckboxSelectMultiple()
            field.help_text = ""
            if not request.user.is_superuser:
                beyond = Permission.objects.exclude(pk__in=permissions_of(request.user))
                field.queryset = Group.objects.exclude(permissions__in=beyond)
        return field

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Whoever may do more is not changed by those who may less: a new password would be a way round."""
        me = request.user
        if obj is not None and not me.is_superuser:
            beyond = permissions_of(obj).exclude(pk__in=permissions_of(me))
            if obj.is_superuser or beyond.exists():
                return False
        return super().has_change_permission(request, obj)

    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        return [
            path(
                "<int:pk>/second-factor/",
                wrap(self.reset_second_factor),
                name="institutions_user_reset_second_factor",
            ),
            path("<int:pk>/sign-out/", wrap(self.sign_out), name="institutions_user_sign_out"),
            *super().get_urls(),
        ]

    def kept(self, request: HttpRequest, pk: int) -> User:
        """An account that this person may give a new password to, and so a way in."""
        user: User = self.row_at(request, pk)
        if not self.has_change_permission(request, user):
            raise PermissionDenied
        return user

    def reset_second_factor(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = self.kept(request, pk)
        who = {"who": user.email}
        return self.step_on(
            request,
            user,
            ResetForm(request.POST or None),
            partial(proving.reset, user=user, by=actor(request)),
            lambda _done: (
                _("The second factor of %(who)s is reset: they are signed out, and set up a new one.") % who
            ),
            title=_("Reset the second factor"),
            button=_("Reset"),
            lead=_(
                "For %(who)s, who has lost both app and recovery codes. Speak to them first: whoever gets "
                "somebody else to ask for this comes in with the password alone."
            )
            % who,
            undo=_("It can’t be undone: they set up a new one."),
        )

    def sign_out(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = self.kept(request, pk)
        who = {"who": user.email}

        def everywhere() -> User:
            proving.sign_out_everywhere(user=user, by=actor(request))
            if user.pk == request.user.pk:
                update_session_auth_hash(request, user)
            return user

        return self.step_on(
            request,
            user,
            forms.Form(request.POST if request.method == "POST" else None),
            everywhere,
            lambda _done: _("%(who)s is signed out everywhere.") % who,
            title=_("Sign out everywhere"),
            button=_("Sign out everywhere"),
            lead=_("%(who)s is signed out on every device and in every browser.") % who,
            undo=_("Nothing is lost by it: they sign in again."),
        )

    def get_inline_instances(self, request: HttpRequest, obj: User | None = None) -> list[Any]:
        return super().get_inline_instances(request, obj) if obj else []
