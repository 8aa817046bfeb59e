"""The step from a spreadsheet to drafts.

`import_file` reads, checks and saves a file in one transaction: all of it or nothing. `start_import` records an
upload as a row, which is the to-do item too; `run_import` carries it out in a worker, again if the worker was
killed, and with the same result. An upload is first compared and shown; `confirm_import` has it saved.
"""

from curricula.importing.confirming import cancel_import, compare_again, confirm_import
from curricula.importing.running import run_import, run_outstanding, start_import, start_sent
from curricula.importing.whole import Outcome, import_file

__all__ = [
    "Outcome",
    "cancel_import",
    "compare_again",
    "confirm_import",
    "import_file",
    "run_import",
    "run_outstanding",
    "start_import",
    "start_sent",
]
