import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('applications', '0001_initial'),
    ]

    initial = True

    dependencies = [
        ('accounts', '__first__'),
        ('commissioning', '0001_first_tables'),
    ]

    operations = [
        migrations.CreateModel(
            name='Application',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.CharField(help_text='Short, said over the phone: GC-017', max_length=20)),
                ('title', models.CharField(blank=True, max_length=160, verbose_name='name of your project')),
                ('area', models.CharField(blank=True, max_length=160, verbose_name='where it happens')),
                ('communities', models.JSONField(blank=True, default=list)),
                ('partners_named', models.TextField(blank=True, help_text='One on each line', verbose_name='people and partners named in the bid')),
                ('contact_name', models.CharField(blank=True, max_length=160)),
                ('contact_channel', models.CharField(blank=True, max_length=10)),
                ('smallest_useful', models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True, verbose_name='smallest sum that would still help')),
                ('declared_true', models.BooleanField(default=False)),
                ('version', models.PositiveIntegerField(default=1, help_text='Goes up with each save')),
                ('came_by', models.CharField(choices=[('web', 'On this site'), ('paper', 'On paper, typed in'), ('import', 'From another system')], default='web', max_length=10)),
                ('outside_id', models.CharField(blank=True, max_length=120)),
                ('outside_awarded', models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True)),
                ('made_at', models.DateTimeField()),
                ('submitted_at', models.DateTimeField(null=True)),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('lot', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='applications', to='commissioning.lot')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('round', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='applications', to='commissioning.round')),
                ('submitted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('withdrawn_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('reference',),
                'constraints': [models.UniqueConstraint(fields=('round', 'reference'), name='reference_once_in_round'), models.UniqueConstraint(condition=models.Q(('outside_id', ''), _negated=True), fields=('round', 'outside_id'), name='application_outside_once'), models.CheckConstraint(condition=models.Q(models.Q(('submitted_at__isnull', False), ('submitted_by__isnull', False)), models.Q(('submitted_at', None), ('submitted_by', None)), _connector='OR'), name='application_submitted_at_with_by'), models.CheckConstraint(condition=models.Q(models.Q(('withdrawn_at__isnull', False), ('withdrawn_by__isnull', False)), models.Q(('withdrawn_at', None), ('withdrawn_by', None)), _connector='OR'), name='application_withdrawn_at_with_by')],
            },
        ),
        migrations.CreateModel(
            name='Eligibility',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('eligible', models.BooleanField()),
                ('reason', models.TextField(blank=True)),
                ('decided_at', models.DateTimeField()),
                ('seconded_at', models.DateTimeField(null=True)),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='eligibility', to='applications.application')),
                ('decided_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('replaced_by', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaces', to='applications.eligibility')),
                ('rule', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='commissioning.funderrule')),
                ('seconded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'eligibility',
                'constraints': [models.CheckConstraint(condition=models.Q(('eligible', True), models.Q(('rule__isnull', False), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='not_eligible_has_rule_and_reason'), models.CheckConstraint(condition=models.Q(('seconded_by', None), models.Q(('seconded_by', models.F('decided_by')), _negated=True), _connector='OR'), name='second_person_is_another'), models.CheckConstraint(condition=models.Q(models.Q(('seconded_at__isnull', False), ('seconded_by__isnull', False)), models.Q(('seconded_at', None), ('seconded_by', None)), _connector='OR'), name='eligibility_seconded_at_with_by')],
            },
        ),
        migrations.CreateModel(
            name='AskBack',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.TextField()),
                ('asked_at', models.DateTimeField()),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='commissioning.member')),
                ('eligibility', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='asked_back', to='applications.eligibility')),
            ],
        ),
        migrations.CreateModel(
            name='Extension',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('until', models.DateTimeField()),
                ('reason', models.TextField()),
                ('given_at', models.DateTimeField()),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='extensions', to='applications.application')),
                ('given_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='FormQuestion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.SlugField(max_length=40)),
                ('label', models.CharField(max_length=250)),
                ('hint', models.CharField(blank=True, max_length=300)),
                ('kind', models.CharField(choices=[('short', 'A short answer'), ('long', 'A longer answer'), ('number', 'A number'), ('money', 'A sum of money'), ('choice', 'One choice from a list'), ('date', 'A date')], default='long', max_length=10)),
                ('choices', models.JSONField(blank=True, default=list)),
                ('word_limit', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('required', models.BooleanField(default=True)),
                ('order', models.PositiveSmallIntegerField(default=1)),
                ('criteria', models.ManyToManyField(blank=True, related_name='form_questions', to='commissioning.criterion')),
                ('round', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='form_questions', to='commissioning.round')),
            ],
            options={
                'ordering': ('round', 'order', 'id'),
                'constraints': [models.UniqueConstraint(fields=('round', 'key'), name='form_question_once')],
            },
        ),
        migrations.CreateModel(
            name='Answer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField(blank=True)),
                ('version', models.PositiveIntegerField(default=1)),
                ('saved_at', models.DateTimeField()),
                ('saved_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='answers', to='applications.application')),
                ('question', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='answers', to='applications.formquestion')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('application', 'question'), name='answer_once')],
            },
        ),
        migrations.CreateModel(
            name='HelpQuestion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField()),
                ('asked_at', models.DateTimeField()),
                ('answer', models.TextField(blank=True)),
                ('answered_at', models.DateTimeField(null=True)),
                ('answered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('round', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='help_questions', to='commissioning.round')),
            ],
            options={
                'ordering': ('asked_at',),
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('answered_at__isnull', False), ('answered_by__isnull', False)), models.Q(('answered_at', None), ('answered_by', None)), _connector='OR'), name='help_answered_at_with_by')],
            },
        ),
        migrations.CreateModel(
            name='Organisation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200, verbose_name='name of the organisation')),
                ('kind', models.CharField(blank=True, choices=[('charity', 'Registered charity'), ('cic', 'Community interest company'), ('group', 'Community group, not registered'), ('company', 'Company'), ('coop', 'Co-operative'), ('faith', 'Faith group'), ('council', 'Council or other public body')], max_length=12, verbose_name='kind of organisation')),
                ('charity_number', models.CharField(blank=True, max_length=20, verbose_name='charity number')),
                ('company_number', models.CharField(blank=True, max_length=20, verbose_name='company number')),
                ('address', models.TextField(blank=True, verbose_name='address')),
                ('postcode', models.CharField(blank=True, max_length=10, verbose_name='postcode')),
                ('income_band', models.CharField(blank=True, choices=[('under 10000', 'Under £10,000 a year'), ('10000 to 100000', '£10,000 to £100,000 a year'), ('100000 to 500000', '£100,000 to £500,000 a year'), ('over 500000', 'Over £500,000 a year')], max_length=20, verbose_name='yearly income')),
                ('about', models.TextField(blank=True)),
                ('outside_id', models.CharField(blank=True, max_length=120)),
                ('made_at', models.DateTimeField()),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('name',),
                'constraints': [models.UniqueConstraint(condition=models.Q(('outside_id', ''), _negated=True), fields=('outside_id',), name='organisation_outside_once')],
            },
        ),
        migrations.CreateModel(
            name='Colleague',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('added_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('added_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ended_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='acts_for', to=settings.AUTH_USER_MODEL)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='colleagues', to='applications.organisation')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('organisation', 'person'), name='colleague_once'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', False), ('ended_by__isnull', False)), models.Q(('ended_at', None), ('ended_by', None)), _connector='OR'), name='colleague_ended_at_with_by')],
            },
        ),
        migrations.CreateModel(
            name='RuleCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('answer', models.CharField(choices=[('yes', 'Yes, it meets this rule'), ('no', 'No, it does not'), ('unsure', 'I am not sure')], max_length=10)),
                ('note', models.TextField(blank=True)),
                ('checked_at', models.DateTimeField()),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rule_checks', to='applications.application')),
                ('checked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('rule', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='checks', to='commissioning.funderrule')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('application', 'rule', 'checked_by'), name='rule_check_once_each')],
            },
        ),
        migrations.CreateModel(
            name='BidVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('content', models.JSONField()),
                ('asked', models.DecimalField(decimal_places=2, max_digits=12)),
                ('words', models.PositiveIntegerField(help_text='Words to read')),
                ('digest', models.CharField(max_length=64)),
                ('sent_at', models.DateTimeField()),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='applications.application')),
                ('sent_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('application', 'number'),
                'constraints': [models.UniqueConstraint(fields=('application', 'number'), name='bid_version_once')],
            },
        ),
        migrations.CreateModel(
            name='BudgetLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('item', models.CharField(max_length=200, verbose_name='what it is for')),
                ('cost', models.DecimalField(decimal_places=2, max_digits=12, verbose_name='what it costs')),
                ('asked', models.DecimalField(decimal_places=2, max_digits=12, verbose_name='what you ask from us')),
                ('order', models.PositiveSmallIntegerField(default=1)),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='budget_lines', to='applications.application')),
            ],
            options={
                'ordering': ('order', 'id'),
                'constraints': [models.CheckConstraint(condition=models.Q(('asked__gte', 0), ('cost__gte', models.F('asked'))), name='budget_asked_in_cost')],
            },
        ),
        migrations.CreateModel(
            name='Document',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, unique=True)),
                ('name', models.CharField(help_text='The name it came with, for people to see', max_length=160)),
                ('kind', models.CharField(choices=[('pdf', 'PDF'), ('docx', 'Word'), ('odt', 'OpenDocument'), ('png', 'PNG'), ('jpg', 'JPG')], max_length=6)),
                ('file', models.FileField(upload_to='documents')),
                ('size', models.PositiveIntegerField(help_text='Bytes')),
                ('sha256', models.CharField(max_length=64)),
                ('added_at', models.DateTimeField()),
                ('removed_at', models.DateTimeField(null=True)),
                ('added_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='documents', to='applications.application')),
                ('removed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('added_at',),
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('removed_at__isnull', False), ('removed_by__isnull', False)), models.Q(('removed_at', None), ('removed_by', None)), _connector='OR'), name='document_removed_at_with_by')],
            },
        ),
        migrations.AddField(
            model_name='application',
            name='organisation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='applications', to='applications.organisation'),
        ),
    ]
