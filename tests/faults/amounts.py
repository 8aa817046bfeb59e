"""How much is tried, and how much of it was done: `make test` runs a short form, `make faults` the full one."""

import os
from collections import Counter

KILLS = int(os.environ.get("QAMTU_KILLS", "10"))  # at how many instants each thing is killed
IN_FULL = KILLS >= 50

DONE: Counter[str] = (
    Counter()
)  # told at the end; each was found neither lost nor doubled nor half, or its test failed
