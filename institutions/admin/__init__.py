"""The ministry's pages for who reports: registry and people; and what all pages of the ministry have in common."""

from django.contrib import admin

from institutions.admin import invitations, people, programs, registry, trail

# The registers are on the home page; beside a review they would take a quarter of its width.
admin.site.enable_nav_sidebar = False

__all__ = ["invitations", "people", "programs", "registry", "trail"]
