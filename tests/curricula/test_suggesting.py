"""What is suggested for titles and descriptions, and by which words."""

import time
from string import ascii_lowercase

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curricula.models import AICategory, ContentArea
from curricula.suggesting import LONGEST_TERM, MOST_TERMS, suggest
from curricula.taxonomy import LANGUAGES, patterns, rows, taxonomy
from curricula.taxonomy.matching import read


@pytest.mark.parametrize(
    ("title", "category"),
    [
        ("Введение в искусственный интеллект", "foundations"),
        ("ЖИ негіздері", "foundations"),
        ("AI Literacy", "foundations"),
        ("Машинное обучение", "core"),
        ("Нейрондық желілер", "core"),
        ("Computer Vision", "core"),
        ("Искусственный интеллект в медицине", "applied"),
        ("Ауыл шаруашылығындағы жасанды интеллект", "applied"),
        ("Machine Learning for Finance", "applied"),
        ("Право и ИИ", "ethics"),
        ("Жасанды интеллект этикасы", "ethics"),
        ("Algorithmic Fairness", "ethics"),
        ("История Казахстана", "none"),
    ],
)
def test_a_title_has_a_category(title: str, category: str) -> None:
    assert suggest([title]).category == category


@pytest.mark.parametrize(
    "title",
    [
        "Химия", "Теория", "Maintenance", "Жиынтық бағалау", "Жиһаз дизайны", "Нейробиология",
        "Эмоциональный интеллект", "Зияткерлік меншік құқығы", "Генеративная грамматика", "Трансформаторы",
        "Electrical Networks", "Avian Influenza (AI)", "Artificial Insemination (AI)",
        "Нервные сети: физиология", "Интеллектуальные игры", "Правописание жи-ши",
        "Training of Machine Operators", "Deep Learning Approaches and Surface Approaches of Pupils",
        "Военная разведка", "Анализ данных", "Робототехника", "Автономные системы отопления",
        "Recognition of States", "Iskusstvo", "",
    ],
)  # fmt: skip
def test_what_only_sounds_like_ai_is_none(title: str) -> None:
    assert suggest([title]).category == "none"


@pytest.mark.parametrize(
    "title",
    [
        "Жасанды интеллектінің негіздері", "Жасанды интеллектке кіріспе", "Жасанды интеллектіге арналған математика",
        "Нейрондық желілерден практикум", "Машиналық оқытудың әдістері", "Искусственным интеллектом управляемые",
        "О нейросетях", "ИИ-технологии", "ЖИ-ді қолдану", "AI-powered Design", "МАШИННОЕ ОБУЧЕНИЕ",
        "машинное  обучение",
        "«Машинное обучение»", "Машинное обу\u00adчение", "Жасанды интeллект", "Машинноe oбучение", "АI негіздері",
        "Глубокое\u00a0обучение",
    ],
)  # fmt: skip
def test_endings_case_punctuation_and_foreign_letters_make_no_difference(title: str) -> None:
    assert suggest([title]).is_ai


def test_the_words_stand_as_they_are_in_the_text() -> None:
    said = suggest(
        ["Интеллектуальный Анализ данных в Бизнесе"], "Кластеризация; НЕЙРОННЫЕ сети, нейронные сети."
    )
    assert said.terms == ("Интеллектуальный Анализ", "Кластеризация", "НЕЙРОННЫЕ сети")
    assert said.areas == ("machine_learning", "data", "applied")


def test_terms_that_overlap_are_shown_as_one() -> None:
    assert suggest(["Deep Neural Networks"]).terms == ("Deep Neural Networks",)


def test_a_description_alone_makes_it_applied() -> None:
    said = suggest(["Сетевой маркетинг"], "Воронка продаж, чат-боты и рекомендательные системы.")
    assert said.category == "applied"
    assert set(said.areas) == {"language", "data", "applied"}


def test_a_description_of_several_methods_makes_it_core() -> None:
    assert suggest(["Избранные главы"], "Нейронные сети, обучение с подкреплением.").category == "core"


def test_one_broad_term_in_a_description_is_not_enough() -> None:
    assert suggest(["Статистика"], "Кластеризация и регрессия.").category == "none"
    assert suggest(["Статистика"], "Кластеризация, наука о данных.").category == "applied"


@pytest.mark.parametrize(
    "sentence",
    [
        "Применение искусственного интеллекта запрещено.", "ИИ не рассматривается.", "Use of AI is not allowed.",
        "Жасанды интеллектті қолдануға тыйым салынады.", "ЖИ құралдарын пайдалануға рұқсат етілмейді.",
    ],
)  # fmt: skip
def test_what_a_description_denies_does_not_count(sentence: str) -> None:
    assert suggest(["Академическое письмо"], f"Структура статьи. {sentence}").category == "none"
    assert suggest(["Академическое письмо"], f"{sentence} Разбор нейросетей.").is_ai


