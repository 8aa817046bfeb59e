"""What a step says when it refuses."""


class Refused(Exception):
    """A request that can't be carried out; `str()` is one sentence for the user: the thing and the remedy.

    `field` names the form field or API member at fault, "" for the whole; `code` is stable, for programs.
    """

    def __init__(self, message: str, *, field: str = "", code: str = "refused") -> None:
        super().__init__(message)
        self.field = field
        self.code = code
