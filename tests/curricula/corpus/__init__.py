"""A corpus of hostile and odd files, each with what it must yield. Made by these modules, kept nowhere.

`python -m tests.curricula.corpus FOLDER` writes all of them to a folder, to be looked at.
"""

from tests.curricula.corpus.case import Case
from tests.curricula.corpus.cells import CELLS
from tests.curricula.corpus.containers import CONTAINERS
from tests.curricula.corpus.heavy import HEAVY
from tests.curricula.corpus.layouts import LAYOUTS
from tests.curricula.corpus.texts import TEXTS

CORPUS: dict[str, Case] = CONTAINERS | HEAVY | LAYOUTS | CELLS | TEXTS

__all__ = ["CORPUS", "Case"]
