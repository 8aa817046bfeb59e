"""Words that are one word to a reader sound the same, whatever script they are typed in."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from institutions.finding import is_one_slip
from institutions.sounds import initials, other_layout, sound, without_whom, words


@pytest.mark.parametrize(
    "ways",
    [
        "Назарбаев Nazarbayev Nazarbaev НАЗАРБАЕВ",
        "Гумилёв Гумилев Gumilyov Gumilev",
        "Ясауи Yassawi Iasaui Yasaui",
        "Торайғыров Торайгыров Toraighyrov Toraigyrov Toraiğyrov Toraıǵyrov",
        "Шәкәрім Шакарим Shakarim Şäkärim Shákárim",
        "Жәңгір Жангир Zhangir Jangir Jäñgir Žangir",
        "Қорқыт Коркыт Korkyt Qorqyt Qorqıt",
        "Сәтбаев Сатбаев Satbayev Satbaev Sätbaev",
        "Абай Abai Abay Abaj",
        "Қожа Кожа Qoja Kozha",
        "Тұран Туран Turan Tūran Turán",
        "Байтұрсынұлы Байтурсынулы Baitursynuly Baytursynuly Baitūrsynūly",
        "Досмұхамедов Досмухамедов Dosmukhamedov Dosmuhamedov",
        "Көкшетау Кокшетау Kokshetau Kökşetau",
        "технический tekhnicheskii tehnicheskiy tekhnicheskij",
        "университет universitet Universitet Ýnıversıtet",
    ],
)
def test_ways_to_write_a_word_sound_the_same(ways: str) -> None:
    assert len({sound(way) for way in ways.split()}) == 1, {way: sound(way) for way in ways.split()}


@pytest.mark.parametrize(
    "pair", ["Абай Атырау", "Семей Сатбаев", "КазНУ КазНПУ", "ЕНУ ЕТУ", "хан кан", "жол шол"]
)
def test_different_words_sound_different(pair: str) -> None:
    one, other = pair.split()
    assert sound(one) != sound(other)


def test_apostrophes_and_signs_are_no_letters() -> None:
    assert words("Women's Teacher-Training") == words("Womens Teacher Training")
    assert words("Казпотребсоюза (объезд)") == words("kazpotrebsoyuza obezd")
    assert words("«ҚДСЖМ», №1!") == ["kdsžm", "1"]


@given(st.text(max_size=60))
@example("ᴬϒ")
def test_any_text_has_a_sound_in_small_letters(text: str) -> None:
    assert all(word == word.lower() for word in words(text))


@given(
    st.text("abdeginoprstuvz", max_size=20).filter(lambda text: not re.search(r"(.)\1|ie|ng|ph|t[sz]", text))
)
def test_what_is_written_as_it_sounds_is_its_own_sound(text: str) -> None:
    assert sound(text) == text


def test_keys_in_the_other_script_write_what_was_meant() -> None:
    assert other_layout("RfpYE") == "казну"
    assert other_layout("ЛИЕГ") == "kbtu"


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Казахский национальный университет имени аль-Фараби", "КНУ КазНУ"),
        ("әл-Фараби атындағы Қазақ ұлттық университеті", "ҚҰУ ҚазҰУ"),
        ("Al-Farabi Kazakh National University", "KNU KazNU"),
        ("L.N. Gumilyov Eurasian National University", "ENU"),
        ("Казахстанско-Британский технический университет", "КБТУ"),
        ("Kazakh-British Technical University", "KBTU"),
        ("Қазақстан-Британ техникалық университеті", "ҚБТУ"),
        ("Astana IT University", "AITU"),
        ("Nazarbayev University", "NU"),
        ("Алматинский университет энергетики и связи имени Гумарбека Даукеева", "АУЭС АУЭиС"),
    ],
)
def test_initials_are_formed_by_rule(name: str, short: str) -> None:
    assert set(short.split()) <= initials(name)


def test_a_word_alone_has_no_initials() -> None:
    assert initials("Университет") == {"Уни"}
    assert initials("") == set()


def test_a_name_goes_without_whom_it_is_named_after() -> None:
    assert without_whom("Евразийский национальный университет имени Л.Н. Гумилёва") == (
        "Евразийский национальный университет"
    )
    assert without_whom("Абай атындағы Қазақ ұлттық педагогикалық университеті") == (
        "Қазақ ұлттық педагогикалық университеті"
    )
    assert without_whom("Satbayev University") == "Satbayev University"


@given(st.text("абв", min_size=1, max_size=6), st.integers(0, 6), st.sampled_from("абвг"))
def test_one_slip_is_one_letter_more_fewer_other_or_two_changed(word: str, place: int, letter: str) -> None:
    place = min(place, len(word) - 1)
    before, after = word[:place], word[place:]
    assert is_one_slip(word, before + after[1:])
    assert is_one_slip(word, before + letter + after)
    assert is_one_slip(word, before + letter + after[1:])
    assert is_one_slip(word, before + after[1::-1] + after[2:])


@pytest.mark.parametrize(("one", "other"), [("абв", "в"), ("абвг", "ба" + "гв"), ("абв", "вба"), ("", "аб")])
def test_two_slips_are_not_one(one: str, other: str) -> None:
    assert not is_one_slip(one, other)