def test_a_term_never_reaches_over_the_end_of_a_sentence() -> None:
    assert not suggest(["Разное"], "Есть вещи искусственные. Интеллект человека").is_ai


def test_titles_in_three_languages_are_read_together() -> None:
    said = suggest(
        ["Химиядағы машиналық оқыту", "Машинное обучение в химии", "Machine Learning in Chemistry"]
    )
    assert said.category == "applied"
    assert said.terms == ("машиналық оқыту", "Машинное обучение", "Machine Learning")


def test_every_row_of_the_taxonomy_says_what_it_is() -> None:
    for row in rows():
        assert row["kind"] in {
            "term", "ethics", "everyone", "building", "field", "area", "preposition", "locative", "negation",
        }  # fmt: skip
        assert set(row["area"].split()) <= set(ContentArea.values), row
        assert (row["kind"] == "term") == (row["scope"] in {"broad", "specialised"}), row
        assert (row["kind"] == "term") == (row["category"] in set(AICategory.values) - {"none"}), row
        assert patterns(row, *LANGUAGES), row


def test_every_term_is_found_by_each_of_its_patterns() -> None:
    """A pattern that its own `unless` cancels, or that folding changes, would never match."""
    silent = []
    for number, row in enumerate(rows()):
        for pattern in patterns(row, *LANGUAGES):
            words = " ".join(word.strip("*") for word in pattern.split() if word != "..")
            found = {match.entry for match in taxonomy().words.find(read(words))}
            cancelled = {match.entry for match in taxonomy().unless.find(read(words))}
            if number not in found - cancelled:
                silent.append(pattern)
    assert silent == []


PATTERNS = [pattern for row in rows() for pattern in patterns(row, *LANGUAGES)]
WORDS = st.sampled_from([pattern.replace("*", "").replace("..", "") for pattern in PATTERNS])
MARKS = st.sampled_from([". ", ", ", "\n", "-", "(", "«"])
TEXTS = st.lists(st.one_of(WORDS, st.text(max_size=12), MARKS), max_size=25)


@settings(max_examples=200)
@given(TEXTS, TEXTS)
def test_terms_are_always_pieces_of_the_text(title: list[str], description: list[str]) -> None:
    texts = [" ".join(title), " ".join(description)]
    said = suggest(texts[:1], texts[1])
    given_texts = [read(text).given for text in texts]
    assert all(any(term in text for text in given_texts) for term in said.terms)
    assert all(0 < len(term) <= LONGEST_TERM for term in said.terms)
    assert len(said.terms) <= MOST_TERMS
    assert said.is_ai == bool(said.terms)
    assert set(said.areas) <= set(ContentArea.values)
    assert said.is_ai or not said.areas


@settings(max_examples=200)
@given(st.lists(st.one_of(WORDS, MARKS), max_size=12))
def test_case_punctuation_and_yo_change_nothing(words: list[str]) -> None:
    text = " ".join(words)
    said = suggest([text])
    for other in (text.upper(), f"  {text} ", text.replace("-", "–"), text.replace("е", "ё"), f"({text})"):
        assert (suggest([other]).category, suggest([other]).areas) == (said.category, said.areas)


PLAIN = st.lists(st.text(ascii_lowercase, min_size=9, max_size=12).map("zq".__add__), max_size=20).map(
    " ".join
)


@settings(max_examples=100)
@given(st.sampled_from(["Машинное обучение", "Химия", "AI Ethics", "Қаржыдағы ЖИ"]), PLAIN)
def test_words_of_nothing_change_nothing(title: str, description: str) -> None:
    assert suggest([title], description) == suggest([title])


@pytest.mark.parametrize(
    "text",
    [
        "машинного " * 20_000, "распознавание " * 20_000, "ии" * 100_000, "а" * 200_000,
        "обработка естественного " * 10_000,
        "\u00ad" * 100_000, "a\u00ad" * 50_000, ". " * 100_000,
    ],
    ids=["firsts", "gaps", "one word of ии", "one word", "halves", "soft hyphens", "hyphened", "sentences"],
)  # fmt: skip
def test_a_hostile_text_takes_no_time(text: str) -> None:
    began = time.process_time()
    suggest([text], text)
    assert time.process_time() - began < 20, "a step that looks at all of it for each word takes minutes"
