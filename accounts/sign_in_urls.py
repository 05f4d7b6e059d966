"""The pages of signing in. allauth's pages about passwords are not among them."""

from allauth.account import views as account
from allauth.mfa.webauthn import views as webauthn
from django.urls import path

from accounts.views import sign_in

urlpatterns = [
    path("login/", sign_in.account_login, name="account_login"),
    path("login/code/", sign_in.account_request_login_code, name="account_request_login_code"),
    path(
        "login/code/confirm/",
        sign_in.account_confirm_login_code,
        name="account_confirm_login_code",
    ),
    path("login/another-email/", sign_in.use_another_email, name="use_another_email"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("signup/", sign_in.account_signup, name="account_signup"),
    path("name/", sign_in.give_my_name, name="give_my_name"),
    path("confirm/", sign_in.confirm_it_is_you, name="confirm_it_is_you"),
    path("email/", sign_in.account_email, name="account_email"),
    path(
        "confirm-email/",
        sign_in.account_email_verification_sent,
        name="account_email_verification_sent",
    ),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("passkeys/login/", webauthn.login_webauthn, name="mfa_login_webauthn"),
    path("passkeys/", sign_in.mfa_list_webauthn, name="mfa_list_webauthn"),
    path("passkeys/add/", sign_in.mfa_add_webauthn, name="mfa_add_webauthn"),
    path(
        "passkeys/reauthenticate/",
        webauthn.reauthenticate_webauthn,
        name="mfa_reauthenticate_webauthn",
    ),
    path("passkeys/<int:pk>/remove/", sign_in.mfa_remove_webauthn, name="mfa_remove_webauthn"),
    path("passkeys/<int:pk>/edit/", sign_in.mfa_edit_webauthn, name="mfa_edit_webauthn"),
    path("second-step/", sign_in.mfa_index, name="mfa_index"),
    path("second-step/authenticate/", sign_in.mfa_authenticate, name="mfa_authenticate"),
    path("second-step/reauthenticate/", sign_in.mfa_reauthenticate, name="mfa_reauthenticate"),
    path("second-step/app/", sign_in.mfa_activate_totp, name="mfa_activate_totp"),
    path("second-step/app/stop/", sign_in.mfa_deactivate_totp, name="mfa_deactivate_totp"),
    path("second-step/codes/", sign_in.mfa_view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "second-step/codes/new/",
        sign_in.mfa_generate_recovery_codes,
        name="mfa_generate_recovery_codes",
    ),
    path(
        "second-step/codes/file/",
        sign_in.mfa_download_recovery_codes,
        name="mfa_download_recovery_codes",
    ),
]
