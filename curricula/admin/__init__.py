"""The ministry's pages for what is taught: the queue, the review of a submission, and the registers."""

from curricula.admin import imports, queue, registry, samples, versions

__all__ = ["imports", "queue", "registry", "samples", "versions"]
