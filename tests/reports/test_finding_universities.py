"""Every university of the reference data is found by its names, however they are typed."""

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction

from institutions.finding import Finder
from institutions.models import Alias, FormerName, Institution, Region
from institutions.names import LANGUAGES, WITHOUT_MARKS
from reports.searching import finder, institutions_called
from tests.factories import make_institution

FIRST = 3
CYRILLIC = "абвгдежзийклмнопрстуфхцчшщъыьэюяәғқңөұүһі"
LATIN = "abcdefghijklmnopqrstuvwxyz"
COMMON = dict(zip("абвгдезиклмнопрстуф", "abvgdeziklmnoprstuf", strict=True)) | {"ь": "", "ъ": "", "э": "e"}
KAZAKH = dict(zip("әғқңөұүһі", "agknouuhi", strict=True))
# Ways in which people write Cyrillic names in Latin letters.
TRANSLITERATIONS = {
    "passport": COMMON | KAZAKH | dict(zip(
        "ёжйхцчшщыюя", ["yo", "zh", "y", "kh", "ts", "ch", "sh", "shch", "y", "yu", "ya"], strict=True)),
    "machine-readable": COMMON | KAZAKH | dict(zip(
        "ёжйхцчшщыюя", ["e", "zh", "i", "kh", "ts", "ch", "sh", "shch", "y", "iu", "ia"], strict=True)),
    "chat": COMMON | KAZAKH | dict(zip(
        "ёжйхцчшщыюя", ["e", "j", "i", "h", "ts", "ch", "sh", "sh", "i", "iu", "ia"], strict=True)),
    "Kazakh of 2021": COMMON | dict(zip("әғқңөұүһі", "äğqñöūühi", strict=True)) | dict(zip(
        "ёжйхцчшщыюя", ["io", "j", "i", "h", "ts", "ch", "ş", "ş", "y", "iu", "ia"], strict=True)) | {"ё": "e"},
    "ISO 9": COMMON | KAZAKH | dict(zip(
        "ёжйхцчшщыюя", ["ë", "ž", "j", "h", "ts", "č", "š", "ŝ", "y", "û", "â"], strict=True)),
}  # fmt: skip
# And English names in Cyrillic letters; longest first.
BACK = {
    "shch": "щ", "kh": "х", "zh": "ж", "sh": "ш", "ch": "ч", "ya": "я", "yu": "ю", "ye": "е", "ts": "ц", "ck": "к",
    "x": "кс", "q": "к", "c": "к", "w": "у", "y": "ы", "h": "х", "j": "ж",
} | {latin: cyrillic for cyrillic, latin in COMMON.items() if latin and cyrillic != "э"}  # fmt: skip


@pytest.fixture(scope="module")
def registry(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The reference data, once for the module."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_reference_data", verbosity=0)
        yield
        transaction.set_rollback(True)


@pytest.fixture
def find(registry: None, db: None) -> Finder:
    return finder()


def names() -> list[tuple[str, str]]:
    return [
        (institution.code, getattr(institution, f"name_{language}"))
        for institution in Institution.objects.all()
        for language in LANGUAGES
    ]


def missed(find: Finder, typed: Callable[[str], str]) -> list[tuple[str, str]]:
    """The names that do not find their university among the first three when typed so."""
    return [
        (code, typed(name))
        for code, name in names()
        if code not in [hit.thing.code for hit in find.find(typed(name), FIRST)]
    ]


def transliterated(text: str, table: dict[str, str]) -> str:
    return "".join(table.get(letter, letter) for letter in text.lower())


def in_cyrillic(text: str) -> str:
    text = text.lower()
    for latin, cyrillic in BACK.items():
        text = text.replace(latin, cyrillic)
    return text


def with_a_slip(text: str, chance: random.Random) -> str:
    """A letter left out, doubled by another, replaced, or swapped with its neighbour, anywhere."""
    place = chance.randrange(len(text))
    letter = chance.choice(LATIN if text.isascii() else CYRILLIC)
    before, after = text[:place], text[place:]
    return chance.choice(
        [
            before + after[1:],
            before + letter + after,
            before + letter + after[1:],
            before + after[1::-1] + after[2:],
        ]
    )


def test_each_name_finds_its_university_first(find: Finder) -> None:
    """Some share a name in a language with nobody; all are unlike enough to come first by their own."""
    assert len(names()) >= 3 * 112
    assert [(code, name) for code, name in names() if find.find(name, FIRST)[0].thing.code != code] == []


