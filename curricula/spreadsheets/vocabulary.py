"""The words of the spreadsheet format: headings and closed lists, in English, Russian and Kazakh.

They are part of the file format, not of the screen, and so don't go through the translation catalogue: a file
written in Russian must stay readable whatever a translator changes. The first word in each language is the one
that templates and messages use; a file may use any of them, in any language, and mix them.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping

Words = Mapping[str, tuple[str, ...]]

HEADINGS: Mapping[str, Words] = {
    "programme_code": {
        "en": ("programme_code", "program code", "programme"),
        "ru": (
            "Код программы",
            "Код образовательной программы",
            "Код ОП",
            "Шифр ОП",
            "Шифр образовательной программы",
        ),
        "kk": (
            "Бағдарлама коды",
            "Білім беру бағдарламасының коды",
            "ББ коды",
            "БББ коды",
            "Бағдарламаның коды",
        ),
    },
    "discipline_code": {
        "en": ("discipline_code", "course code"),
        "ru": ("Код дисциплины", "Шифр дисциплины"),
        "kk": ("Пән коды", "Пәннің коды", "Пән шифры"),
    },
    "discipline_title": {
        "en": ("discipline_title", "discipline", "discipline name", "course title"),
        "ru": ("Название дисциплины", "Наименование дисциплины", "Дисциплина"),
        "kk": ("Пән атауы", "Пәннің атауы", "Пән"),
    },
    "credits": {
        "en": ("credits", "ECTS", "ECTS credits", "credits ECTS"),
        "ru": ("Кредиты", "Кредиты ECTS", "Количество кредитов", "Кол-во кредитов", "Объем в кредитах"),
        "kk": ("Кредиттер", "Кредит", "Кредит саны", "Кредиттер саны", "ECTS кредиттері", "Кредиттер ECTS"),
    },
    "cycle": {
        "en": ("cycle",),
        "ru": ("Цикл", "Цикл дисциплины", "Цикл дисциплин"),
        "kk": ("Цикл", "Пән циклі", "Пәндер циклі"),
    },
    "component": {
        "en": ("component",),
        "ru": ("Компонент", "Компонент дисциплины"),
        "kk": ("Компонент", "Пән компоненті", "Компоненті"),
    },
    "semester": {
        "en": ("semester",),
        "ru": ("Семестр",),
        "kk": ("Семестр", "Оқу семестрі"),
    },
    "ai_category": {
        "en": ("ai_category",),
        "ru": ("Категория ИИ", "ИИ категория"),
        "kk": ("ЖИ санаты", "ЖИ категориясы"),
    },
    "evidence_url": {
        "en": ("evidence_url", "evidence", "evidence link", "syllabus link"),
        "ru": ("Ссылка на подтверждение", "Подтверждение", "Ссылка", "Ссылка на силлабус", "Силлабус"),
        "kk": ("Дәлелге сілтеме", "Дәлел", "Сілтеме", "Силлабусқа сілтеме"),
    },
    "programme_title": {
        "en": ("programme_title", "program title", "programme name"),
        "ru": (
            "Название программы",
            "Название образовательной программы",
            "Наименование образовательной программы",
            "Образовательная программа",
            "Наименование ОП",
            "Название ОП",
        ),
        "kk": ("Бағдарлама атауы", "Білім беру бағдарламасының атауы", "Білім беру бағдарламасы"),
    },
    "title_kk": {
        "en": ("title_kk", "title in Kazakh"),
        "ru": ("Название на казахском", "Название дисциплины на казахском", "Наименование на казахском"),
        "kk": ("Қазақша атауы", "Пәннің қазақша атауы", "Атауы қазақ тілінде"),
    },
    "title_ru": {
        "en": ("title_ru", "title in Russian"),
        "ru": ("Название на русском", "Название дисциплины на русском", "Наименование на русском"),
        "kk": ("Орысша атауы", "Пәннің орысша атауы", "Атауы орыс тілінде"),
    },
    "title_en": {
        "en": ("title_en", "title in English"),
        "ru": ("Название на английском", "Название дисциплины на английском", "Наименование на английском"),
        "kk": ("Ағылшынша атауы", "Пәннің ағылшынша атауы", "Атауы ағылшын тілінде"),
    },
    "description": {
        "en": ("description",),
        "ru": ("Описание", "Описание дисциплины", "Аннотация"),
        "kk": ("Сипаттама", "Пәннің сипаттамасы", "Сипаттамасы", "Аннотация"),
    },
}
REQUIRED = (
    "programme_code",
    "discipline_code",
    "discipline_title",
    "credits",
    "cycle",
    "component",
    "semester",
    "ai_category",
    "evidence_url",
)
# Columns that people (and our own marked copy) add for themselves; they carry nothing that is read.
IGNORED: Words = {
    "en": ("Faults", "No", "N", "#"),
    "ru": ("Ошибки", "№ п/п", "№", "п/п"),
    "kk": ("Қателер", "р/с", "№ р/с", "р/б"),
}

CHOICES: Mapping[str, Mapping[str, Words]] = {
    "cycle": {
        "general": {
            "en": ("general", "general education"),
            "ru": (
                "ООД",
                "общеобразовательный",
                "общеобразовательные дисциплины",
                "цикл общеобразовательных дисциплин",
            ),
            "kk": ("ЖБП", "жалпы білім беру", "жалпы білім беретін пәндер", "жалпы білім беру пәндері"),
        },
        "basic": {
            "en": ("basic", "basic disciplines"),
            "ru": ("БД", "базовый", "базовые дисциплины", "цикл базовых дисциплин"),
            "kk": ("БП", "базалық", "базалық пәндер", "негізгі пәндер"),
        },
        "major": {
            "en": ("major", "major disciplines", "profile"),
            "ru": ("ПД", "профилирующий", "профилирующие дисциплины", "цикл профилирующих дисциплин"),
            "kk": ("КП", "кәсіптендіру", "кәсіптендіру пәндері", "бейіндеуші пәндер", "бейіндік пәндер"),
        },
    },
    "component": {
        "mandatory": {
            "en": ("mandatory", "compulsory", "mandatory component"),
            "ru": ("ОК", "обязательный", "обязательный компонент"),
            "kk": ("МК", "міндетті", "міндетті компонент"),
        },
        "university": {
            "en": ("university", "university component"),
            "ru": ("ВК", "вузовский", "вузовский компонент"),
            "kk": ("ЖК", "ЖООК", "жоғары оқу орны компоненті", "ЖОО компоненті", "университет компоненті"),
        },
        "elective": {
            "en": ("elective", "elective component"),
            "ru": ("КВ", "по выбору", "компонент по выбору", "элективный"),
            "kk": ("ТК", "таңдау", "таңдау компоненті", "таңдау бойынша компонент"),
        },
    },
    "ai_category": {
        "none": {
            "en": ("none", "no", "no AI", "not AI"),
            "ru": ("нет", "без ИИ", "не ИИ", "отсутствует"),
            "kk": ("жоқ", "ЖИ жоқ", "ЖИ емес"),
        },
        "foundations": {
            "en": ("foundations", "AI literacy", "AI foundations", "foundations (AI literacy)"),
            "ru": (
                "основы",
                "основы ИИ",
                "грамотность",
                "ИИ-грамотность",
                "грамотность в области ИИ",
                "основы (ИИ-грамотность)",
            ),
            "kk": ("негіздер", "ЖИ негіздері", "ЖИ сауаттылығы", "негіздері", "негіздер (ЖИ сауаттылығы)"),
        },
        "applied": {
            "en": ("applied", "applied AI", "AI in the field of study", "applied (AI in the field of study)"),
            "ru": (
                "прикладной",
                "прикладной ИИ",
                "прикладная",
                "применение",
                "ИИ в отрасли",
                "применение ИИ",
            ),
            "kk": ("қолданбалы", "қолданбалы ЖИ", "салада қолдану", "ЖИ қолдану"),
        },
        "core": {
            "en": ("core", "core AI", "AI as the subject", "core (AI as the subject)"),
            "ru": ("ядро", "основной", "ИИ как предмет", "профильный", "ядро ИИ"),
            "kk": ("негізгі", "өзек", "ЖИ пән ретінде", "ядро"),
        },
        "ethics": {
            "en": ("ethics", "ethics and law", "AI ethics", "AI ethics and law"),
            "ru": ("этика", "этика и право", "этика ИИ", "этика и право ИИ"),
            "kk": ("этика", "этика және құқық", "ЖИ этикасы", "ЖИ этикасы және құқығы"),
        },
    },
}

# Letters that look alike on the two keyboards are one letter to the person who typed them.
_LOOK_ALIKES = str.maketrans("abcehikmoptxyё", "авсенікмортхуе")
_NOT_WORD = re.compile(r"[\W_]+")


def fold(text: str) -> str:
    """Text without what people don't see or don't mean: case, spaces, punctuation, the keyboard it was typed on."""
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_LOOK_ALIKES)
    return _NOT_WORD.sub(" ", folded).strip() or text.strip()


def _index(table: Mapping[str, Words]) -> dict[str, str]:
    return {
        fold(word): name
        for name, words in table.items()
        for spellings in (*words.values(), (name,))
        for word in spellings
    }


_HEADING_INDEX = _index(HEADINGS)
_IGNORED_INDEX = _index({"ignored": IGNORED})
CHOICE_INDEX: Mapping[str, Mapping[str, str]] = {name: _index(table) for name, table in CHOICES.items()}


def recognise(text: str) -> str:
    """The column that a heading stands for; "" if none. What is in brackets or after a star is a remark."""
    plain = re.sub(r"\(.*?\)", " ", text)
    return _HEADING_INDEX.get(fold(text)) or _HEADING_INDEX.get(fold(plain), "")


def is_ignored(text: str) -> bool:
    return fold(text) in _IGNORED_INDEX


def nearest_column(text: str) -> str:
    """The column whose name is most like a heading that is not known."""
    close = difflib.get_close_matches(fold(text), list(_HEADING_INDEX), n=1, cutoff=0.0)
    return _HEADING_INDEX[close[0]]


def heading(name: str, language: str) -> str:
    words = HEADINGS[name]
    return words.get(language, words["en"])[0]


def language_of_heading(text: str) -> str:
    """The one language in which a heading can be meant; "" if there are several or none."""
    folded = fold(text)
    languages = {
        language
        for words in HEADINGS.values()
        for language, spellings in words.items()
        if any(fold(spelling) == folded for spelling in spellings)
    }
    return languages.pop() if len(languages) == 1 else ""


def choice_labels(name: str, language: str) -> list[str]:
    """What a closed column may say, in one language, in the order of the design."""
    return [words.get(language, words["en"])[0] for words in CHOICES[name].values()]
