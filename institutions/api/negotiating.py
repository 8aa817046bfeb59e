"""In which format a program is answered."""

from collections.abc import Iterable, Sequence

from django.http.request import MediaType
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request


class ByQuality(DefaultContentNegotiation):
    """The parameter `format` goes before the header `Accept`; of what that names the most wanted is given, by its `q`,
    which the framework passes over (RFC 9110, 12.5.1)."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        asked = request.query_params.get("format")
        for renderer in (renderers := list(renderers)):
            if renderer.format == asked:
                return renderer, renderer.media_type
        accepted = [MediaType(one) for one in self.get_accept_list(request)] or [MediaType("*/*")]
        best = max(renderers, key=lambda renderer: _quality(renderer.media_type, accepted))
        if not _quality(best.media_type, accepted) > 0:
            raise NotAcceptable(available_renderers=renderers)
        return best, best.media_type


def _quality(media_type: str, accepted: Sequence[MediaType]) -> float:
    """How much it is wanted, by whatever names it most closely; what is said of a charset or version is passed over."""
    main, sub = media_type.split("/")
    matching = [one for one in accepted if one.main_type in ("*", main) and one.sub_type in ("*", sub)]
    closest = max(matching, key=lambda one: (one.main_type != "*", one.sub_type != "*"), default=None)
    return closest.quality if closest else 0
