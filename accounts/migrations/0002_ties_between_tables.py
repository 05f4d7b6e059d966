import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('accounts', '0007_new_emails'),
    ]

    initial = True

    dependencies = [
        ('accounts', '0001_first_tables'),
        ('ledger', '0001_first_tables'),
    ]

    operations = [
        migrations.AddField(
            model_name='reminder',
            name='chain',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reminders', to='ledger.chain'),
        ),
        migrations.AddField(
            model_name='reminder',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reminders', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='roleholding',
            name='began_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='roleholding',
            name='ended_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='roleholding',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='roles', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='signin',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sign_ins', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='break',
            constraint=models.CheckConstraint(condition=models.Q(('ends_on', None), ('ends_on__gte', models.F('starts_on')), _connector='OR'), name='break_ends_after_it_starts'),
        ),
        migrations.AddConstraint(
            model_name='newemail',
            constraint=models.UniqueConstraint(condition=models.Q(('agreed_at', None), ('refused_at', None)), fields=('person',), name='new_email_asked_once'),
        ),
        migrations.AddConstraint(
            model_name='newemail',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('agreed_at', None), ('agreed_by', None)), models.Q(('agreed_at__isnull', False), ('agreed_by__isnull', False)), _connector='OR'), name='new_email_agreed_at_with_by'),
        ),
        migrations.AddConstraint(
            model_name='newemail',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('refused_at', None), ('refused_by', None)), models.Q(('refused_at__isnull', False), ('refused_by__isnull', False)), _connector='OR'), name='new_email_refused_at_with_by'),
        ),
        migrations.AddConstraint(
            model_name='newemail',
            constraint=models.CheckConstraint(condition=models.Q(('agreed_by', None), models.Q(models.Q(('agreed_by', models.F('asked_by')), _negated=True), models.Q(('agreed_by', models.F('person')), _negated=True)), _connector='OR'), name='new_email_agreed_by_another'),
        ),
        migrations.AddConstraint(
            model_name='reminder',
            constraint=models.UniqueConstraint(fields=('person', 'task', 'kind'), name='reminder_once'),
        ),
        migrations.AddConstraint(
            model_name='roleholding',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('person', 'role'), name='role_held_once'),
        ),
        migrations.AddConstraint(
            model_name='roleholding',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None), ('role__in', ['volunteer', 'facilitator'])), fields=('person',), name='volunteer_or_facilitator_never_both'),
        ),
        migrations.AddConstraint(
            model_name='roleholding',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None), ('role__in', ['volunteer', 'administrator'])), fields=('person',), name='volunteer_or_administrator_never_both'),
        ),
        migrations.AddConstraint(
            model_name='roleholding',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('ended_by', None)), models.Q(('ended_at__isnull', False), ('ended_by__isnull', False)), _connector='OR'), name='role_ended_at_with_by'),
        ),
    ]
