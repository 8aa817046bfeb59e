"""Background work of the curricula. Messages carry ids; what is to be done stands in the rows."""

from celery import shared_task

from curricula import evidence, importing, telling


@shared_task(name="curricula.tasks.run_import")
def run_import(import_id: int) -> None:
    importing.run_import(import_id)


@shared_task(name="curricula.tasks.sweep")
def sweep() -> None:
    """Imports whose bell was not heard or whose worker died, and those that waited for another one."""
    importing.run_outstanding()


@shared_task(name="curricula.tasks.tell")
def tell() -> None:
    """Letters that no request causes: of days that come near, and of spreadsheets whose result nobody has seen."""
    telling.tell_of_imports()
    telling.tell_of_deadlines()


@shared_task(name="curricula.tasks.delete_strays")
def delete_strays() -> None:
    """Once a day; nothing waits for it."""
    evidence.delete_strays()
