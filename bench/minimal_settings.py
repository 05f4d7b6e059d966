"""The product's settings with the minimal pages, served through Django's own middleware."""

from config.settings import *  # noqa: F403  a settings file is one list of names

ROOT_URLCONF = "bench.minimal"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
"""As `startproject` writes it, and the one that allauth asks for."""
