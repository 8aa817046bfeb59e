"""What a form of a curriculum was made from: who asked for it, which edit of which draft, and what that said.

It travels in the form itself, signed. So the second of two savers can be shown what both began from, scripts or not;
and so what somebody sends whose session has ended is kept for them: nobody else can have been given this form.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core import signing

from curricula.merging import Cells

SALT = "curricula.made_from"
# So long after the form was made what is sent without a session is kept for its owner.
DAYS = 14


@dataclass(frozen=True)
class MadeFrom:
    """`students` is the number as a text, empty if not reported; `draft` is None where there was no draft yet."""

    by: int
    programme: int
    period: int
    edit_number: int = 0
    draft: int | None = None
    students: str = ""
    rows: tuple[Cells, ...] = ()

    def token(self) -> str:
        head = [self.by, self.programme, self.period, self.edit_number, self.draft, self.students]
        return signing.dumps([*head, [list(row) for row in self.rows]], salt=SALT, compress=True)

    @classmethod
    def read(cls, token: str, *, days: int = DAYS) -> "MadeFrom | None":
        """None if we have not signed it, or not within so many days."""
        try:
            by, programme, period, edit_number, draft, students, rows = signing.loads(
                token, salt=SALT, max_age=days * 24 * 3600
            )
            cells = tuple(Cells(*row) for row in rows)
            return cls(by, programme, period, edit_number, draft, students, cells)
        except (signing.BadSignature, TypeError, ValueError):
            return None

    def is_of(self, *, by: int, programme: int, period: int) -> bool:
        return (self.by, self.programme, self.period) == (by, programme, period)


def base_of(token: str, *, programme: int, period: int) -> tuple[str, Sequence[Cells]]:
    """Students and rows that a form was made from, for a comparison; nothing if that can't be told any more."""
    found = MadeFrom.read(token)
    if found is None or (found.programme, found.period) != (programme, period):
        return "", ()
    return found.students, found.rows
