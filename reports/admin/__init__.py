"""The ministry's pages for what it means: the rules, snapshots and releases."""

from reports.admin import (
    drafts,
    effort,
    exemptions,
    mandate,
    operations,
    proposals,
    releases,
    snapshots,
    work,
)

__all__ = [
    "drafts",
    "effort",
    "exemptions",
    "mandate",
    "operations",
    "proposals",
    "releases",
    "snapshots",
    "work",
]
