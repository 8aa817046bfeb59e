"""How much is tried: `make test` runs a short form, `make faults` the full one."""

import os

KILLS = int(os.environ.get("QAMTU_KILLS", "10"))  # at how many instants each thing is killed
IN_FULL = KILLS >= 50
