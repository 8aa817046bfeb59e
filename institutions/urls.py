"""The app's pages. Addresses with a token are opened from letters only, and lead on at once to one without it."""

from django.urls import URLPattern, URLResolver, path

from institutions.views import accounts, joining

urlpatterns: list[URLPattern | URLResolver] = [
    path("invitations/", joining.invitation, name="invitation"),
    path("invitations/<str:token>/", joining.link, name="invitation-link"),
    path("account/", accounts.preferences, name="preferences"),
    path("account/password/", accounts.ChangePassword.as_view(), name="password-change"),
    path("password/", accounts.Forgotten.as_view(), name="password-reset"),
    path("password/sent/", accounts.LetterOnItsWay.as_view(), name="password-reset-sent"),
    path("password/<str:uidb64>/<str:token>/", accounts.NewPassword.as_view(), name="password-reset-confirm"),
]
