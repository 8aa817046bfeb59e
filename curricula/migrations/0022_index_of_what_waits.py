from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("curricula", "0021_imports_by_programs")]

    operations = [
        migrations.AddIndex(
            model_name="curriculumversion",
            index=models.Index(
                models.F("submission"), models.F("id"), condition=models.Q(state="submitted"), name="version_waiting"
            ),
        ),
    ]
