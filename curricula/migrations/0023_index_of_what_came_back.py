from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("curricula", "0022_index_of_what_waits")]

    operations = [
        migrations.AddIndex(
            model_name="curriculumversion",
            index=models.Index(
                *map(models.F, ("period", "programme", "number", "state", "institution")),
                condition=models.Q(state="returned") | models.Q(number__gte=2),
                name="version_again",
            ),
        ),
    ]
