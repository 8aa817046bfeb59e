import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reports', '0006_moments_of_entry_and_signed_titles'),
    ]

    operations = [
        migrations.DeleteModel(name='LiveCoverage'),
        migrations.CreateModel(
            name='LiveAssessment',
            fields=[
                ('pk', models.CompositePrimaryKey('institution_id', 'programme_id', 'requirement_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('outcome', models.CharField(choices=[('met', 'met'), ('not_met', 'not met'), ('no_data', 'no data'), ('exempt', 'exempt')], max_length=7, verbose_name='outcome')),
                ('region_code', models.CharField(max_length=10)),
                ('kind', models.CharField(max_length=15)),
                ('field_code', models.CharField(max_length=3)),
                ('level', models.CharField(max_length=2)),
                ('language', models.CharField(max_length=5)),
                ('institution', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='institutions.institution')),
                ('period', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='curricula.period')),
                ('programme', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='curricula.programme')),
                ('requirement', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reports.requirement')),
            ],
            options={
                'verbose_name': 'live assessment',
                'verbose_name_plural': 'live assessments',
            },
        ),
        migrations.CreateModel(
            name='LiveCoverage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('dimension', models.CharField(max_length=30, verbose_name='dimension')),
                ('key', models.CharField(blank=True, max_length=60, verbose_name='key')),
                ('in_scope', models.PositiveIntegerField()),
                ('met', models.PositiveIntegerField()),
                ('not_met', models.PositiveIntegerField()),
                ('no_data', models.PositiveIntegerField()),
                ('exempt', models.PositiveIntegerField()),
                ('period', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='curricula.period')),
                ('requirement', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reports.requirement')),
            ],
            options={
                'verbose_name': 'live coverage',
                'verbose_name_plural': 'live coverage',
                'constraints': [models.UniqueConstraint(fields=('period', 'requirement', 'dimension', 'key'), name='reports_livecoverage_cell_once'), models.CheckConstraint(condition=models.Q(('in_scope', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('met'), '+', models.F('not_met')), '+', models.F('no_data')), '+', models.F('exempt')))), name='reports_livecoverage_adds_up')],
            },
        ),
        # Counted anew at the next sweep, as at a day's first.
        migrations.RunSQL(
            "DELETE FROM institutions_heartbeat WHERE name = 'live coverage as a whole'", migrations.RunSQL.noop
        ),
    ]
