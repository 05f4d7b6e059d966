from typing import Any

from django.apps import AppConfig
from django.core.management import call_command
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        post_migrate.connect(make_shared_cache, sender=self, dispatch_uid="shared_cache")


def make_shared_cache(**kwargs: Any) -> None:
    """Where there is no Redis, limits on signing in are counted in a table all processes share."""
    call_command("createcachetable", database=kwargs["using"], verbosity=0)
