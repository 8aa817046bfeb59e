"""Reasons for returns, begun with a text of the ministry's list and then edited."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from curricula.models import ReturnReason


@dataclass(frozen=True)
class ReadyReasons:
    """The list, in the language in which it is filled in; as HTML made once, for it stands beside every curriculum."""

    language: str
    language_name: str
    texts: dict[str, str]
    curriculum: SafeString
    staff: SafeString

    @property
    def of_all(self) -> SafeString:
        return self.curriculum + self.staff

    def __bool__(self) -> bool:
        return bool(self.texts)


def ready_reasons(language: str) -> ReadyReasons:
    """The texts for readers of a language; one query."""
    language = language or (get_language() or "kk")[:2]
    reasons = list(ReturnReason.objects.all())
    options = {
        about: format_html_join("", '<option value="{}">{}</option>', ((one.pk, one.title) for one in chosen))
        for about in ReturnReason.About.values
        if (chosen := [one for one in reasons if one.about == about]) is not None
    }
    return ReadyReasons(
        language=language,
        language_name=str(dict(settings.LANGUAGES).get(language, language)),
        texts={str(one.pk): one.text_in(language) for one in reasons},
        curriculum=options["curriculum"],
        staff=options["staff"],
    )


def begun_with(request: HttpRequest, ready: ReadyReasons) -> str:
    """What was typed with the chosen text after it, to be looked at before it is sent; "" if it is to be sent.

    Pressing the button of the return with a text chosen and nothing typed sends nothing unseen either. A page with
    scripts fills in at once and takes the choice away.
    """
    typed = request.POST.get("reason", "").replace("\x00", "").strip()
    text = ready.texts.get(request.POST.get("ready", ""), "")
    if not text or (typed and request.POST.get("decision") != "fill"):
        return typed if request.POST.get("decision") == "fill" else ""
    return f"{typed}\n\n{text}" if typed else text
