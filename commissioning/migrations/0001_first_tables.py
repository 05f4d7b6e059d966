import datetime
import django.core.validators
import django.db.models.deletion
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('commissioning', '0001_initial'),
        ('commissioning', '0002_reading_wishes'),
        ('commissioning', '0003_complaint_days'),
        ('commissioning', '0004_confirming_newcomers'),
        ('commissioning', '0005_promises_and_hours'),
        ('commissioning', '0006_asking_in'),
        ('commissioning', '0007_panels_own_days'),
    ]

    initial = True

    dependencies = [
        ('accounts', '__first__'),
        ('ledger', '0001_first_tables'),
    ]

    operations = [
        migrations.CreateModel(
            name='FunderRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.CharField(max_length=300)),
                ('order', models.PositiveSmallIntegerField(default=1)),
            ],
            options={
                'ordering': ('round', 'order', 'id'),
            },
        ),
        migrations.CreateModel(
            name='Lot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120)),
                ('slug', models.SlugField(max_length=60)),
                ('about', models.TextField(blank=True)),
                ('limit', models.DecimalField(decimal_places=2, max_digits=12, verbose_name='most money, in pounds')),
                ('order', models.PositiveSmallIntegerField(default=1)),
            ],
            options={
                'ordering': ('round', 'order', 'id'),
            },
        ),
        migrations.CreateModel(
            name='Programme',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120)),
                ('slug', models.SlugField(unique=True)),
                ('about', models.TextField(blank=True)),
                ('funder', models.CharField(max_length=160)),
                ('funder_org_id', models.CharField(blank=True, help_text="The funder's organisation number, like GB-CHC-1234567", max_length=80)),
                ('prefix_360giving', models.CharField(blank=True, help_text="The funder's 360Giving prefix, like 360G-example", max_length=40)),
                ('help_name', models.CharField(max_length=120)),
                ('help_phone', models.CharField(max_length=40)),
                ('help_email', models.EmailField(blank=True, max_length=254)),
                ('agreement', models.TextField(blank=True, help_text='What people agree to about confidentiality')),
                ('privacy_notice', models.TextField(blank=True)),
                ('complain_days', models.PositiveSmallIntegerField(default=28, help_text='How long after its letter a group may complain')),
                ('complaint_heard_days', models.PositiveSmallIntegerField(default=7, help_text='Days until a complaint is taken up by a person with a name')),
                ('complaint_answered_days', models.PositiveSmallIntegerField(default=28, help_text='Days until a complaint has its answer')),
                ('is_example', models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name='Agreement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('about', models.CharField(choices=[('priorities', 'What kinds of services to fund'), ('criteria', 'What makes a good bid')], max_length=12)),
                ('version', models.PositiveSmallIntegerField(default=1)),
                ('reason', models.TextField(blank=True, help_text='Why this version replaces the one before')),
                ('put_at', models.DateTimeField(null=True)),
                ('agreed_at', models.DateTimeField(null=True)),
                ('turned_down_at', models.DateTimeField(null=True)),
                ('put_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('round', 'about', 'version'),
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('put_at__isnull', False), ('put_by__isnull', False)), models.Q(('put_at', None), ('put_by', None)), _connector='OR'), name='agreement_put_at_with_by')],
            },
        ),
        migrations.CreateModel(
            name='Member',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('invited_at', models.DateTimeField()),
                ('joined_at', models.DateTimeField(null=True)),
                ('confirmed_at', models.DateTimeField(help_text='From then on they count', null=True)),
                ('bids_wanted', models.PositiveSmallIntegerField(default=5, validators=[django.core.validators.MinValueValidator(2), django.core.validators.MaxValueValidator(19)])),
                ('hours_low', models.DecimalField(decimal_places=1, max_digits=5, null=True)),
                ('hours_high', models.DecimalField(decimal_places=1, max_digits=5, null=True)),
                ('reading_hours', models.PositiveSmallIntegerField(help_text='Hours in all that they offered for reading and scoring, if they said', null=True)),
                ('days_away', models.TextField(blank=True)),
                ('hopes', models.TextField(blank=True)),
                ('experience', models.JSONField(blank=True, default=list, help_text='Experience offered by name, by consent, for sharing out')),
                ('has_scored_before', models.BooleanField(default=False)),
                ('may_be_named', models.BooleanField(default=False, help_text='Their name may stand in the report')),
                ('ended_at', models.DateTimeField(null=True)),
                ('confirmed_by', models.ForeignKey(help_text='Who was the last to confirm them; of the first list, whoever said their yes', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ended_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('invited_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('joined_by', models.ForeignKey(help_text='The volunteer, or who typed their yes for them', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('person__name',),
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('joined_at__isnull', False), ('joined_by__isnull', False)), models.Q(('joined_at', None), ('joined_by', None)), _connector='OR'), name='member_joined_at_with_by'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', False), ('ended_by__isnull', False)), models.Q(('ended_at', None), ('ended_by', None)), _connector='OR'), name='member_ended_at_with_by'), models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at__isnull', False), ('confirmed_by__isnull', False)), models.Q(('confirmed_at', None), ('confirmed_by', None)), _connector='OR'), name='member_confirmed_at_with_by'), models.CheckConstraint(condition=models.Q(('confirmed_at', None), ('joined_at__isnull', False), _connector='OR'), name='member_confirmed_said_yes'), models.CheckConstraint(condition=models.Q(('bids_wanted__gte', 2), ('bids_wanted__lte', 19)), name='member_bids_2_to_19')],
            },
        ),
        migrations.CreateModel(
            name='HoursGiven',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('stage', models.CharField(choices=[('setup', 'Setting up'), ('join', 'Joining'), ('training', 'Getting ready'), ('criteria', 'Agreeing the criteria'), ('open', 'Open for bids'), ('eligibility', 'Checking the rules'), ('sharing', 'Sharing out the bids'), ('scoring', 'Reading and scoring'), ('shortlist', 'Choosing who to meet'), ('interviews', 'Meeting the organisations'), ('decision', 'Deciding'), ('letters', 'Checks and letters'), ('report', 'The report'), ('learn', 'Looking back')], max_length=20)),
                ('hours', models.DecimalField(decimal_places=1, max_digits=4, validators=[django.core.validators.MinValueValidator(Decimal('0'))])),
                ('said_at', models.DateTimeField()),
                ('said_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='hours_given', to='commissioning.member')),
            ],
            options={
                'verbose_name_plural': 'hours given',
                'ordering': ('member', 'said_at', 'id'),
            },
        ),
        migrations.CreateModel(
            name='MustHave',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.CharField(max_length=300)),
                ('agreement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='must_haves', to='commissioning.agreement')),
                ('worded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='commissioning.member')),
            ],
        ),
        migrations.CreateModel(
            name='Objection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField()),
                ('made_at', models.DateTimeField()),
                ('agreement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='objections', to='commissioning.agreement')),
                ('funder_rule', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='commissioning.funderrule')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Promise',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('when', models.CharField(choices=[('joined', 'On saying yes'), ('changed', 'On changing it'), ('shared', 'When bids were shared out')], max_length=10)),
                ('bids', models.PositiveSmallIntegerField()),
                ('reading', models.DecimalField(decimal_places=1, max_digits=5)),
                ('hours_low', models.DecimalField(decimal_places=1, max_digits=5)),
                ('hours_high', models.DecimalField(decimal_places=1, max_digits=5)),
                ('said_at', models.DateTimeField()),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='promises', to='commissioning.member')),
                ('said_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('member', 'said_at', 'id'),
            },
        ),
        migrations.CreateModel(
            name='Round',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=160)),
                ('slug', models.SlugField(max_length=80, unique=True)),
                ('about', models.TextField(blank=True, verbose_name='what this round is for')),
                ('involved', models.TextField(blank=True, verbose_name='what taking part involves')),
                ('if_not', models.TextField(blank=True, verbose_name='what happens if the answer is no')),
                ('envelope', models.DecimalField(decimal_places=2, max_digits=12, validators=[django.core.validators.MinValueValidator(Decimal('1'))], verbose_name='money to give, in pounds')),
                ('delegation', models.TextField(blank=True, verbose_name='what volunteers may decide')),
                ('trustees_ratify', models.BooleanField(default=False, verbose_name='trustees confirm the decision')),
                ('award_kind', models.CharField(choices=[('grant', 'A grant'), ('contract', 'A contract')], default='grant', max_length=10)),
                ('middle', models.CharField(choices=[('mean', 'The mean'), ('median', 'The middle score')], default='mean', max_length=10)),
                ('reason_for', models.CharField(choices=[('criterion', 'A reason for each score'), ('bid', 'One reason for each bid')], default='criterion', max_length=10)),
                ('readers_per_bid', models.PositiveSmallIntegerField(default=3)),
                ('bids_expected', models.PositiveSmallIntegerField(blank=True, help_text='About how many bids will come, for the first estimate', null=True)),
                ('quorum', models.PositiveSmallIntegerField(blank=True, help_text='Empty: more than half, and at least 3', null=True)),
                ('deadline_time', models.TimeField(default=datetime.time(17, 0))),
                ('grace_minutes', models.PositiveSmallIntegerField(default=15)),
                ('has_own_days', models.BooleanField(default=False, help_text='Whether a panel of it has stages of its own')),
                ('made_at', models.DateTimeField()),
                ('frozen_at', models.DateTimeField(help_text='When bids opened: money and rules fixed', null=True)),
                ('chain', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='round', to='ledger.chain')),
                ('frozen_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('programme', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rounds', to='commissioning.programme')),
            ],
            options={
                'ordering': ('-made_at',),
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('frozen_at__isnull', False), ('frozen_by__isnull', False)), models.Q(('frozen_at', None), ('frozen_by', None)), _connector='OR'), name='round_frozen_at_with_by'), models.CheckConstraint(condition=models.Q(('envelope__gt', 0)), name='round_has_money')],
            },
        ),
        migrations.CreateModel(
            name='LotStage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('setup', 'Setting up'), ('join', 'Joining'), ('training', 'Getting ready'), ('criteria', 'Agreeing the criteria'), ('open', 'Open for bids'), ('eligibility', 'Checking the rules'), ('sharing', 'Sharing out the bids'), ('scoring', 'Reading and scoring'), ('shortlist', 'Choosing who to meet'), ('interviews', 'Meeting the organisations'), ('decision', 'Deciding'), ('letters', 'Checks and letters'), ('report', 'The report'), ('learn', 'Looking back')], max_length=20)),
                ('order', models.PositiveSmallIntegerField()),
                ('opens_on', models.DateField()),
                ('closes_on', models.DateField()),
                ('recovery_days', models.PositiveSmallIntegerField(default=0)),
                ('opened_at', models.DateTimeField(null=True)),
                ('closed_at', models.DateTimeField(null=True)),
                ('closed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('lot', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='own_stages', to='commissioning.lot')),
                ('opened_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('round', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='own_stages', to='commissioning.round')),
            ],
            options={
                'ordering': ('round', 'order', 'lot'),
                'constraints': [models.UniqueConstraint(fields=('lot', 'kind'), name='lotstage_once_in_lot'), models.CheckConstraint(condition=models.Q(('closes_on__gte', models.F('opens_on'))), name='lotstage_closes_after_opening'), models.CheckConstraint(condition=models.Q(models.Q(('opened_at__isnull', False), ('opened_by__isnull', False)), models.Q(('opened_at', None), ('opened_by', None)), _connector='OR'), name='lotstage_opened_at_with_by'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', False), ('closed_by__isnull', False)), models.Q(('closed_at', None), ('closed_by', None)), _connector='OR'), name='lotstage_closed_at_with_by'), models.CheckConstraint(condition=models.Q(('closed_at', None), ('opened_at__isnull', False), _connector='OR'), name='lotstage_closed_was_open')],
            },
        ),
        migrations.CreateModel(
            name='Enquiry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('how', models.CharField(choices=[('web', 'On this site'), ('paper', 'On paper'), ('phone', 'By phone')], max_length=5)),
                ('name', models.CharField(blank=True, max_length=200)),
                ('email', models.EmailField(blank=True, max_length=254)),
                ('phone', models.CharField(blank=True, max_length=40)),
                ('postal_address', models.CharField(blank=True, max_length=500)),
                ('channel', models.CharField(choices=[('email', 'By email'), ('post', 'By post'), ('phone', 'By phone')], max_length=10)),
                ('words', models.TextField(blank=True)),
                ('asked_at', models.DateTimeField()),
                ('invited_at', models.DateTimeField(null=True)),
                ('cleared_at', models.DateTimeField(help_text='When what they told us was blanked', null=True)),
                ('asked_by', models.ForeignKey(help_text='Who typed it; the machine, where somebody used the page for everybody', on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('cleared_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('invited_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('round', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='enquiries', to='commissioning.round')),
            ],
            options={
                'verbose_name_plural': 'enquiries',
                'ordering': ('asked_at', 'id'),
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('invited_at__isnull', False), ('invited_by__isnull', False)), models.Q(('invited_at', None), ('invited_by', None)), _connector='OR'), name='enquiry_invited_at_with_by'), models.CheckConstraint(condition=models.Q(models.Q(('cleared_at__isnull', False), ('cleared_by__isnull', False)), models.Q(('cleared_at', None), ('cleared_by', None)), _connector='OR'), name='enquiry_cleared_at_with_by'), models.CheckConstraint(condition=models.Q(('cleared_at', None), models.Q(('email', ''), ('name', ''), ('phone', ''), ('postal_address', ''), ('words', '')), _connector='OR'), name='enquiry_cleared_is_empty'), models.CheckConstraint(condition=models.Q(('invited_at', None), ('cleared_at__isnull', False), _connector='OR'), name='enquiry_invited_is_cleared')],
            },
        ),
        migrations.CreateModel(
            name='Stage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('setup', 'Setting up'), ('join', 'Joining'), ('training', 'Getting ready'), ('criteria', 'Agreeing the criteria'), ('open', 'Open for bids'), ('eligibility', 'Checking the rules'), ('sharing', 'Sharing out the bids'), ('scoring', 'Reading and scoring'), ('shortlist', 'Choosing who to meet'), ('interviews', 'Meeting the organisations'), ('decision', 'Deciding'), ('letters', 'Checks and letters'), ('report', 'The report'), ('learn', 'Looking back')], max_length=20)),
                ('order', models.PositiveSmallIntegerField()),
                ('opens_on', models.DateField()),
                ('closes_on', models.DateField()),
                ('recovery_days', models.PositiveSmallIntegerField(default=0)),
                ('opened_at', models.DateTimeField(null=True)),
                ('closed_at', models.DateTimeField(null=True)),
                ('closed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('opened_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('round', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stages', to='commissioning.round')),
            ],
            options={
                'ordering': ('round', 'order'),
                'constraints': [models.UniqueConstraint(fields=('round', 'kind'), name='stage_once_in_round'), models.CheckConstraint(condition=models.Q(('closes_on__gte', models.F('opens_on'))), name='stage_closes_after_opening'), models.CheckConstraint(condition=models.Q(models.Q(('opened_at__isnull', False), ('opened_by__isnull', False)), models.Q(('opened_at', None), ('opened_by', None)), _connector='OR'), name='stage_opened_at_with_by'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', False), ('closed_by__isnull', False)), models.Q(('closed_at', None), ('closed_by', None)), _connector='OR'), name='stage_closed_at_with_by'), models.CheckConstraint(condition=models.Q(('closed_at', None), ('opened_at__isnull', False), _connector='OR'), name='stage_closed_was_open')],
            },
        ),
        migrations.CreateModel(
            name='Suggestion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('about', models.CharField(choices=[('priorities', 'What kinds of services to fund'), ('criteria', 'What makes a good bid')], max_length=12)),
                ('text', models.TextField()),
                ('made_at', models.DateTimeField()),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='suggestions', to='commissioning.member')),
                ('round', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='suggestions', to='commissioning.round')),
                ('typed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('made_at', 'id'),
            },
        ),
        migrations.CreateModel(
            name='Priority',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=120)),
                ('about', models.TextField(blank=True)),
                ('limit', models.DecimalField(decimal_places=2, max_digits=12, verbose_name='most money, in pounds')),
                ('order', models.PositiveSmallIntegerField(default=1)),
                ('agreement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='priorities', to='commissioning.agreement')),
                ('worded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='commissioning.member')),
                ('suggestions', models.ManyToManyField(blank=True, related_name='priorities', to='commissioning.suggestion')),
            ],
            options={
                'verbose_name_plural': 'priorities',
                'ordering': ('order', 'id'),
            },
        ),
        migrations.CreateModel(
            name='Criterion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=40)),
                ('title', models.CharField(max_length=120)),
                ('question', models.CharField(help_text='What a scorer asks', max_length=250)),
                ('about', models.TextField(blank=True)),
                ('weight', models.PositiveSmallIntegerField(default=1, validators=[django.core.validators.MinValueValidator(1)])),
                ('order', models.PositiveSmallIntegerField(default=1)),
                ('agreement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='criteria', to='commissioning.agreement')),
                ('worded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='commissioning.member')),
                ('suggestions', models.ManyToManyField(blank=True, related_name='criteria', to='commissioning.suggestion')),
            ],
            options={
                'verbose_name_plural': 'criteria',
                'ordering': ('order', 'id'),
                'constraints': [models.UniqueConstraint(fields=('agreement', 'slug'), name='criterion_once'), models.CheckConstraint(condition=models.Q(('weight__gte', 1)), name='criterion_weight_whole')],
            },
        ),
        migrations.CreateModel(
            name='TypedVote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('choice', models.CharField(choices=[('agree', 'I agree'), ('live_with', 'I can live with it'), ('disagree', 'I disagree')], max_length=10)),
                ('words', models.TextField(blank=True)),
                ('typed_at', models.DateTimeField()),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('dropped_at', models.DateTimeField(null=True)),
                ('agreement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='typed_votes', to='commissioning.agreement')),
                ('confirmed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('dropped_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='typed_votes', to='commissioning.member')),
                ('typed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('dropped_at', None)), fields=('agreement', 'member'), name='typed_vote_once'), models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at__isnull', False), ('confirmed_by__isnull', False)), models.Q(('confirmed_at', None), ('confirmed_by', None)), _connector='OR'), name='typed_vote_confirmed_at_with_by'), models.CheckConstraint(condition=models.Q(models.Q(('dropped_at__isnull', False), ('dropped_by__isnull', False)), models.Q(('dropped_at', None), ('dropped_by', None)), _connector='OR'), name='typed_vote_dropped_at_with_by'), models.CheckConstraint(condition=models.Q(('confirmed_by', None), models.Q(('confirmed_by', models.F('typed_by')), _negated=True), _connector='OR'), name='typed_vote_confirmed_by_another')],
            },
        ),
        migrations.CreateModel(
            name='LevelWord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.PositiveSmallIntegerField()),
                ('word', models.CharField(max_length=60)),
                ('sentence', models.CharField(max_length=250)),
                ('criterion', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='levels', to='commissioning.criterion')),
            ],
            options={
                'ordering': ('criterion', 'level'),
                'constraints': [models.UniqueConstraint(fields=('criterion', 'level'), name='level_once'), models.CheckConstraint(condition=models.Q(('level__lte', 5)), name='level_0_to_5')],
            },
        ),
        migrations.CreateModel(
            name='LotWish',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('likes', models.BooleanField(help_text='No: would rather not')),
                ('lot', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='wishes', to='commissioning.lot')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lot_wishes', to='commissioning.member')),
            ],
            options={
                'ordering': ('lot__order', 'lot'),
                'constraints': [models.UniqueConstraint(fields=('member', 'lot'), name='lot_wish_once')],
            },
        ),
        migrations.CreateModel(
            name='Confirmation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('made_at', models.DateTimeField()),
                ('confirmer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='commissioning.member')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='confirmations', to='commissioning.member')),
            ],
            options={
                'ordering': ('made_at', 'id'),
                'constraints': [models.UniqueConstraint(fields=('member', 'confirmer'), name='confirmation_once'), models.CheckConstraint(condition=models.Q(('member', models.F('confirmer')), _negated=True), name='confirmation_by_another')],
            },
        ),
        migrations.CreateModel(
            name='AwayDays',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('first_on', models.DateField()),
                ('last_on', models.DateField()),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='days_gone', to='commissioning.member')),
            ],
            options={
                'verbose_name_plural': 'away days',
                'ordering': ('first_on', 'id'),
                'constraints': [models.CheckConstraint(condition=models.Q(('last_on__gte', models.F('first_on'))), name='away_days_in_order')],
            },
        ),
        migrations.CreateModel(
            name='AgreementVote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('choice', models.CharField(choices=[('agree', 'I agree'), ('live_with', 'I can live with it'), ('disagree', 'I disagree')], max_length=10)),
                ('words', models.TextField(blank=True)),
                ('voted_at', models.DateTimeField()),
                ('agreement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='votes', to='commissioning.agreement')),
                ('typed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='agreement_votes', to='commissioning.member')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('agreement', 'member'), name='agreement_vote_once')],
            },
        ),
        migrations.AddField(
            model_name='member',
            name='round',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='members', to='commissioning.round'),
        ),
        migrations.AddField(
            model_name='lot',
            name='round',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lots', to='commissioning.round'),
        ),
        migrations.AddField(
            model_name='funderrule',
            name='round',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='funder_rules', to='commissioning.round'),
        ),
        migrations.AddField(
            model_name='agreement',
            name='round',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='agreements', to='commissioning.round'),
        ),
        migrations.AddConstraint(
            model_name='member',
            constraint=models.UniqueConstraint(fields=('round', 'person'), name='member_once_in_round'),
        ),
        migrations.AddConstraint(
            model_name='lot',
            constraint=models.UniqueConstraint(fields=('round', 'slug'), name='lot_once_in_round'),
        ),
        migrations.AddConstraint(
            model_name='agreement',
            constraint=models.UniqueConstraint(fields=('round', 'about', 'version'), name='agreement_version_once'),
        ),
    ]
