from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import OuterRef, Subquery


def as_today(apps: Apps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Letters that are there give the days that count for them now."""
    letters = apps.get_model("decisions", "OutcomeLetter")
    bids = apps.get_model("applications", "Application").objects.filter(pk=OuterRef("application"))
    for name in ("complain_days", "offer_days"):
        days = bids.values(f"round__programme__{name}")
        letters.objects.update(**{name: Subquery(days[:1])})


class Migration(migrations.Migration):

    dependencies = [
        ("applications", "0008_words_set_aside"),
        ("commissioning", "0006_rule_limits"),
        ("decisions", "0011_words_for_each_criterion"),
    ]

    operations = [
        migrations.AddField(
            model_name="outcomeletter",
            name="complain_days",
            field=models.PositiveSmallIntegerField(default=28, help_text="As its words say"),
        ),
        migrations.AddField(
            model_name="outcomeletter",
            name="offer_days",
            field=models.PositiveSmallIntegerField(default=28, help_text="As its words say"),
        ),
        migrations.RunPython(as_today, migrations.RunPython.noop),
    ]
