"""Words by which a discipline's title or description speaks of AI, in Kazakh, Russian and English."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import BooleanField, F, Func, QuerySet, TextField, Value
from django.db.models.functions import Concat

from curricula.models import Discipline
from institutions.names import folded

# LIKE patterns on casefolded text whose punctuation has become spaces; `%` within one stands for endings of words.
# Abbreviations are words of their own: "ии" is in "химии".
TERMS = (
    "жасанды интеллект", "жасанды зерде", " жи ", "машиналық оқыту", "терең оқыту", "нейрондық желі", "нейрожелі",
    "зияткерлік жүйе", "тілдік модел", "компьютерлік көру", "табиғи тілді өңдеу",
    "искусственн% интеллект", " ии ", "машинн% обучени", "глубок% обучени", "глубинн% обучени", "нейронн% сет",
    "нейросет", "языков% модел", "интеллектуальн% систем", "компьютерн% зрени", "обработк% естественн% язык",
    "генеративн", "обучени% с подкреплени", "представлени% знани",
    "artificial intelligence", "intelligent system", " ai ", "machine learning", "deep learning",
    "neural network", "language model", "computer vision", "natural language processing", "generative",
    "reinforcement learning", "knowledge representation",
)  # fmt: skip
PUNCTUATION = "-–—.,;:()[]/«»\"'+&"


class LikeAny(Func):
    """Whether a text is like any of the patterns; a third of the cost of one regular expression with them all."""

    template = "%(expressions)s)"
    arg_joiner = " LIKE ANY ("
    output_field = BooleanField()


def about_ai(disciplines: QuerySet[Discipline], *, describing: bool = False) -> QuerySet[Discipline]:
    """Those whose title (`describing`: or description) speaks of AI."""
    parts: list[Any] = [Value(" "), F("search"), Value(" ")]
    if describing:
        parts += [folded("description"), Value(" ")]
    words = Func(
        Concat(*parts, output_field=TextField()),
        Value(PUNCTUATION),
        Value(" " * len(PUNCTUATION)),
        function="translate",
        output_field=TextField(),
    )
    patterns = Value([f"%{term}%" for term in TERMS], output_field=ArrayField(TextField()))
    return disciplines.filter(LikeAny(words, patterns))
