"""The ministry's pages for what it means: the rules, snapshots and releases."""

from reports.admin import exemptions, mandate, proposals, releases, snapshots, work

__all__ = ["exemptions", "mandate", "proposals", "releases", "snapshots", "work"]
