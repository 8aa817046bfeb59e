"""The ministry's pages for what is taught: the queue, the review of a submission, and the registers."""

from curricula.admin import imports, queue, registry, versions

__all__ = ["imports", "queue", "registry", "versions"]
