"""What a step of the flow says when it refuses."""

from institutions.errors import Refused

__all__ = ["Refused"]
