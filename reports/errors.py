"""What a step of the reports says when it refuses."""

from institutions.errors import Refused

__all__ = ["Refused"]
