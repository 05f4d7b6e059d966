"""The site's settings with SQLite as Django sets it up by itself. Only for a negative control."""

from config import settings as ours
from config.settings import *  # noqa: F403  # a settings module is a copy of another

DATABASES = {"default": {**ours.DATABASES["default"], "OPTIONS": {"timeout": 5}}}
