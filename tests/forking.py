"""A process that goes on from here, without what it may not share."""

import os
from contextlib import suppress

from django.db import connections


def fork() -> int:
    """As os.fork; afterwards the child opens connections of its own.

    Closing them before does not do: beside a browser's loop Django has others than without, and in the child no loop
    runs, so that it would take one which its parent still holds.
    """
    connections.close_all()
    child = os.fork()
    if child == 0:
        for alias in connections:
            with suppress(AttributeError):  # there was none yet
                del connections[alias]
    return child
