import django.db.models.deletion
import django.db.models.expressions
import institutions.guards
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('curricula', '0020_programmes_that_changed'),
        ('institutions', '0012_programmes_that_changed'),
        ('reports', '0013_cells_by_their_keys'),
    ]

    operations = [
        migrations.DeleteModel(name='LiveCoverage'),
        migrations.CreateModel(
            name='LiveCoverage',
            fields=[
                ('pk', models.CompositePrimaryKey('period_id', 'requirement_id', 'region_code', 'kind', 'field_code', 'level', 'language', blank=True, editable=False, primary_key=True, serialize=False)),
                ('in_scope', models.IntegerField()),
                ('met', models.IntegerField()),
                ('not_met', models.IntegerField()),
                ('no_data', models.IntegerField()),
                ('exempt', models.IntegerField()),
                ('region_code', models.CharField(max_length=10)),
                ('kind', models.CharField(max_length=15)),
                ('field_code', models.CharField(max_length=3)),
                ('level', models.CharField(max_length=2)),
                ('language', models.CharField(max_length=5)),
                ('period', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='curricula.period')),
                ('requirement', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reports.requirement')),
            ],
            options={
                'verbose_name': 'live coverage',
                'verbose_name_plural': 'live coverage',
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(('in_scope', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('met'), '+', models.F('not_met')), '+', models.F('no_data')), '+', models.F('exempt')))), name='reports_livecoverage_adds_up')],
            },
        ),
        # Counted anew at the next sweep, as at a day's first.
        migrations.RunSQL(
            """DELETE FROM institutions_heartbeat WHERE name = 'live coverage as a whole';
            DELETE FROM reports_liveassessment""",
            migrations.RunSQL.noop,
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='exemption',
            name='bump_generation_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='exemption',
            name='bump_generation_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='requirement',
            name='bump_all',
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='exemption',
            trigger=pgtrigger.compiler.Trigger(name='bump_generation_insert', sql=institutions.guards.GuardSql(func='\n                INSERT INTO institutions_generation AS g\n                    (institution_id, generation, computed, programmes, changed_at, stale_since)\n                SELECT institution_id, 1, 0, array_agg(DISTINCT programme_id), clock_timestamp(), clock_timestamp()\n                FROM changed WHERE true GROUP BY institution_id ORDER BY institution_id\n                ON CONFLICT (institution_id) DO UPDATE SET\n                    generation = g.generation + 1,\n                    programmes = CASE\n                        WHEN g.generation = g.computed THEN EXCLUDED.programmes\n                        WHEN cardinality(g.programmes) + cardinality(EXCLUDED.programmes) <= 5\n                            THEN g.programmes || EXCLUDED.programmes\n                    END,\n                    changed_at = clock_timestamp(),\n                    stale_since = CASE WHEN g.generation = g.computed THEN clock_timestamp() ELSE g.stale_since END;\n                RETURN NULL;\n            ', hash='9387fefb6aaffa4262bd6c23510f8249cf4cf52b', level='STATEMENT', operation='INSERT', pgid='pgtrigger_bump_generation_insert_d2131', referencing='REFERENCING NEW TABLE AS changed ', table='reports_exemption', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='exemption',
            trigger=pgtrigger.compiler.Trigger(name='bump_generation_update', sql=institutions.guards.GuardSql(func='\n                INSERT INTO institutions_generation AS g\n                    (institution_id, generation, computed, programmes, changed_at, stale_since)\n                SELECT institution_id, 1, 0, array_agg(DISTINCT programme_id), clock_timestamp(), clock_timestamp()\n                FROM changed WHERE true GROUP BY institution_id ORDER BY institution_id\n                ON CONFLICT (institution_id) DO UPDATE SET\n                    generation = g.generation + 1,\n                    programmes = CASE\n                        WHEN g.generation = g.computed THEN EXCLUDED.programmes\n                        WHEN cardinality(g.programmes) + cardinality(EXCLUDED.programmes) <= 5\n                            THEN g.programmes || EXCLUDED.programmes\n                    END,\n                    changed_at = clock_timestamp(),\n                    stale_since = CASE WHEN g.generation = g.computed THEN clock_timestamp() ELSE g.stale_since END;\n                RETURN NULL;\n            ', hash='beaacb703fc71767b38c1114e512e60a1c7c16ca', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_bump_generation_update_7e00d', referencing='REFERENCING NEW TABLE AS changed ', table='reports_exemption', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='requirement',
            trigger=pgtrigger.compiler.Trigger(name='bump_all', sql=institutions.guards.GuardSql(func='\n    UPDATE institutions_generation SET\n        generation = generation + 1,\n        programmes = NULL,\n        changed_at = clock_timestamp(),\n        stale_since = CASE WHEN generation = computed THEN clock_timestamp() ELSE stale_since END;\n    RETURN NULL;\n', hash='62cadb4dd1d02eaaacf089d27565d343994332d3', level='STATEMENT', operation='INSERT OR UPDATE', pgid='pgtrigger_bump_all_0f63b', table='reports_requirement', when='AFTER')),
        ),
    ]
