"""The disciplines of a university: written once, proven by a link or a PDF, changed by one person at a time."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from curricula.disciplines import Changed, fingerprint, save_discipline
from curricula.models import Discipline, EvidenceFile, Line, Period
from institutions.models import Institution, User
from tests.at_once import beside, no_row_is_written
from tests.factories import make_discipline, make_member, make_programme, make_submission, make_version

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


def form(**over: Any) -> dict[str, Any]:
    return {"code": "AI101", "title_en": "Introduction to artificial intelligence", "description": "a\r\nb",
            "credits": "5", "language": "", "ai_category": "core", "evidence_url": "", "action": "save",
            **over}  # fmt: skip


def new(institution: Institution, period: Period) -> str:
    return reverse("discipline-new", args=[institution.code, period.code])


def edit(discipline: Discipline, period: Period) -> str:
    return reverse("discipline-edit", args=[discipline.institution.code, period.code, discipline.pk])


def seen(client: Client, address: str) -> str:
    return str(client.get(address).context["form"]["seen"].value())


@pytest.fixture
def ai(institution: Institution) -> Discipline:
    return make_discipline(institution, code="AI101")


@pytest.mark.django_db(transaction=True)
def test_of_two_who_change_one_at_once_the_second_is_told(ai: Discipline, editor: User) -> None:
    made_from = fingerprint(ai)

    def write(title: str) -> Discipline:
        mine = Discipline.objects.get(pk=ai.pk)
        mine.title_en = title
        return save_discipline(discipline=mine, seen=made_from, by=editor)

    told = beside(
        lambda: write("One"), lambda: write("Other"), meanwhile=no_row_is_written("curricula_discipline")
    )
    assert [type(one) for one in told] == [Discipline, Changed]
    assert Discipline.objects.get().title_en == "One"


def test_a_discipline_is_written_once_and_leads_to_the_choice_of_programmes(
    client: Client, institution: Institution, period: Period, editor: User
) -> None:
    client.force_login(editor)
    answer = client.post(new(institution, period), form(action="apply"))
    made = Discipline.objects.get()
    assert answer["Location"] == reverse("discipline-apply", args=["kaznu", period.code, made.pk])
    assert (made.title_en, str(made.credits), made.ai_category) == (
        "Introduction to artificial intelligence",
        "5.0",
        "core",
    )
    assert made.suggested_by, "what the taxonomy says is kept beside the choice"


def test_a_fault_names_the_field_and_keeps_the_typing(
    client: Client, institution: Institution, period: Period, editor: User
) -> None:
    client.force_login(editor)
    wrong = form(credits="some", evidence_url="kaznu", title_en="", description="Kept as typed")
    answer = client.post(new(institution, period), wrong)
    assert answer.status_code == 422
    assert {"credits", "evidence_url", "title_kk"} == set(answer.context["form"].errors)
    assert "Kept as typed" in answer.text
    assert not Discipline.objects.exists()


def test_a_suggestion_is_asked_for_without_saving_anything(
    client: Client, institution: Institution, period: Period, editor: User
) -> None:
    client.force_login(editor)
    answer = client.post(
        new(institution, period), form(action="suggest", title_en="Machine learning", code="")
    )
    assert answer.status_code == 200
    assert "<mark>Machine learning</mark>" in answer.text
    assert answer.context["form"]["credits"].value() == "5"
    assert not Discipline.objects.exists()


def test_a_choice_that_the_words_speak_against_is_doubted_and_kept(
    client: Client, institution: Institution, period: Period, editor: User
) -> None:
    client.force_login(editor)
    answer = client.post(
        new(institution, period), form(title_en="History of Kazakhstan", description=""), follow=True
    )
    assert "hold no word that speaks of AI" in answer.text
    made = Discipline.objects.get()
    assert (made.ai_category, made.suggested_category) == ("core", "none")


@pytest.mark.parametrize("content", [b"", b"\n" + PDF, b"<html>%PDF- %%EOF", PDF[:-6], b"MZ" + PDF])
def test_what_is_no_pdf_is_refused_by_its_content(
    client: Client, institution: Institution, period: Period, editor: User, content: bytes
) -> None:
    client.force_login(editor)
    answer = client.post(new(institution, period), form(file=SimpleUploadedFile("x.pdf", content)))
    assert answer.status_code == 422
    assert "Introduction to artificial intelligence" in answer.text
    assert not EvidenceFile.objects.exists()


def test_a_pdf_over_ten_megabytes_is_refused(
    client: Client, institution: Institution, period: Period, editor: User
) -> None:
    client.force_login(editor)
    big = b"%PDF-" + b"0" * (10 * 1024 * 1024) + b"%%EOF"
    answer = client.post(new(institution, period), form(file=SimpleUploadedFile("x.pdf", big)))
    assert "at most 10 MB" in answer.text


def test_a_good_pdf_need_not_be_chosen_again_after_another_fault(
    client: Client, institution: Institution, period: Period, editor: User
) -> None:
    client.force_login(editor)
    answer = client.post(new(institution, period), form(credits="x", file=SimpleUploadedFile("s.pdf", PDF)))
    kept = answer.context["form"]["kept"].value()
    client.post(new(institution, period), form(kept=kept))
    evidence = Discipline.objects.get().evidence_file
    assert evidence
    assert evidence.file_name == "s.pdf"


def test_a_pdf_is_handed_out_to_its_university_and_the_ministry_only(
    client: Client, institution: Institution, period: Period, editor: User, stranger: User, reviewer: User
) -> None:
    client.force_login(editor)
    name = 'a"b\r\nX: y\u0416.pdf'
    client.post(new(institution, period), form(file=SimpleUploadedFile(name, PDF)))
    there = reverse("evidence-file", args=[EvidenceFile.objects.get().pk])
    for user in (editor, reviewer):
        client.force_login(user)
        answer = client.get(there)
        assert answer.getvalue() == PDF
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Disposition"].startswith("attachment")
    client.force_login(stranger)
    assert client.get(there).status_code == 404
    client.logout()
    assert client.get(there).status_code == 302


def test_anothers_evidence_can_not_be_attached(
    client: Client, institution: Institution, period: Period, editor: User, stranger: User
) -> None:
    client.force_login(editor)
    client.post(new(institution, period), form(file=SimpleUploadedFile("x.pdf", PDF)))
    kept = EvidenceFile.objects.get()
    other = Institution.objects.get(code="satbayev")
    client.force_login(make_member(other, "editor"))
    client.post(new(other, period), form(kept=str(kept.pk)))
    assert Discipline.objects.get(institution=other).evidence_file is None


def test_saving_twice_is_saving_once(
    client: Client, institution: Institution, period: Period, editor: User
) -> None:
    client.force_login(editor)
    for _ in range(2):
        assert client.post(new(institution, period), form()).status_code == 302
    made = Discipline.objects.get()
    before = seen(client, edit(made, period))
    for _ in range(2):
        assert client.post(edit(made, period), form(seen=before, title_en="Other")).status_code == 302


def test_a_code_that_another_discipline_has_is_refused(
    client: Client, ai: Discipline, period: Period, editor: User
) -> None:
    client.force_login(editor)
    answer = client.post(new(ai.institution, period), form(title_en="Something else"))
    assert "has a discipline with this code already" in answer.text


def test_the_code_of_a_signed_discipline_stays_in_words(
    client: Client, institution: Institution, period: Period, editor: User
) -> None:
    draft = make_version(make_programme(institution), period=period)
    signed = draft.lines.first().discipline  # type: ignore[union-attr]
    make_submission(institution, period=period, versions=[draft])
    client.force_login(editor)
    assert "keep the title that was signed" in client.get(edit(signed, period)).text
    answer = client.post(edit(signed, period), form(code="NEW1", seen=seen(client, edit(signed, period))))
    assert answer.status_code == 422
    assert "curricula that were handed in" in answer.text


def test_of_two_who_change_it_the_second_is_shown_both_and_decides(
    client: Client, ai: Discipline, period: Period, editor: User
) -> None:
    client.force_login(editor)
    before = seen(client, edit(ai, period))
    client.post(edit(ai, period), form(seen=before, title_en="Theirs", credits="7.5"))
    answer = client.post(edit(ai, period), form(seen=before, title_en="Mine"))
    assert answer.status_code == 409
    assert "Somebody has written “Theirs” meanwhile" in answer.text
    assert answer.context["form"]["title_en"].value() == "Mine"
    again = form(seen=answer.context["form"]["seen"].value(), title_en="Mine")
    assert client.post(edit(ai, period), again).status_code == 302
    ai.refresh_from_db()
    assert ai.title_en == "Mine"


def test_the_second_keeps_a_pdf_that_was_chosen_as_well(
    client: Client, ai: Discipline, period: Period, editor: User
) -> None:
    client.force_login(editor)
    before = seen(client, edit(ai, period))
    client.post(edit(ai, period), form(seen=before, title_en="Theirs"))
    mine = form(seen=before, title_en="Mine", file=SimpleUploadedFile("mine.pdf", PDF))
    answer = client.post(edit(ai, period), mine)
    assert answer.status_code == 409
    typed = answer.context["form"]
    again = form(seen=typed["seen"].value(), kept=typed["kept"].value(), title_en="Mine")
    assert client.post(edit(ai, period), again).status_code == 302
    ai.refresh_from_db()
    assert ai.evidence_file
    assert (ai.title_en, ai.evidence_file.file_name) == ("Mine", "mine.pdf")


def test_credits_stand_in_the_form_as_the_reader_writes_them(
    client: Client, ai: Discipline, period: Period, editor: User
) -> None:
    Discipline.objects.filter(pk=ai.pk).update(credits="7.5")
    client.force_login(editor)
    for language, written in (("en", "7.5"), ("ru", "7,5"), ("kk", "7,5")):
        own = client.get(edit(ai, period).replace("/en/", f"/{language}/"))
        assert own.context["form"]["credits"].value() == written
        address = f"/{language}/workspace/kaznu/{period.code}/disciplines/{ai.pk}/apply/"
        assert client.get(address).context["common"]["credits"].value() == written


def test_a_changed_link_goes_along_into_drafts_and_nowhere_else(
    client: Client, ai: Discipline, period: Period, editor: User
) -> None:
    Discipline.objects.filter(pk=ai.pk).update(evidence_url="https://kaznu.kz/old")
    line = {"discipline": ai, "evidence_url": "https://kaznu.kz/old"}
    draft = make_version(make_programme(ai.institution), period=period, lines=[line])
    signed = make_version(make_programme(ai.institution), period=period, lines=[line], state="submitted")
    client.force_login(editor)
    data = form(seen=seen(client, edit(ai, period)), evidence_url="https://kaznu.kz/new")
    client.post(edit(ai, period), data)
    assert Line.objects.get(version=draft).evidence_url == "https://kaznu.kz/new"
    assert Line.objects.get(version=signed).evidence_url == "https://kaznu.kz/old"
    draft.refresh_from_db()
    assert draft.edit_number == 1, "whoever has the draft open is told"


def test_the_list_is_found_by_title_category_and_evidence(
    client: Client, ai: Discipline, period: Period, viewer: User
) -> None:
    make_discipline(ai.institution, code="HIS1", evidence_url="https://kaznu.kz/his")
    client.force_login(viewer)
    address = reverse("workspace-disciplines", args=["kaznu", period.code])

    def codes(query: str) -> list[str]:
        return [one.code for one in client.get(address + query).context["page_obj"]]

    assert codes("") == ["AI101", "HIS1"]
    assert codes("?q=his") == ["HIS1"]
    assert codes("?evidence=without") == ["AI101"]
    assert codes("?category=core") == []
    assert "New discipline" not in client.get(address).text, "a viewer changes nothing"


def test_a_viewer_may_not_and_a_stranger_finds_nothing(
    client: Client, ai: Discipline, period: Period, viewer: User, stranger: User
) -> None:
    theirs = reverse("discipline-edit", args=["satbayev", period.code, ai.pk])
    for user, address, status in (
        (viewer, new(ai.institution, period), 403),
        (viewer, edit(ai, period), 403),
        (stranger, new(ai.institution, period), 404),
        (stranger, edit(ai, period), 404),
        (stranger, theirs, 404),
        (stranger, reverse("workspace-disciplines", args=["kaznu", period.code]), 404),
    ):
        client.force_login(user)
        assert client.get(address).status_code == status
        assert client.post(address, form()).status_code in (status, 405)
