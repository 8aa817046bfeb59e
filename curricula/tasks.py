"""Background work of the curricula. Messages carry ids; what is to be done stands in the rows."""

from celery import shared_task

from curricula import importing


@shared_task(name="curricula.tasks.run_import")
def run_import(import_id: int) -> None:
    importing.run_import(import_id)


@shared_task(name="curricula.tasks.sweep")
def sweep() -> None:
    """Imports whose bell was not heard or whose worker died, and those that waited for another one."""
    importing.run_outstanding()
