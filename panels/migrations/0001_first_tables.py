import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('panels', '0001_initial'),
        ('panels', '0002_bids_back'),
        ('panels', '0003_sharing_out'),
        ('panels', '0004_influence'),
        ('panels', '0005_formats_and_seats'),
        ('panels', '0006_conversation'),
    ]

    initial = True

    dependencies = [
        ('accounts', '__first__'),
        ('applications', '0001_first_tables'),
        ('commissioning', '0001_first_tables'),
    ]

    operations = [
        migrations.CreateModel(
            name='Assignment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reasons', models.JSONField(default=list, help_text='Codes, for the reader alone')),
                ('order_key', models.FloatField(help_text='Random reading order, made once')),
                ('given_at', models.DateTimeField()),
                ('started_at', models.DateTimeField(help_text='When its reader first opened the bid', null=True)),
                ('later_at', models.DateTimeField(help_text='Left for later; it comes back', null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('ended_why', models.CharField(blank=True, choices=[('handed_back', 'Handed back'), ('interest', 'Knows people in the bid'), ('break', 'Is taking a break'), ('withdrawn', 'The bid was withdrawn'), ('left', 'Left the round'), ('undone', 'The share-out was undone'), ('fewer', 'Asked for fewer')], max_length=12)),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assignments', to='applications.application')),
                ('ended_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('given_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assignments', to='commissioning.member')),
                ('version', models.ForeignKey(help_text='Copy to read', on_delete=django.db.models.deletion.PROTECT, related_name='assignments', to='applications.bidversion')),
            ],
            options={
                'ordering': ('member', 'order_key'),
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('member', 'application'), name='assignment_once'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', False), ('ended_by__isnull', False)), models.Q(('ended_at', None), ('ended_by', None)), _connector='OR'), name='assignment_ended_at_with_by'), models.CheckConstraint(condition=models.Q(('ended_at', None), models.Q(('ended_why', ''), _negated=True), _connector='OR'), name='assignment_ended_says_why')],
            },
        ),
        migrations.CreateModel(
            name='Abstention',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('why', models.CharField(choices=[('conflict', 'I know the people'), ('not_my_area', 'It is not something I know about'), ('not_well', 'I am not well')], max_length=12)),
                ('words', models.TextField(blank=True)),
                ('made_at', models.DateTimeField()),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('assignment', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='abstention', to='panels.assignment')),
            ],
        ),
        migrations.CreateModel(
            name='BidDraft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('why', models.TextField(blank=True)),
                ('notes', models.TextField(blank=True, help_text='Private; never sent')),
                ('version', models.PositiveIntegerField(default=1)),
                ('client_id', models.CharField(blank=True, max_length=40)),
                ('saved_at', models.DateTimeField()),
                ('assignment', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='bid_draft', to='panels.assignment')),
                ('saved_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Interest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('direct', 'I or my close family run it, work for it, helped write it or sell to it'), ('indirect', 'I know it as a neighbour, a user, or a member from before')], max_length=10)),
                ('words', models.TextField(blank=True)),
                ('is_late', models.BooleanField(default=False, help_text='Declared after reading began')),
                ('made_at', models.DateTimeField()),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='interests', to='applications.application')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='interests', to='commissioning.member')),
                ('typed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('member', 'application', 'kind'), name='interest_once')],
            },
        ),
        migrations.CreateModel(
            name='Meeting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('shortlist', 'Choosing who to meet'), ('decision', 'Deciding'), ('reading', 'Sitting together to read'), ('other', 'Another meeting')], max_length=10)),
                ('starts_at', models.DateTimeField()),
                ('minutes_long', models.PositiveSmallIntegerField(default=120)),
                ('place', models.CharField(blank=True, max_length=250)),
                ('link', models.URLField(blank=True)),
                ('notes', models.TextField(blank=True, help_text='Refreshments, travel, access')),
                ('minutes', models.TextField(blank=True, help_text='What was said about how things were done')),
                ('arranged_at', models.DateTimeField()),
                ('called_off_at', models.DateTimeField(null=True)),
                ('arranged_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('called_off_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('starts_at',),
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('called_off_at__isnull', False), ('called_off_by__isnull', False)), models.Q(('called_off_at', None), ('called_off_by', None)), _connector='OR'), name='meeting_called_off_at_with_by')],
            },
        ),
        migrations.CreateModel(
            name='Attendance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('noted_at', models.DateTimeField()),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='commissioning.member')),
                ('noted_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('meeting', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attendance', to='panels.meeting')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('meeting', 'member'), name='there_once')],
            },
        ),
        migrations.CreateModel(
            name='Panel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120)),
                ('made_at', models.DateTimeField()),
                ('scores_opened_at', models.DateTimeField(help_text="When the panel agreed to see each other's scores", null=True)),
                ('interviews_opened_at', models.DateTimeField(help_text='The same for the interview scores', null=True)),
                ('invited_at', models.DateTimeField(help_text='When the organisations it meets were asked to choose a time', null=True)),
                ('invited_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('lot', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='panel', to='commissioning.lot')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('round', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='panels', to='commissioning.round')),
            ],
            options={
                'ordering': ('lot__order', 'id'),
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('invited_at__isnull', False), ('invited_by__isnull', False)), models.Q(('invited_at', None), ('invited_by', None)), _connector='OR'), name='panel_invited_at_with_by')],
            },
        ),
        migrations.CreateModel(
            name='InterviewSlot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts_at', models.DateTimeField()),
                ('minutes_long', models.PositiveSmallIntegerField(default=45)),
                ('place', models.CharField(blank=True, max_length=250)),
                ('link', models.URLField(blank=True)),
                ('access_needs', models.TextField(blank=True)),
                ('chosen_at', models.DateTimeField(null=True)),
                ('offered_at', models.DateTimeField()),
                ('application', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='slot', to='applications.application')),
                ('chosen_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('offered_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('panel', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='slots', to='panels.panel')),
            ],
            options={
                'ordering': ('starts_at',),
                'constraints': [models.UniqueConstraint(fields=('panel', 'starts_at'), name='slot_once'), models.CheckConstraint(condition=models.Q(models.Q(('chosen_at__isnull', False), ('chosen_by__isnull', False)), models.Q(('chosen_at', None), ('chosen_by', None)), _connector='OR'), name='slot_chosen_at_with_by')],
            },
        ),
        migrations.CreateModel(
            name='InterviewQuestion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.CharField(max_length=300)),
                ('order', models.PositiveSmallIntegerField(default=1)),
                ('written_at', models.DateTimeField()),
                ('dropped_at', models.DateTimeField(null=True)),
                ('criterion', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='interview_questions', to='commissioning.criterion')),
                ('written_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('panel', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='interview_questions', to='panels.panel')),
            ],
            options={
                'ordering': ('panel', 'order', 'id'),
            },
        ),
        migrations.CreateModel(
            name='Proposal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('open_scores', 'Open the scores'), ('open_interviews', 'Open the interview scores'), ('shortlist', 'Who to meet'), ('close_early', 'Close a stage with work unsent'), ('shorten_rest', 'Change the days of rest'), ('add_member', 'Add a member'), ('interest', "Somebody's interest"), ('return_bid', 'Having a bid back'), ('share_aim', 'What comes first in sharing out'), ('letters', 'The letters'), ('report', 'The report'), ('other', 'Something else')], max_length=20)),
                ('words', models.TextField(blank=True)),
                ('data', models.JSONField(default=dict)),
                ('put_at', models.DateTimeField()),
                ('outcome', models.CharField(blank=True, choices=[('agreed', 'Agreed'), ('not_agreed', 'Not agreed'), ('tie', 'Split: talk again'), ('dropped', 'Taken off the table')], max_length=12)),
                ('settled_at', models.DateTimeField(null=True)),
                ('application', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='proposals', to='applications.application')),
                ('panel', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='proposals', to='panels.panel')),
                ('put_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('put_at', 'id'),
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('outcome', ''), ('settled_at', None)), models.Q(models.Q(('outcome', ''), _negated=True), ('settled_at__isnull', False)), _connector='OR'), name='proposal_settled_with_outcome')],
            },
        ),
        migrations.CreateModel(
            name='Question',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField()),
                ('asked_at', models.DateTimeField()),
                ('answer', models.TextField(blank=True)),
                ('answered_at', models.DateTimeField(null=True)),
                ('answered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='questions', to='commissioning.member')),
                ('panel', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='questions', to='panels.panel')),
            ],
            options={
                'ordering': ('-asked_at',),
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('answered_at__isnull', False), ('answered_by__isnull', False)), models.Q(('answered_at', None), ('answered_by', None)), _connector='OR'), name='question_answered_at_with_by')],
            },
        ),
        migrations.CreateModel(
            name='Reflection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField()),
                ('written_at', models.DateTimeField()),
                ('meeting', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reflections', to='panels.meeting')),
                ('written_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('written_at',),
                'constraints': [models.UniqueConstraint(fields=('meeting', 'written_by'), name='reflected_once')],
            },
        ),
        migrations.CreateModel(
            name='Said',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField()),
                ('said_at', models.DateTimeField()),
                ('member', models.ForeignKey(help_text='Whose words they are; empty for staff', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='talk', to='commissioning.member')),
                ('panel', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='talk', to='panels.panel')),
                ('said_by', models.ForeignKey(help_text='Who said it, or typed it', on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'said',
                'ordering': ('said_at', 'id'),
            },
        ),
        migrations.CreateModel(
            name='ScoreDraft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('value', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MaxValueValidator(5)])),
                ('cannot_judge', models.BooleanField(default=False)),
                ('reason', models.TextField(blank=True)),
                ('version', models.PositiveIntegerField(default=1)),
                ('client_id', models.CharField(blank=True, help_text="Last edit's own id", max_length=40)),
                ('saved_at', models.DateTimeField()),
                ('assignment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='drafts', to='panels.assignment')),
                ('criterion', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='commissioning.criterion')),
                ('saved_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('assignment', 'criterion'), name='draft_once'), models.CheckConstraint(condition=models.Q(('value', None), models.Q(('cannot_judge', False), ('value__lte', 5)), _connector='OR'), name='draft_value_0_to_5')],
            },
        ),
        migrations.CreateModel(
            name='ScoreSheet',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('phase', models.CharField(choices=[('reading', 'After reading'), ('talk', 'After talking'), ('interview', 'After the interview')], max_length=10)),
                ('why', models.TextField(blank=True, help_text='In their own words')),
                ('sent_at', models.DateTimeField()),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sheets', to='applications.application')),
                ('assignment', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sheets', to='panels.assignment')),
                ('confirmed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sheets', to='commissioning.member')),
                ('sent_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('typed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('version', models.ForeignKey(help_text='The copy judged', on_delete=django.db.models.deletion.PROTECT, related_name='sheets', to='applications.bidversion')),
            ],
            options={
                'ordering': ('sent_at', 'id'),
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at__isnull', False), ('confirmed_by__isnull', False)), models.Q(('confirmed_at', None), ('confirmed_by', None)), _connector='OR'), name='sheet_confirmed_at_with_by'), models.CheckConstraint(condition=models.Q(('confirmed_by', None), models.Q(('confirmed_by', models.F('typed_by')), _negated=True), _connector='OR'), name='sheet_not_confirmed_by_its_typist')],
            },
        ),
        migrations.CreateModel(
            name='Score',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('value', models.PositiveSmallIntegerField(null=True)),
                ('reason', models.TextField(blank=True)),
                ('criterion', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='scores', to='commissioning.criterion')),
                ('question', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='scores', to='panels.interviewquestion')),
                ('replaces', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='panels.score')),
                ('sheet', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='scores', to='panels.scoresheet')),
            ],
            options={
                'ordering': ('sheet', 'id'),
                'constraints': [models.CheckConstraint(condition=models.Q(('value', None), ('value__lte', 5), _connector='OR'), name='score_0_to_5'), models.CheckConstraint(condition=models.Q(models.Q(('criterion__isnull', False), ('question', None)), models.Q(('criterion', None), ('question__isnull', False)), _connector='OR'), name='score_on_criterion_or_question'), models.UniqueConstraint(fields=('sheet', 'criterion'), name='score_once_on_sheet'), models.UniqueConstraint(fields=('sheet', 'question'), name='score_once_on_interview_sheet')],
            },
        ),
        migrations.CreateModel(
            name='Seat',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('began_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('began_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ended_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='seats', to='commissioning.member')),
                ('panel', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='seats', to='panels.panel')),
            ],
            options={
                'ordering': ('panel', 'member__person__name'),
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('panel', 'member'), name='seat_once'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', False), ('ended_by__isnull', False)), models.Q(('ended_at', None), ('ended_by', None)), _connector='OR'), name='seat_ended_at_with_by')],
            },
        ),
        migrations.CreateModel(
            name='ProposalVote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('choice', models.CharField(choices=[('agree', 'I agree'), ('live_with', 'I can live with it'), ('disagree', 'I disagree')], max_length=10)),
                ('words', models.TextField(blank=True)),
                ('voted_at', models.DateTimeField()),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('confirmed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='votes', to='panels.proposal')),
                ('typed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('seat', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='votes', to='panels.seat')),
            ],
            options={
                'ordering': ('voted_at', 'id'),
                'constraints': [models.UniqueConstraint(condition=models.Q(('typed_by', None), ('confirmed_at__isnull', False), _connector='OR'), fields=('proposal', 'seat'), name='proposal_vote_once'), models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at__isnull', False), ('confirmed_by__isnull', False)), models.Q(('confirmed_at', None), ('confirmed_by', None)), _connector='OR'), name='vote_confirmed_at_with_by'), models.CheckConstraint(condition=models.Q(('confirmed_by', None), models.Q(('confirmed_by', models.F('typed_by')), _negated=True), _connector='OR'), name='vote_not_confirmed_by_its_typist'), models.CheckConstraint(condition=models.Q(('confirmed_at', None), ('typed_by__isnull', False), _connector='OR'), name='vote_confirmed_was_typed')],
            },
        ),
        migrations.CreateModel(
            name='InterviewDraft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('value', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('cannot_judge', models.BooleanField(default=False)),
                ('reason', models.TextField(blank=True)),
                ('version', models.PositiveIntegerField(default=1)),
                ('client_id', models.CharField(blank=True, max_length=40)),
                ('saved_at', models.DateTimeField()),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='interview_drafts', to='applications.application')),
                ('saved_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('question', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='panels.interviewquestion')),
                ('seat', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='interview_drafts', to='panels.seat')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('seat', 'application', 'question'), name='interview_draft_once'), models.CheckConstraint(condition=models.Q(('value', None), models.Q(('cannot_judge', False), ('value__lte', 5)), _connector='OR'), name='interview_draft_0_to_5')],
            },
        ),
        migrations.CreateModel(
            name='SeatRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seed', models.BigIntegerField()),
                ('answer', models.JSONField(default=dict, help_text='{"seats": [[panel, member]], "reasons": {}, "short": {}}')),
                ('proposed_at', models.DateTimeField()),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('confirmed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('round', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='seat_runs', to='commissioning.round')),
            ],
            options={
                'ordering': ('-proposed_at', '-id'),
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at__isnull', False), ('confirmed_by__isnull', False)), models.Q(('confirmed_at', None), ('confirmed_by', None)), _connector='OR'), name='seat_run_confirmed_at_with_by')],
            },
        ),
        migrations.CreateModel(
            name='SeatChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.TextField()),
                ('made_at', models.DateTimeField()),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('panel', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='seat_changes', to='panels.panel')),
                ('put_in', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='commissioning.member')),
                ('taken_out', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='commissioning.member')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='panels.seatrun')),
            ],
            options={
                'ordering': ('made_at', 'id'),
            },
        ),
        migrations.CreateModel(
            name='ShareReply',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('answer', models.CharField(choices=[('fine', 'This is right for me'), ('fewer', 'Fewer, please'), ('more', 'I could read more')], max_length=10)),
                ('bids_wanted', models.PositiveSmallIntegerField()),
                ('replied_at', models.DateTimeField()),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='share_replies', to='commissioning.member')),
                ('typed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'share replies',
                'ordering': ('-replied_at', '-id'),
            },
        ),
        migrations.CreateModel(
            name='ShareRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seed', models.BigIntegerField()),
                ('aim', models.CharField(choices=[('share', 'Nobody has too much to read'), ('lived', 'Each bid has somebody who has lived through what it is about')], default='share', max_length=10)),
                ('answer', models.JSONField(default=dict, help_text='{"pairs": [[bid, member]], "reasons": {}, "shortfalls": []}')),
                ('proposed_at', models.DateTimeField()),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('again', models.ForeignKey(help_text='The undone share-out that this one takes up again, changes by hand and all', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='begun_again', to='panels.sharerun')),
                ('confirmed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('round', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='share_runs', to='commissioning.round')),
            ],
            options={
                'ordering': ('-proposed_at', '-id'),
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at__isnull', False), ('confirmed_by__isnull', False)), models.Q(('confirmed_at', None), ('confirmed_by', None)), _connector='OR'), name='share_run_confirmed_at_with_by')],
            },
        ),
        migrations.CreateModel(
            name='ShareRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('asked_at', models.DateTimeField()),
                ('stage', models.CharField(choices=[('waiting', 'Waiting for its turn'), ('gathering', 'Looking at what each person offered'), ('sharing', 'Working out who could read what'), ('helping', 'Looking for what would help where readers are missing'), ('writing', 'Writing down the reasons'), ('done', 'Done'), ('failed', 'It did not work')], default='waiting', max_length=10)),
                ('people', models.PositiveIntegerField(help_text='How many it looks at', null=True)),
                ('bids', models.PositiveIntegerField(null=True)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('claimed_until', models.DateTimeField(null=True)),
                ('done_at', models.DateTimeField(help_text='When it worked, or failed', null=True)),
                ('sentence', models.TextField(blank=True, help_text='Why it did not work')),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('round', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='share_requests', to='commissioning.round')),
                ('run', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='request', to='panels.sharerun')),
            ],
            options={
                'ordering': ('-asked_at', '-id'),
                'constraints': [models.UniqueConstraint(condition=models.Q(('done_at', None)), fields=('round',), name='share_request_one_at_a_time'), models.CheckConstraint(condition=models.Q(models.Q(('done_at', None), models.Q(('stage__in', ['done', 'failed']), _negated=True)), models.Q(('done_at__isnull', False), ('run__isnull', False), ('stage', 'done')), models.Q(('done_at__isnull', False), ('run', None), ('stage', 'failed'), models.Q(('sentence', ''), _negated=True)), _connector='OR'), name='share_request_ends_with_run_or_sentence')],
            },
        ),
        migrations.CreateModel(
            name='ShareChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.TextField()),
                ('made_at', models.DateTimeField()),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='applications.application')),
                ('given_to', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='commissioning.member')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('taken_from', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='commissioning.member')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='panels.sharerun')),
            ],
        ),
        migrations.CreateModel(
            name='ShareUndo',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.TextField()),
                ('undone_at', models.DateTimeField()),
                ('run', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='undoing', to='panels.sharerun')),
                ('undone_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Shortlisting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('outcome', models.CharField(choices=[('meet', 'Meet them'), ('no', 'Not this time')], max_length=6)),
                ('reason', models.TextField()),
                ('settled_at', models.DateTimeField()),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shortlistings', to='applications.application')),
                ('criterion', models.ForeignKey(help_text='The criterion the reason rests on', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='commissioning.criterion')),
                ('panel', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shortlist', to='panels.panel')),
                ('proposal', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='shortlisting', to='panels.proposal')),
                ('replaces', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='panels.shortlisting')),
            ],
            options={
                'ordering': ('application', 'settled_at'),
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('reason', ''), _negated=True), models.Q(('outcome', 'meet'), ('criterion__isnull', False), _connector='OR')), name='shortlisting_no_has_reason')],
            },
        ),
        migrations.CreateModel(
            name='StandingAside',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('began_at', models.DateTimeField()),
                ('application', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='standing_aside', to='applications.application')),
                ('interest', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='standing_aside', to='panels.interest')),
                ('lot', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='standing_aside', to='commissioning.lot')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stands_aside', to='commissioning.member')),
            ],
            options={
                'verbose_name_plural': 'standing aside',
            },
        ),
        migrations.CreateModel(
            name='Steered',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField()),
                ('said_at', models.DateTimeField()),
                ('outcome', models.CharField(blank=True, choices=[('talked', 'We talked it through'), ('changed', 'Something is done differently now'), ('nothing', 'We looked into it, and nothing needs to change')], max_length=10)),
                ('words', models.TextField(blank=True, help_text='What came of it, for the panel to read')),
                ('heard_at', models.DateTimeField(null=True)),
                ('heard_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('panel', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steered', to='panels.panel')),
                ('said_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-said_at', '-id'),
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('heard_at__isnull', False), ('heard_by__isnull', False)), models.Q(('heard_at', None), ('heard_by', None)), _connector='OR'), name='steered_heard_at_with_by')],
            },
        ),
        migrations.CreateModel(
            name='TakeBack',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('taken_at', models.DateTimeField()),
                ('sheet', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='taken_back', to='panels.scoresheet')),
                ('taken_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Void',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('why', models.CharField(choices=[('interest', 'Knows people in the bid'), ('typed_wrong', 'Was typed wrongly'), ('late', 'Came too late; the panel decided')], max_length=12)),
                ('words', models.TextField(blank=True)),
                ('voided_at', models.DateTimeField()),
                ('sheet', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='void', to='panels.scoresheet')),
                ('voided_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Declaration',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('list_digest', models.CharField(max_length=64)),
                ('made_at', models.DateTimeField()),
                ('lot', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='declarations', to='commissioning.lot')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='declarations', to='commissioning.member')),
                ('typed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-made_at', '-id'),
                'indexes': [models.Index(fields=['member', 'lot'], name='declaration_by_lot')],
            },
        ),
        migrations.CreateModel(
            name='FormatGap',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('format', models.CharField(choices=[('largeprint', 'Large print on paper'), ('audio', 'Read aloud, to listen to'), ('easyread', 'Easy read: short words and pictures')], max_length=12)),
                ('reason', models.TextField()),
                ('noted_at', models.DateTimeField()),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='format_gaps', to='applications.application')),
                ('noted_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('application', 'format'),
                'constraints': [models.UniqueConstraint(fields=('application', 'format'), name='format_gap_once')],
            },
        ),
        migrations.AddField(
            model_name='meeting',
            name='panel',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='meetings', to='panels.panel'),
        ),
        migrations.AddField(
            model_name='interviewquestion',
            name='asked_by',
            field=models.ForeignKey(help_text='Who asks it', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='asks', to='panels.seat'),
        ),
        migrations.AddField(
            model_name='assignment',
            name='run',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='assigned', to='panels.sharerun'),
        ),
        migrations.AddIndex(
            model_name='proposal',
            index=models.Index(fields=['panel', 'kind'], name='proposal_by_kind'),
        ),
        migrations.AddIndex(
            model_name='scoresheet',
            index=models.Index(fields=['application', 'phase'], name='sheet_by_bid'),
        ),
        migrations.AddIndex(
            model_name='assignment',
            index=models.Index(fields=['member', 'order_key'], name='assignment_next'),
        ),
        migrations.AddIndex(
            model_name='assignment',
            index=models.Index(fields=['application', 'ended_at'], name='assignment_readers'),
        ),
        migrations.AddIndex(
            model_name='standingaside',
            index=models.Index(fields=['member', 'lot'], name='aside_by_lot'),
        ),
    ]