@pytest.mark.parametrize(
    "typed", [str.upper, str.lower, lambda name: name.replace("-", " ").replace(".", "")]
)
def test_case_and_punctuation_don_t_matter(find: Finder, typed: Callable[[str], str]) -> None:
    assert missed(find, typed) == []


def test_kazakh_letters_may_lack_their_marks(find: Finder) -> None:
    assert missed(find, lambda name: name.lower().translate(WITHOUT_MARKS)) == []


@pytest.mark.parametrize("way", TRANSLITERATIONS)
def test_cyrillic_names_may_be_typed_in_latin_letters(find: Finder, way: str) -> None:
    assert missed(find, lambda name: transliterated(name, TRANSLITERATIONS[way])) == []


def test_english_names_may_be_typed_in_cyrillic_letters(find: Finder) -> None:
    assert missed(find, lambda name: in_cyrillic(name) if name.isascii() else name) == []


def test_a_random_slip_hardly_ever_hides_a_university(find: Finder) -> None:
    """Not all can be found: one letter makes `DU University` of `SDU University`."""
    chance = random.Random(7)  # noqa: S311
    tried = 4
    lost = sum(len(missed(find, lambda name: with_a_slip(name, chance))) for _ in range(tried))
    assert lost / (tried * len(names())) < 0.005


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("Nazarbaev", "nu"),
        ("Назарбаев", "nu"),
        ("Nazarbayev", "nu"),
        ("назарбоев", "nu"),
        ("КазНУ", "kaznu"),
        ("ҚазҰУ", "kaznu"),
        ("казуу", "kaznu"),
        ("KazNU", "kaznu"),
        ("ЕНУ", "enu"),
        ("ЕҰУ", "enu"),
        ("ENU", "enu"),
        ("KBTU", "kbtu"),
        ("КБТУ", "kbtu"),
        ("ҚБТУ", "kbtu"),
        ("МУИТ", "iitu"),
        ("НУ", "nu"),
        ("политех", "satbayev"),
        ("КАЗГЮУ", "mnu"),
        ("KAZGUU", "mnu"),
        ("МГУ", "msu-kz"),
        ("гумилев", "enu"),
        ("Gumilyov", "enu"),
        ("аль фараби", "kaznu"),
        ("alfarabi", "kaznu"),
        ("rfpye", "kaznu"),
        ("КИМЭП", "kimep"),
        ("Казахский национальный технический университет", "satbayev"),
        ("Esil", "esil"),
        ("esiluniversity", "esil"),
        ("Назар баев", "nu"),
    ],
)
def test_people_find_what_they_mean(find: Finder, typed: str, code: str) -> None:
    assert find.find(typed, FIRST)[0].thing.code == code


@pytest.mark.parametrize(
    ("typed", "kind", "code"),
    [
        ("Астана", "region", "KZ-71"),
        ("turkistan", "region", "KZ-61"),
        ("алматы", "region", "KZ-75"),
        ("KZ-75", "region", "KZ-75"),
        ("педагогические науки", "field", "01"),
    ],
)
def test_regions_and_fields_are_found_in_the_same_box(find: Finder, typed: str, kind: str, code: str) -> None:
    best = find.find(typed)[0].thing
    assert (best.kind, best.code) == (kind, code)


@pytest.mark.parametrize("typed", ["", " ", "№", "яяяя", "qwxzv", "\ud800", "🎓", "ж" * 500, "а б в " * 90])
def test_what_nothing_is_called_finds_nothing_and_breaks_nothing(find: Finder, typed: str) -> None:
    assert not any(hit.is_found for hit in find.find(typed))


def test_what_the_ministry_edits_is_found_at_once(registry: None, db: None) -> None:
    assert institutions_called("Вундерланд") == []
    kaznu = Institution.objects.get(code="kaznu")
    alias = Alias.objects.create(institution=kaznu, name="Вундерланд")
    assert institutions_called("Вундерланд") == ["kaznu"]
    alias.delete()
    assert institutions_called("Вундерланд") == []
    FormerName.objects.create(institution=kaznu, name_en="Wunderland College")
    assert institutions_called("wunderland") == ["kaznu"]
    make_institution(code="wunder", name_kk="Вундерланд", region=Region.objects.get(code="KZ-71"))
    assert institutions_called("вундерланд")[0] == "wunder"


def test_names_are_read_once_and_not_at_each_search(find: Finder, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        assert finder() is find
