"""The ministry's two roles as groups: a reviewer decides on what was submitted, a lead also keeps registry and rules
and releases figures. Once a group is there, its permissions are the ministry's to change.
"""

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.db.models import Q

from institutions.reference.merging import Merged

OURS = ("institutions", "curricula", "reports")

REVIEWER = "reviewer"
LEAD = "lead"

# What each may do besides looking at everything: app, model, actions.
MAY: dict[str, dict[str, dict[str, str]]] = {
    REVIEWER: {
        "curricula": {"curriculumversion": "change", "submission": "change"},
    },
    LEAD: {
        "institutions": {
            "region": "change",
            "institution": "add change",
            "formername": "add change delete",
            "user": "add change",
            "membership": "add change delete",
        },
        "curricula": {
            "field": "add change",
            "period": "add change",
            "programme": "add change",
            "curriculumversion": "change",
            "submission": "change",
        },
        "reports": {
            "mandate": "add change",
            "requirement": "add change",
            "target": "add change delete",
            "exemption": "add change",
            "referencevalue": "add change delete",
            "fieldoccupation": "add change delete",
            "snapshot": "add change",
            "release": "add change",
        },
    },
}


def load_roles() -> Merged:
    added = 0
    for app in OURS:
        # `migrate` makes permissions at its end; here they are needed whether or not it has come to that.
        create_permissions(apps.get_app_config(app), verbosity=0)
    for role, rights in MAY.items():
        group, is_new = Group.objects.get_or_create(name=role)
        if is_new:
            group.permissions.set(permissions(rights))
            added += 1
    return Merged(added=added, unchanged=len(MAY) - added)


def permissions(rights: dict[str, dict[str, str]]) -> list[Permission]:
    """Looking at everything of ours, and the rights that are spelled out."""
    wanted = Q(content_type__app_label__in=OURS, codename__startswith="view_")
    for app, models in rights.items():
        codenames = [f"{action}_{model}" for model, actions in models.items() for action in actions.split()]
        wanted |= Q(content_type__app_label=app, codename__in=codenames)
    return list(Permission.objects.filter(wanted))
