"""Write the corpus to a folder: `python -m tests.curricula.corpus FOLDER`."""

import os
import sys
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from tests.curricula.corpus import CORPUS  # noqa: E402

folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
for name, case in CORPUS.items():
    (folder / case.stored_as(name)).write_bytes(case.make())
