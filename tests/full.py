"""How much is tried: `make test` takes a part of what is many times the same, `make full` all of it."""

import os

IN_FULL = bool(os.environ.get("QAMTU_IN_FULL"))
# English has the shortest words, and they are those in the code.
LANGUAGES = ("kk", "ru", "en") if IN_FULL else ("kk", "ru")
