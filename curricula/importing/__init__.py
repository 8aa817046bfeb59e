"""The step from a spreadsheet to drafts.

`import_file` reads, checks and saves a file in one transaction: all of it or nothing. `start_import` records an
upload as a row, which is the to-do item too; `run_import` carries it out in a worker, again if the worker was
killed, and with the same result.
"""

from curricula.importing.running import cancel_import, run_import, run_outstanding, start_import
from curricula.importing.whole import Outcome, import_file

__all__ = ["Outcome", "cancel_import", "import_file", "run_import", "run_outstanding", "start_import"]
