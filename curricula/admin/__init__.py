"""The ministry's pages for what is taught: the queue, the review of a submission, and the registers."""

from curricula.admin import (
    assignments,
    imports,
    mergers,
    periods,
    queue,
    reasons,
    registry,
    samples,
    versions,
)

__all__ = [
    "assignments",
    "imports",
    "mergers",
    "periods",
    "queue",
    "reasons",
    "registry",
    "samples",
    "versions",
]
