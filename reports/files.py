"""The files of a release."""

from reports.models import Release


def make_files(release: Release) -> None:
    """Write the release's files; called within the transaction that marks them as ready."""
