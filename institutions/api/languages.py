"""In which language a program is answered."""

from django.conf import settings
from django.utils.translation.trans_real import get_supported_language_variant, parse_accept_lang_header


def spoken(header: str) -> str:
    """The first of our languages that the header `Accept-Language` names, else the country's own."""
    for language, _quality in parse_accept_lang_header(header):
        if language == "*":
            break
        try:
            return get_supported_language_variant(language)
        except LookupError:
            continue
    return settings.LANGUAGE_CODE
