import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('ledger', '0001_initial'),
        ('ledger', '0002_letters_in_doubt'),
    ]

    initial = True

    dependencies = [
        ('accounts', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='Chain',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=60, unique=True)),
                ('head_seq', models.PositiveIntegerField(default=0)),
                ('head_hash', models.CharField(default='0000000000000000000000000000000000000000000000000000000000000000', max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name='Heartbeat',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40, unique=True)),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Letter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=200, unique=True)),
                ('kind', models.CharField(max_length=60)),
                ('when', models.CharField(choices=[('answer', 'An answer: may always go'), ('notice', 'A notice: waits through rest')], default='notice', max_length=10)),
                ('on_doubt', models.CharField(choices=[('resend', 'Send again: late is worse than twice'), ('hold', 'Hold, and ask a person')], default='resend', max_length=10)),
                ('channel', models.CharField(choices=[('email', 'By email'), ('post', 'By post'), ('phone', 'By phone')], max_length=10)),
                ('to_name', models.CharField(max_length=200)),
                ('to_address', models.TextField(blank=True, help_text='Email, postal address or phone number')),
                ('subject', models.CharField(max_length=250)),
                ('body_text', models.TextField()),
                ('body_html', models.TextField(blank=True)),
                ('written_at', models.DateTimeField()),
                ('chain', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='letters', to='ledger.chain')),
                ('to', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='letters', to=settings.AUTH_USER_MODEL)),
                ('written_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='letters_written', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-written_at', '-id'),
            },
        ),
        migrations.CreateModel(
            name='Sending',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('pending', 'Waiting to go'), ('sending', 'Going now'), ('sent', 'Sent'), ('failed', 'Could not be sent'), ('in_doubt', 'We cannot be sure this was sent'), ('inbox', 'Kept on their letters page only')], default='pending', max_length=10)),
                ('not_before', models.DateTimeField(help_text='The first instant it may go')),
                ('claim', models.CharField(blank=True, max_length=40)),
                ('claimed_at', models.DateTimeField(null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('first_tried_at', models.DateTimeField(help_text='When the first try began', null=True)),
                ('doubts', models.PositiveSmallIntegerField(default=0, help_text='How often it may have gone without our knowing')),
                ('sent_at', models.DateTimeField(null=True)),
                ('trouble', models.CharField(blank=True, max_length=250)),
                ('letter', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='sending', to='ledger.letter')),
                ('marked_by', models.ForeignKey(help_text='Who said a posted or phoned letter was done', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('state', 'sent'), _negated=True), ('sent_at__isnull', False), _connector='OR'), name='sent_has_a_time')],
            },
        ),
        migrations.CreateModel(
            name='Entry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seq', models.PositiveIntegerField()),
                ('verb', models.CharField(max_length=60)),
                ('at', models.DateTimeField()),
                ('data', models.JSONField(default=dict)),
                ('payload', models.TextField()),
                ('previous_hash', models.CharField(max_length=64)),
                ('hash', models.CharField(max_length=64)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entries', to=settings.AUTH_USER_MODEL)),
                ('chain', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='ledger.chain')),
            ],
            options={
                'verbose_name_plural': 'entries',
                'ordering': ('chain', 'seq'),
                'indexes': [models.Index(fields=['chain', 'verb'], name='entry_by_verb')],
                'constraints': [models.UniqueConstraint(fields=('chain', 'seq'), name='entry_once_in_chain')],
            },
        ),
        migrations.AddIndex(
            model_name='letter',
            index=models.Index(fields=['to', '-written_at'], name='letter_inbox'),
        ),
        migrations.AddIndex(
            model_name='sending',
            index=models.Index(fields=['state', 'not_before'], name='sending_due'),
        ),
    ]
