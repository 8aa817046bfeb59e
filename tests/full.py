"""How much is tried: `make test` takes a part of what is many times the same, `make full` all of it."""

import os

IN_FULL = bool(os.environ.get("QAMTU_IN_FULL"))
