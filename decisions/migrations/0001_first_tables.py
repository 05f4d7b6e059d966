import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('decisions', '0001_initial'),
        ('decisions', '0002_complaints'),
        ('decisions', '0003_retention'),
    ]

    initial = True

    dependencies = [
        ('accounts', '__first__'),
        ('applications', '0001_first_tables'),
        ('commissioning', '0001_first_tables'),
        ('ledger', '0001_first_tables'),
        ('panels', '0001_first_tables'),
        ('support', '0001_first_tables'),
    ]

    operations = [
        migrations.CreateModel(
            name='Clearing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('what', models.CharField(choices=[('drafts', 'Bids that were begun and never sent'), ('needs', 'What makes taking part easier for a volunteer')], max_length=10)),
                ('count', models.PositiveIntegerField()),
                ('digest', models.CharField(max_length=64)),
                ('put_at', models.DateTimeField()),
                ('done_at', models.DateTimeField(null=True)),
                ('done_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('programme', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='clearings', to='commissioning.programme')),
                ('put_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('put_at', 'id'),
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('done_at__isnull', False), ('done_by__isnull', False)), models.Q(('done_at', None), ('done_by', None)), _connector='OR'), name='clearing_done_at_with_by'), models.CheckConstraint(condition=models.Q(('done_by', None), models.Q(('done_by', models.F('put_by')), _negated=True), _connector='OR'), name='clearing_by_two_people'), models.UniqueConstraint(condition=models.Q(('done_at', None)), fields=('programme', 'what'), name='clearing_one_waits')],
            },
        ),
        migrations.CreateModel(
            name='Complaint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField()),
                ('hear_on', models.DateField()),
                ('answer_on', models.DateField()),
                ('made_at', models.DateTimeField()),
                ('taken_at', models.DateTimeField(null=True)),
                ('outcome', models.CharField(blank=True, choices=[('right', 'It was done as it should be'), ('part', 'Some of it was not done as it should be'), ('wrong', 'It was not done as it should be'), ('choice', 'It is about the choice itself, which a complaint cannot change')], max_length=10)),
                ('words', models.TextField(blank=True, help_text='The answer to the group')),
                ('answered_at', models.DateTimeField(null=True)),
                ('answered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='complaints', to='applications.application')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('taken_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('made_at', 'id'),
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('taken_at__isnull', False), ('taken_by__isnull', False)), models.Q(('taken_at', None), ('taken_by', None)), _connector='OR'), name='complaint_taken_at_with_by'), models.CheckConstraint(condition=models.Q(models.Q(('answered_at__isnull', False), ('answered_by__isnull', False)), models.Q(('answered_at', None), ('answered_by', None)), _connector='OR'), name='complaint_answered_at_with_by'), models.CheckConstraint(condition=models.Q(('answered_at', None), models.Q(models.Q(('outcome', ''), _negated=True), models.Q(('words', ''), _negated=True)), _connector='OR'), name='complaint_answer_says_why'), models.UniqueConstraint(condition=models.Q(('answered_at', None)), fields=('application',), name='complaint_one_at_a_time')],
            },
        ),
        migrations.CreateModel(
            name='Erasure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('made_at', models.DateTimeField()),
                ('adjustment', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='erasure', to='support.adjustment')),
                ('application', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='erasure', to='applications.application')),
                ('clearing', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='erasures', to='decisions.clearing')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('adjustment', None), ('application__isnull', False)), models.Q(('adjustment__isnull', False), ('application', None)), _connector='OR'), name='erasure_of_one_thing')],
            },
        ),
        migrations.CreateModel(
            name='MoneyBoard',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60)),
                ('version', models.PositiveIntegerField(default=1)),
                ('made_at', models.DateTimeField()),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('panel', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='boards', to='panels.panel')),
            ],
            options={
                'ordering': ('panel', 'id'),
                'constraints': [models.UniqueConstraint(fields=('panel', 'name'), name='board_once')],
            },
        ),
        migrations.CreateModel(
            name='Decision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('reason', models.TextField(blank=True, help_text='Why it replaces the one before')),
                ('digest', models.CharField(max_length=64)),
                ('put_at', models.DateTimeField()),
                ('stands_at', models.DateTimeField(null=True)),
                ('dropped_at', models.DateTimeField(help_text='Signing failed; the panel talks again', null=True)),
                ('panel', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='panels.panel')),
                ('put_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('replaces', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='decisions.decision')),
                ('board', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='decisions.moneyboard')),
            ],
            options={
                'ordering': ('panel', 'number'),
                'constraints': [models.UniqueConstraint(fields=('panel', 'number'), name='decision_number_once')],
            },
        ),
        migrations.CreateModel(
            name='BoardLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('outcome', models.CharField(choices=[('award', 'Yes, in full'), ('less', 'Yes, with less money'), ('reserve', 'Reserve'), ('no', 'Not this time')], max_length=10)),
                ('amount', models.DecimalField(decimal_places=2, default=0, max_digits=12)),
                ('less_what', models.TextField(blank=True, help_text='Which costs are left out')),
                ('reason', models.TextField(blank=True)),
                ('conditions', models.TextField(blank=True)),
                ('reserve_order', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='board_lines', to='applications.application')),
                ('criterion', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='commissioning.criterion')),
                ('board', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='decisions.moneyboard')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('board', 'application'), name='board_line_once'), models.CheckConstraint(condition=models.Q(('amount__gte', 0)), name='board_amount_not_negative')],
            },
        ),
        migrations.CreateModel(
            name='BoardChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('before', models.JSONField(null=True)),
                ('after', models.JSONField(null=True)),
                ('made_at', models.DateTimeField()),
                ('undone_at', models.DateTimeField(null=True)),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='applications.application')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('board', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='decisions.moneyboard')),
            ],
            options={
                'ordering': ('board', 'id'),
            },
        ),
        migrations.CreateModel(
            name='Outcome',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('award', 'Yes, in full'), ('less', 'Yes, with less money'), ('reserve', 'Reserve'), ('no', 'Not this time')], max_length=10)),
                ('asked', models.DecimalField(decimal_places=2, max_digits=12)),
                ('amount', models.DecimalField(decimal_places=2, default=0, max_digits=12)),
                ('less_what', models.TextField(blank=True)),
                ('reason', models.TextField()),
                ('conditions', models.TextField(blank=True)),
                ('reserve_order', models.PositiveSmallIntegerField(null=True)),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='outcomes', to='applications.application')),
                ('criterion', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='commissioning.criterion')),
                ('decision', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='outcomes', to='decisions.decision')),
            ],
            options={
                'ordering': ('decision', 'id'),
                'constraints': [models.UniqueConstraint(fields=('decision', 'application'), name='outcome_once'), models.CheckConstraint(condition=models.Q(models.Q(('amount__gt', 0), ('kind__in', ['award', 'less'])), models.Q(('amount', 0), ('kind__in', ['reserve', 'no'])), _connector='OR'), name='only_awards_have_money'), models.CheckConstraint(condition=models.Q(('amount__lte', models.F('asked'))), name='award_within_what_was_asked'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='outcome_has_a_reason'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'reserve'), ('reserve_order__isnull', False)), models.Q(models.Q(('kind', 'reserve'), _negated=True), ('reserve_order', None)), _connector='OR'), name='only_reserves_are_ordered')],
            },
        ),
        migrations.CreateModel(
            name='DueDiligence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('register', 'The organisation is on its register'), ('accounts', 'Accounts looked at'), ('safeguarding', 'Safeguarding policy looked at'), ('bank', "Bank account is the organisation's")], max_length=14)),
                ('passed', models.BooleanField()),
                ('words', models.TextField(blank=True)),
                ('checked_at', models.DateTimeField()),
                ('checked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('outcome', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='checks', to='decisions.outcome')),
            ],
            options={
                'verbose_name_plural': 'due diligence',
                'ordering': ('checked_at',),
                'constraints': [models.CheckConstraint(condition=models.Q(('passed', True), models.Q(('words', ''), _negated=True), _connector='OR'), name='failed_check_says_why')],
            },
        ),
        migrations.CreateModel(
            name='Acceptance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('accepted', models.BooleanField()),
                ('words', models.TextField(blank=True)),
                ('made_at', models.DateTimeField()),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('outcome', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='acceptance', to='decisions.outcome')),
            ],
        ),
        migrations.CreateModel(
            name='OutcomeLetter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('yes', 'Yes, in full'), ('less', 'Yes, with less money'), ('reserve', 'Reserve'), ('no', 'Not this time'), ('not_met', 'Not this time, after reading'), ('not_eligible', "Not within the funder's rules")], max_length=14)),
                ('subject', models.CharField(max_length=250)),
                ('body', models.TextField()),
                ('staff_note', models.TextField(blank=True)),
                ('digest', models.CharField(max_length=64)),
                ('written_at', models.DateTimeField()),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='outcome_letters', to='applications.application')),
                ('approved_by_proposal', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='outcome_letters', to='panels.proposal')),
                ('eligibility', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='letter', to='applications.eligibility')),
                ('letter', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='outcome_letter', to='ledger.letter')),
                ('outcome', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='letter', to='decisions.outcome')),
                ('shortlisting', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='letter', to='panels.shortlisting')),
                ('written_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('application', 'id'),
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('eligibility', None), ('outcome__isnull', False), ('shortlisting', None)), models.Q(('eligibility', None), ('outcome', None), ('shortlisting__isnull', False)), models.Q(('eligibility__isnull', False), ('outcome', None), ('shortlisting', None)), _connector='OR'), name='outcome_letter_tells_of_one_thing'), models.CheckConstraint(condition=models.Q(('letter', None), ('approved_by_proposal__isnull', False), _connector='OR'), name='outcome_letter_sent_was_approved')],
            },
        ),
        migrations.CreateModel(
            name='Ratification',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('confirmed', 'Confirmed'), ('hold', 'On hold for a legal reason'), ('lifted', 'Hold lifted')], max_length=10)),
                ('reason', models.TextField(blank=True)),
                ('made_at', models.DateTimeField()),
                ('decision', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='ratifications', to='decisions.decision')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('made_at',),
                'constraints': [models.CheckConstraint(condition=models.Q(('kind', 'confirmed'), models.Q(('reason', ''), _negated=True), _connector='OR'), name='hold_has_a_reason')],
            },
        ),
        migrations.CreateModel(
            name='ReportApproval',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(help_text='Of the facts that were approved', max_length=64)),
                ('approved_at', models.DateTimeField()),
                ('panel', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='report_approvals', to='panels.panel')),
                ('proposal', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='panels.proposal')),
                ('round', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='report_approvals', to='commissioning.round')),
            ],
            options={
                'ordering': ('approved_at',),
            },
        ),
        migrations.CreateModel(
            name='ReportFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('format', models.CharField(choices=[('pdf', 'PDF'), ('xlsx', 'Spreadsheet'), ('csv', 'CSV'), ('360giving', '360Giving')], max_length=10)),
                ('audience', models.CharField(choices=[('board', 'For the board'), ('public', 'For everyone')], default='board', max_length=10)),
                ('large_print', models.BooleanField(default=False)),
                ('file', models.FileField(upload_to='reports')),
                ('sha256', models.CharField(max_length=64)),
                ('head_hash', models.CharField(max_length=64)),
                ('made_at', models.DateTimeField()),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('round', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='report_files', to='commissioning.round')),
            ],
            options={
                'ordering': ('-made_at',),
            },
        ),
        migrations.CreateModel(
            name='RetentionRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('what', models.CharField(choices=[('drafts', 'Bids that were begun and never sent'), ('needs', 'What makes taking part easier for a volunteer')], max_length=10)),
                ('months', models.PositiveSmallIntegerField()),
                ('programme', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='retention_rules', to='commissioning.programme')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('programme', 'what'), name='retention_rule_once'), models.CheckConstraint(condition=models.Q(('months__gte', 1), ('months__lte', 120)), name='retention_in_reason')],
            },
        ),
        migrations.CreateModel(
            name='Signature',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('choice', models.CharField(choices=[('agree', 'I agree'), ('live_with', 'I can live with it'), ('disagree', 'I disagree')], max_length=10)),
                ('words', models.TextField(blank=True)),
                ('signed_at', models.DateTimeField()),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('confirmed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('decision', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='signatures', to='decisions.decision')),
                ('seat', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='signatures', to='panels.seat')),
                ('typed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('typed_by', None), ('confirmed_at__isnull', False), _connector='OR'), fields=('decision', 'seat'), name='signature_once'), models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at__isnull', False), ('confirmed_by__isnull', False)), models.Q(('confirmed_at', None), ('confirmed_by', None)), _connector='OR'), name='signature_confirmed_at_with_by')],
            },
        ),
        migrations.CreateModel(
            name='BoardNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('noted', 'The board has noted the report'), ('question', 'A question about how things were done')], max_length=10)),
                ('text', models.TextField(blank=True)),
                ('answer', models.TextField(blank=True)),
                ('made_at', models.DateTimeField()),
                ('answered_at', models.DateTimeField(null=True)),
                ('answered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('round', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='board_notes', to='commissioning.round')),
            ],
            options={
                'ordering': ('made_at',),
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('answered_at__isnull', False), ('answered_by__isnull', False)), models.Q(('answered_at', None), ('answered_by', None)), _connector='OR'), name='board_note_answered_at_with_by')],
            },
        ),
    ]
