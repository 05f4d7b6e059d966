import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('support', '0001_initial'),
        ('support', '0002_longer_rests'),
        ('support', '0003_formats_needed'),
        ('support', '0004_company'),
        ('support', '0005_who_is_here'),
        ('support', '0006_looking_back'),
    ]

    initial = True

    dependencies = [
        ('accounts', '__first__'),
        ('commissioning', '0001_first_tables'),
    ]

    operations = [
        migrations.CreateModel(
            name='AboutAsked',
            fields=[
                ('member', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='about_asked', serialize=False, to='commissioning.member')),
            ],
        ),
        migrations.CreateModel(
            name='AboutCode',
            fields=[
                ('digest', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('round', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='about_codes', to='commissioning.round')),
            ],
        ),
        migrations.CreateModel(
            name='AboutQuestion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=60)),
                ('text', models.CharField(max_length=200)),
                ('options', models.JSONField(default=list)),
                ('shares', models.JSONField(default=list)),
                ('shares_from', models.CharField(blank=True, help_text='Where shares come from', max_length=200)),
                ('order', models.PositiveSmallIntegerField(default=1)),
                ('dropped_at', models.DateTimeField(null=True)),
                ('dropped_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('programme', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='about_questions', to='commissioning.programme')),
            ],
            options={
                'ordering': ('programme', 'order', 'id'),
                'constraints': [models.UniqueConstraint(fields=('programme', 'slug'), name='about_question_once'), models.CheckConstraint(condition=models.Q(models.Q(('dropped_at__isnull', False), ('dropped_by__isnull', False)), models.Q(('dropped_at', None), ('dropped_by', None)), _connector='OR'), name='about_question_dropped_at_with_by')],
            },
        ),
        migrations.CreateModel(
            name='AboutTally',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('option', models.PositiveSmallIntegerField()),
                ('waiting', models.PositiveIntegerField(default=0)),
                ('question', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tallies', to='support.aboutquestion')),
                ('round', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='about_tallies', to='commissioning.round')),
            ],
            options={
                'ordering': ('question', 'option'),
                'constraints': [models.UniqueConstraint(fields=('round', 'question', 'option'), name='about_tally_once')],
            },
        ),
        migrations.CreateModel(
            name='Adjustment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('asked', models.TextField()),
                ('asked_at', models.DateTimeField()),
                ('agreed', models.TextField(blank=True, help_text='What will be done')),
                ('more_rest_days', models.PositiveSmallIntegerField(default=0, help_text='Days by which each of the member’s rests is longer')),
                ('agreed_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('agreed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ended_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='adjustments', to='commissioning.member')),
            ],
            options={
                'ordering': ('asked_at',),
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('agreed_at__isnull', False), ('agreed_by__isnull', False)), models.Q(('agreed_at', None), ('agreed_by', None)), _connector='OR'), name='adjustment_agreed_at_with_by'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', False), ('ended_by__isnull', False)), models.Q(('ended_at', None), ('ended_by', None)), _connector='OR'), name='adjustment_ended_at_with_by'), models.CheckConstraint(condition=models.Q(('agreed_at', None), models.Q(('agreed', ''), _negated=True), _connector='OR'), name='adjustment_agreed_in_words'), models.CheckConstraint(condition=models.Q(('more_rest_days', 0), models.Q(('agreed_at__isnull', False), ('more_rest_days__lte', 14)), _connector='OR'), name='adjustment_more_rest_agreed')],
            },
        ),
        migrations.CreateModel(
            name='Buddies',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('asked_at', models.DateTimeField()),
                ('accepted_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('accepted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('asked', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='buddies_asked_of', to='commissioning.member')),
                ('asked_by', models.ForeignKey(help_text='The asker, or who typed it', on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('asker', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='buddies_asked', to='commissioning.member')),
                ('ended_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'buddies',
                'ordering': ('asked_at', 'id'),
                'constraints': [models.CheckConstraint(condition=models.Q(('asker', models.F('asked')), _negated=True), name='buddies_are_two_people'), models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('asker', 'asked'), name='buddies_once'), models.CheckConstraint(condition=models.Q(models.Q(('accepted_at__isnull', False), ('accepted_by__isnull', False)), models.Q(('accepted_at', None), ('accepted_by', None)), _connector='OR'), name='buddies_accepted_at_with_by'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', False), ('ended_by__isnull', False)), models.Q(('ended_at', None), ('ended_by', None)), _connector='OR'), name='buddies_ended_at_with_by')],
            },
        ),
        migrations.CreateModel(
            name='Conduct',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('wording', models.CharField(help_text='A mark of the words that were signed', max_length=64)),
                ('on_paper', models.BooleanField(default=False)),
                ('signed_at', models.DateTimeField()),
                ('taken_back_at', models.DateTimeField(null=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='conduct', to=settings.AUTH_USER_MODEL)),
                ('round', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='conduct', to='commissioning.round')),
                ('signed_by', models.ForeignKey(help_text='The signer, or who noted it', on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('taken_back_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'conduct',
                'constraints': [models.UniqueConstraint(condition=models.Q(('taken_back_at', None)), fields=('round', 'person'), name='conduct_signed_once'), models.CheckConstraint(condition=models.Q(models.Q(('taken_back_at__isnull', False), ('taken_back_by__isnull', False)), models.Q(('taken_back_at', None), ('taken_back_by', None)), _connector='OR'), name='conduct_taken_back_at_with_by')],
            },
        ),
        migrations.CreateModel(
            name='CountDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('count_on', models.DateField()),
                ('counted_at', models.DateTimeField(null=True)),
                ('counted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('round', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='count_days', to='commissioning.round')),
            ],
            options={
                'ordering': ('round', 'count_on'),
                'constraints': [models.UniqueConstraint(fields=('round', 'count_on'), name='count_day_once'), models.CheckConstraint(condition=models.Q(models.Q(('counted_at__isnull', False), ('counted_by__isnull', False)), models.Q(('counted_at', None), ('counted_by', None)), _connector='OR'), name='count_day_counted_at_with_by')],
            },
        ),
        migrations.CreateModel(
            name='AboutTable',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('people', models.PositiveIntegerField()),
                ('counts', models.JSONField()),
                ('question', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tables', to='support.aboutquestion')),
                ('day', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tables', to='support.countday')),
            ],
            options={
                'ordering': ('question__order', 'question', 'day'),
                'constraints': [models.UniqueConstraint(fields=('day', 'question'), name='about_table_once')],
            },
        ),
        migrations.CreateModel(
            name='Encouragement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField()),
                ('given_at', models.DateTimeField()),
                ('given_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='encouragements', to='commissioning.member')),
            ],
            options={
                'ordering': ('-given_at',),
            },
        ),
        migrations.CreateModel(
            name='Expense',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('travel', 'Getting there and back'), ('care', 'Somebody to look after a person in your care'), ('food', 'Food and drink'), ('other', 'Something else')], max_length=10)),
                ('what', models.CharField(max_length=250)),
                ('amount', models.DecimalField(decimal_places=2, max_digits=8)),
                ('spent_on', models.DateField()),
                ('receipt', models.FileField(blank=True, upload_to='receipts')),
                ('receipt_name', models.CharField(blank=True, max_length=150)),
                ('claimed_at', models.DateTimeField()),
                ('paid_at', models.DateTimeField(null=True)),
                ('refused_at', models.DateTimeField(null=True)),
                ('refused_why', models.CharField(blank=True, max_length=250)),
                ('claimed_by', models.ForeignKey(help_text='The volunteer, or who typed', on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='expenses', to='commissioning.member')),
                ('paid_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('refused_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-claimed_at', '-id'),
                'constraints': [models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='expense_is_some_money'), models.CheckConstraint(condition=models.Q(('paid_at', None), ('refused_at', None), _connector='OR'), name='expense_paid_or_refused'), models.CheckConstraint(condition=models.Q(('refused_at', None), models.Q(('refused_why', ''), _negated=True), _connector='OR'), name='expense_refused_in_words'), models.CheckConstraint(condition=models.Q(models.Q(('paid_at__isnull', False), ('paid_by__isnull', False)), models.Q(('paid_at', None), ('paid_by', None)), _connector='OR'), name='expense_paid_at_with_by'), models.CheckConstraint(condition=models.Q(models.Q(('refused_at__isnull', False), ('refused_by__isnull', False)), models.Q(('refused_at', None), ('refused_by', None)), _connector='OR'), name='expense_refused_at_with_by')],
            },
        ),
        migrations.CreateModel(
            name='FormatNeed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('format', models.CharField(choices=[('largeprint', 'Large print on paper'), ('audio', 'Read aloud, to listen to'), ('easyread', 'Easy read: short words and pictures')], max_length=12)),
                ('asked_at', models.DateTimeField()),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='format_needs', to='commissioning.member')),
            ],
            options={
                'ordering': ('format',),
                'constraints': [models.UniqueConstraint(fields=('member', 'format'), name='format_need_once')],
            },
        ),
        migrations.CreateModel(
            name='Gathering',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('training', 'To learn together'), ('reading', 'To sit and read together')], max_length=10)),
                ('starts_at', models.DateTimeField()),
                ('minutes_long', models.PositiveSmallIntegerField(default=120)),
                ('place', models.CharField(blank=True, max_length=250)),
                ('link', models.URLField(blank=True)),
                ('notes', models.TextField(blank=True, help_text='Food and drink, travel, and getting in')),
                ('arranged_at', models.DateTimeField()),
                ('changed_at', models.DateTimeField(null=True)),
                ('called_off_at', models.DateTimeField(null=True)),
                ('arranged_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('called_off_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('changed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('round', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='gatherings', to='commissioning.round')),
            ],
            options={
                'ordering': ('starts_at', 'id'),
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('changed_at__isnull', False), ('changed_by__isnull', False)), models.Q(('changed_at', None), ('changed_by', None)), _connector='OR'), name='gathering_changed_at_with_by'), models.CheckConstraint(condition=models.Q(models.Q(('called_off_at__isnull', False), ('called_off_by__isnull', False)), models.Q(('called_off_at', None), ('called_off_by', None)), _connector='OR'), name='gathering_called_off_at_with_by'), models.CheckConstraint(condition=models.Q(models.Q(('place', ''), _negated=True), models.Q(('link', ''), _negated=True), _connector='OR'), name='gathering_is_somewhere')],
            },
        ),
        migrations.CreateModel(
            name='GatheringReply',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('coming', models.BooleanField()),
                ('needs', models.TextField(blank=True, help_text='Seen by facilitators only')),
                ('replied_at', models.DateTimeField()),
                ('here_at', models.DateTimeField(null=True)),
                ('hand_up_at', models.DateTimeField(null=True)),
                ('came_at', models.DateTimeField(help_text='When it was noted that they came', null=True)),
                ('came_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('gathering', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='replies', to='support.gathering')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='gathering_replies', to='commissioning.member')),
                ('replied_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('gathering', 'member'), name='gathering_reply_once'), models.CheckConstraint(condition=models.Q(models.Q(('came_at__isnull', False), ('came_by__isnull', False)), models.Q(('came_at', None), ('came_by', None)), _connector='OR'), name='gathering_came_at_with_by')],
            },
        ),
        migrations.CreateModel(
            name='Helper',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('knows', models.TextField(blank=True, help_text='Groups and people they have a link with')),
                ('began_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('began_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ended_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='helpers', to='commissioning.member')),
                ('supporter', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='helps', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('member', 'supporter'), name='helper_once'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', False), ('ended_by__isnull', False)), models.Q(('ended_at', None), ('ended_by', None)), _connector='OR'), name='helper_ended_at_with_by')],
            },
        ),
        migrations.CreateModel(
            name='Lesson',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('stage', models.CharField(choices=[('setup', 'Setting up'), ('join', 'Joining'), ('training', 'Getting ready'), ('criteria', 'Agreeing the criteria'), ('open', 'Open for bids'), ('eligibility', 'Checking the rules'), ('sharing', 'Sharing out the bids'), ('scoring', 'Reading and scoring'), ('shortlist', 'Choosing who to meet'), ('interviews', 'Meeting the organisations'), ('decision', 'Deciding'), ('letters', 'Checks and letters'), ('report', 'The report'), ('learn', 'Looking back')], max_length=20)),
                ('text', models.TextField()),
                ('from_staff', models.BooleanField(default=False)),
                ('written_at', models.DateTimeField()),
                ('dropped_at', models.DateTimeField(null=True)),
                ('dropped_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('round', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lessons', to='commissioning.round')),
                ('written_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('round', 'written_at', 'id'),
                'constraints': [models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='lesson_in_words'), models.CheckConstraint(condition=models.Q(models.Q(('dropped_at__isnull', False), ('dropped_by__isnull', False)), models.Q(('dropped_at', None), ('dropped_by', None)), _connector='OR'), name='lesson_dropped_at_with_by')],
            },
        ),
        migrations.CreateModel(
            name='Look',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('when', models.CharField(choices=[('before', 'Before'), ('after', 'After')], max_length=6)),
                ('answers', models.JSONField(blank=True, default=dict)),
                ('words', models.TextField(blank=True, help_text='What they hope for, or what they got')),
                ('may_quote', models.BooleanField(default=False, help_text='Their words, with no name')),
                ('said_at', models.DateTimeField()),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='looks', to='commissioning.member')),
                ('said_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('member', 'said_at'),
                'constraints': [models.UniqueConstraint(fields=('member', 'when'), name='look_once')],
            },
        ),
        migrations.CreateModel(
            name='LookTable',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=40)),
                ('text', models.CharField(max_length=200)),
                ('order', models.PositiveSmallIntegerField(default=1)),
                ('people', models.PositiveIntegerField()),
                ('counts', models.JSONField()),
                ('counted_at', models.DateTimeField()),
                ('counted_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('round', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='look_tables', to='commissioning.round')),
            ],
            options={
                'ordering': ('round', 'order', 'id'),
                'constraints': [models.UniqueConstraint(fields=('round', 'slug'), name='look_table_once')],
            },
        ),
        migrations.CreateModel(
            name='Outreach',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('option', models.PositiveSmallIntegerField()),
                ('who', models.TextField(help_text='Whom to ask, and how')),
                ('due_on', models.DateField()),
                ('planned_at', models.DateTimeField()),
                ('result', models.TextField(blank=True, help_text='What came of it')),
                ('done_at', models.DateTimeField(null=True)),
                ('done_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('planned_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('question', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='outreach', to='support.aboutquestion')),
                ('round', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='outreach', to='commissioning.round')),
            ],
            options={
                'ordering': ('due_on', 'id'),
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('done_at__isnull', False), ('done_by__isnull', False)), models.Q(('done_at', None), ('done_by', None)), _connector='OR'), name='outreach_done_at_with_by')],
            },
        ),
        migrations.CreateModel(
            name='PracticeSheet',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('scores', models.JSONField(default=dict)),
                ('saved_at', models.DateTimeField()),
                ('sent_at', models.DateTimeField(null=True)),
                ('member', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='practice', to='commissioning.member')),
            ],
        ),
        migrations.CreateModel(
            name='Reference',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField()),
                ('facts', models.JSONField(default=list)),
                ('written_at', models.DateTimeField()),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reference_letters', to='commissioning.member')),
                ('written_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-written_at', '-id'),
            },
        ),
        migrations.CreateModel(
            name='SupportNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField()),
                ('noted_at', models.DateTimeField()),
                ('again_on', models.DateField(help_text='When to ring again', null=True)),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='support_notes', to='commissioning.member')),
                ('noted_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-noted_at', '-id'),
            },
        ),
        migrations.CreateModel(
            name='TrainingTopic',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=60)),
                ('title', models.CharField(max_length=120)),
                ('summary', models.CharField(blank=True, max_length=250)),
                ('minutes', models.PositiveSmallIntegerField(default=15)),
                ('required', models.BooleanField(default=True)),
                ('order', models.PositiveSmallIntegerField(default=1)),
                ('pages', models.JSONField(default=list)),
                ('questions', models.JSONField(default=list)),
                ('round', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='training_topics', to='commissioning.round')),
            ],
            options={
                'ordering': ('round', 'order', 'id'),
                'constraints': [models.UniqueConstraint(fields=('round', 'slug'), name='topic_once')],
            },
        ),
        migrations.CreateModel(
            name='TrainingDone',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('how', models.CharField(choices=[('read', 'Read here'), ('session', 'Came to a session'), ('paper', 'Read on paper')], max_length=10)),
                ('done_at', models.DateTimeField()),
                ('done_by', models.ForeignKey(help_text='Who recorded it', on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='training_done', to='commissioning.member')),
                ('topic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='done', to='support.trainingtopic')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('member', 'topic'), name='training_once')],
            },
        ),
        migrations.CreateModel(
            name='Worry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('about', models.CharField(max_length=200)),
                ('text', models.TextField()),
                ('told_at', models.DateTimeField()),
                ('told_for', models.CharField(blank=True, help_text='Who rang or wrote in', max_length=200)),
                ('heard_at', models.DateTimeField(null=True)),
                ('done', models.TextField(blank=True, help_text='What was done about it')),
                ('heard_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('told_by', models.ForeignKey(help_text='Who told, or typed it', on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'worries',
                'ordering': ('heard_at', 'told_at', 'id'),
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('heard_at__isnull', False), ('heard_by__isnull', False)), models.Q(('heard_at', None), ('heard_by', None)), _connector='OR'), name='worry_heard_at_with_by'), models.CheckConstraint(condition=models.Q(('heard_at', None), models.Q(('done', ''), _negated=True), _connector='OR'), name='worry_heard_in_words')],
            },
        ),
        migrations.AddField(
            model_name='gathering',
            name='topics',
            field=models.ManyToManyField(blank=True, related_name='gatherings', to='support.trainingtopic'),
        ),
    ]
