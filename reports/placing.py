"""How a place among peers reads: who they are, the quarter, the finding."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from institutions.models import Institution
from reports.figures import Counts
from reports.peers import SIMILAR, Peers
from reports.wording import count

QUARTERS = {
    1: gettext_lazy("in the lowest quarter"),
    2: gettext_lazy("in the quarter below the median"),
    3: gettext_lazy("in the quarter above the median"),
    4: gettext_lazy("in the highest quarter"),
}
AMONG = {
    "nation": gettext_lazy("Among all universities: %(place)s"),
    "regions": gettext_lazy("Among the regions: %(place)s"),
    "fields": gettext_lazy("Among the fields of education: %(place)s"),
}


def peer_group(peers: Peers, *, own: Counts, region: str = "") -> str:
    """Who its peers are, and how many they are with it."""
    universities = ngettext("%(count)s university", "%(count)s universities", len(peers.shares)) % {
        "count": count(len(peers.shares))
    }
    if peers.group == "kind":
        kind = Institution.Kind(peers.key).label
        return _("Same kind (%(kind)s): %(universities)s") % {"kind": kind, "universities": universities}
    if peers.group == "region":
        return _("%(region)s: %(universities)s") % {"region": region, "universities": universities}
    if peers.group == "size":
        return _("Similar size (%(least)s to %(most)s programmes): %(universities)s") % {
            "least": count(-(-own.counted // SIMILAR)),
            "most": count(own.counted * SIMILAR),
            "universities": universities,
        }
    if peers.group == "regions":
        return _("All regions")
    if peers.group == "fields":
        return _("All fields of education")
    return _("All: %(universities)s") % {"universities": universities}


def quarter(peers: Peers) -> str:
    """Where one stands among its peers, as far as that can be told."""
    if not peers.enough:
        return _("too few to compare with")
    if peers.own == peers.median:
        return _("at the median")
    if peers.quarter:
        return str(QUARTERS[peers.quarter])
    return ngettext("level with %(count)s other", "level with %(count)s others", peers.level) % {
        "count": count(peers.level)
    }


def place(peers: Peers) -> str:
    """The finding of a comparison with all others, as its heading."""
    return AMONG[peers.group] % {"place": quarter(peers)}
