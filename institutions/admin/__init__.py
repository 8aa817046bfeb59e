"""The ministry's pages for who reports: registry and people; and what all pages of the ministry have in common."""

from institutions.admin import people, registry

__all__ = ["people", "registry"]
