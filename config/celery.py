"""Celery is a doorbell: it rings the ticks; what must be remembered is a row in the database."""

import os

from celery import Celery

from config import doorbell  # noqa: F401  makes its address known to Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("common_purse")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
