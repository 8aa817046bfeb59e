"""The app's pages. Addresses with a token are opened from letters only, and lead on at once to one without it."""

from django.urls import URLPattern, URLResolver, path

from institutions.views import accounts, joining, passkeys, second_factor, sessions, signing_in

urlpatterns: list[URLPattern | URLResolver] = [
    path("invitations/", joining.invitation, name="invitation"),
    path("invitations/<str:token>/", joining.link, name="invitation-link"),
    path("sign-in/code/", second_factor.ask, name="second-factor"),
    path("sign-in/passkey/", signing_in.by_passkey, name="sign-in-passkey"),
    path("account/passkeys/new/", passkeys.new, name="passkey-new"),
    path("account/second-factor/remove/", passkeys.remove, name="second-factor-remove"),
    path("account/second-factor/", second_factor.set_up, name="second-factor-new"),
    path("account/second-factor/give-up/", second_factor.give_up, name="second-factor-give-up"),
    path("account/recovery-codes/", second_factor.recovery_codes, name="recovery-codes"),
    path("account/sign-out-everywhere/", sessions.sign_out_everywhere, name="sign-out-everywhere"),
    path("account/sessions/end/", sessions.end, name="session-end"),
    path("account/", accounts.preferences, name="preferences"),
    path("account/password/", accounts.ChangePassword.as_view(), name="password-change"),
    path("password/", accounts.Forgotten.as_view(), name="password-reset"),
    path("password/sent/", accounts.LetterOnItsWay.as_view(), name="password-reset-sent"),
    path("password/<str:uidb64>/<str:token>/", accounts.NewPassword.as_view(), name="password-reset-confirm"),
]
