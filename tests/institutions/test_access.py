"""Who is a member of what, with which role."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404

from institutions.access import (
    EDITOR,
    SIGNATORY,
    has_role,
    institution_for,
    institutions_of,
    members,
    require_role,
)
from institutions.models import Institution, User
from tests.factories import make_institution, make_member, make_reviewer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def test_members_find_their_institution(institution: Institution, viewer: User) -> None:
    assert institution_for(viewer, "kaznu") == institution


def test_for_others_it_does_not_exist(institution: Institution, stranger: User) -> None:
    for user in (stranger, make_reviewer(), AnonymousUser()):
        with pytest.raises(Http404):
            institution_for(user, "kaznu")


def test_a_missing_institution_answers_like_a_foreign_one(stranger: User, institution: Institution) -> None:
    answers = []
    for code in ("kaznu", "no-such"):
        with pytest.raises(Http404) as found:
            institution_for(stranger, code)
        answers.append(str(found.value))
    assert answers[0] == answers[1]


def test_a_role_holds_at_its_own_institution_only(institution: Institution, editor: User) -> None:
    assert has_role(editor, institution, EDITOR)
    assert has_role(editor, institution, SIGNATORY, EDITOR)
    assert not has_role(editor, institution, SIGNATORY)
    assert not has_role(editor, make_institution(), EDITOR)
    assert not has_role(AnonymousUser(), institution, EDITOR)


def test_whoever_is_no_longer_active_has_no_role(institution: Institution, editor: User) -> None:
    editor.is_active = False
    assert not has_role(editor, institution, EDITOR)


def test_a_missing_role_is_explained(institution: Institution, viewer: User) -> None:
    with pytest.raises(PermissionDenied, match=r"Institution kaznu"):
        require_role(viewer, institution, EDITOR)


def test_a_person_may_serve_several(institution: Institution) -> None:
    user = make_member(institution, "editor", "signatory")
    second = make_institution()
    second.memberships.create(user=user, role="viewer")
    make_institution()
    assert set(institutions_of(user)) == {institution, second}
    assert has_role(user, institution, EDITOR)
    assert not has_role(user, second, EDITOR)


def test_roles_cost_one_query_however_often_they_are_asked(
    institution: Institution, editor: User, django_assert_num_queries: Callable
) -> None:
    fresh = User.objects.get(pk=editor.pk)
    with django_assert_num_queries(1):
        for role in (EDITOR, SIGNATORY, EDITOR):
            has_role(fresh, institution, role)


def test_the_next_request_sees_a_role_that_was_taken_away(institution: Institution, editor: User) -> None:
    assert has_role(editor, institution, EDITOR)
    editor.memberships.all().delete()
    assert not has_role(User.objects.get(pk=editor.pk), institution, EDITOR)


def test_signatories_are_listed_by_name(institution: Institution, editor: User, signatory: User) -> None:
    make_member(institution, "signatory", is_active=False)
    make_member(make_institution(), "signatory")
    assert members(institution, SIGNATORY) == [signatory]
