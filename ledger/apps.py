from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db.models.signals import post_migrate, pre_migrate


class LedgerConfig(AppConfig):
    name = "ledger"

    def ready(self) -> None:
        from ledger import checks, grants, guards  # models must be loaded first

        # Django sends both for each app, before the first migration and after the last one. Once
        # is enough: every guard of every app, each time, took seconds.
        pre_migrate.connect(
            guards.take_off_before_migrating, sender=self, dispatch_uid="guards_off"
        )
        post_migrate.connect(guards.install_after_migrating, sender=self, dispatch_uid="guards_on")
        post_migrate.connect(grants.renew_after_migrating, sender=self, dispatch_uid="grants")
        register(checks.guards_stand, Tags.database)
