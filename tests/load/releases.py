"""A release at the size of the nation, for the benchmarks of what the public reads."""

from curricula.models import Period
from institutions.models import User
from reports import releasing, snapshots, verifying
from reports.models import Release


def make_sure_of_a_release(period: str = "") -> Release:
    """The newest, else one made by the real steps of what the database holds, of the newest period unless told."""
    newest = Release.objects.newest()
    if newest is not None:
        return newest
    lead, deputy = User.objects.filter(groups__name="lead").order_by("pk")[:2]
    described = Period.objects.get(code=period) if period else Period.objects.latest("code")
    taken = snapshots.take(snapshots.request(period=described).pk)
    verified = verifying.verify(taken.pk)
    return releasing.prepare(releasing.release(snapshot=verified, by=lead, confirmed_by=deputy).pk)
