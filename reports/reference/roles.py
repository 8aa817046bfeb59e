"""The ministry's roles as groups. A reviewer decides on what was submitted; a lead also keeps registry, rules and
people, and releases figures; a data steward keeps reference data; an auditor looks at everything and changes nothing.

What a role may do is written here and nowhere else: each load brings the four groups to it, so that an update hands out
the rights of its new pages, and nobody widens a role unseen. A ministry that wants another split makes a group of its
own, which stays as it is. docs/permissions.md and its test say what follows for each page.
"""

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.db.models import Q

from institutions.reference.merging import Merged

OURS = ("institutions", "curricula", "reports")

REVIEWER = "reviewer"
LEAD = "lead"
STEWARD = "data-steward"
AUDITOR = "auditor"

# What each may do besides looking at everything of ours: app, model, actions. Whoever gives a role must have all of its
# rights, so the lead's include the others'.
MAY: dict[str, dict[str, dict[str, str]]] = {
    REVIEWER: {
        "curricula": {
            "curriculumversion": "change",
            "submission": "change",
            "sample": "add",
            "sampledcurriculum": "change",
            "returnreason": "add change",
        },
    },
    STEWARD: {
        "institutions": {
            "region": "change",
            "institution": "add change",
            "formername": "add change delete",
            "alias": "add change delete",
            "merger": "add",
        },
        "curricula": {
            "field": "add change",
            "programme": "add change",
            "returnreason": "add change delete",
        },
        "reports": {
            "referencevalue": "add change delete",
            "effortentry": "add change delete",
            "fieldoccupation": "add change delete",
        },
    },
    AUDITOR: {
        "auth": {"group": "view"},
        "institutions": {
            "trailentry": "read",
            "operations": "watch",
            "apikey": "oversee",
            "webhook": "oversee",
        },
    },
    LEAD: {
        "auth": {"group": "view"},
        "institutions": {
            "region": "change",
            "institution": "add change",
            "formername": "add change delete",
            "alias": "add change delete",
            "merger": "add",
            "user": "add change",
            "membership": "add change delete",
            "trailentry": "read",
            "operations": "watch",
            "apikey": "oversee revoke",
            "webhook": "oversee pause",
        },
        "curricula": {
            "field": "add change",
            "period": "add change",
            "programme": "add change",
            "curriculumversion": "change",
            "submission": "change",
            "sample": "add",
            "sampledcurriculum": "change",
            "claim": "delete",
            "returnreason": "add change delete",
            "assignment": "add delete",
        },
        "reports": {
            "mandate": "add change",
            "requirement": "change",
            "requirementdraft": "add change adopt",
            "target": "add change delete",
            "exemption": "add change",
            "referencevalue": "add change delete",
            "effortentry": "add change delete",
            "fieldoccupation": "add change delete",
            "snapshot": "add change",
            "releaseproposal": "add change confirm",
        },
    },
}


def load_roles() -> Merged:
    counts = {"added": 0, "renewed": 0, "unchanged": 0}
    for app in OURS:
        # `migrate` makes permissions at its end; here they are needed whether or not it has come to that.
        create_permissions(apps.get_app_config(app), verbosity=0)
    for role, rights in MAY.items():
        group, is_new = Group.objects.get_or_create(name=role)
        wanted = {permission.pk for permission in permissions(rights)}
        if set(group.permissions.values_list("pk", flat=True)) == wanted:
            counts["unchanged"] += 1
            continue
        group.permissions.set(wanted)
        counts["added" if is_new else "renewed"] += 1
    return Merged(**counts)


def permissions(rights: dict[str, dict[str, str]]) -> list[Permission]:
    """Looking at everything of ours, and the rights that are spelled out."""
    wanted = Q(content_type__app_label__in=OURS, codename__startswith="view_")
    for app, models in rights.items():
        codenames = [f"{action}_{model}" for model, actions in models.items() for action in actions.split()]
        wanted |= Q(content_type__app_label=app, codename__in=codenames)
    return list(Permission.objects.filter(wanted))
