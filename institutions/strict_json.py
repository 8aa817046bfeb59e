"""JSON from strangers: what PostgreSQL or the next program would choke on is refused here, with its place."""

import json
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

# Deeper than any document of this API; the parser itself would go a thousand levels down.
DEEPEST = 20
LARGEST_NUMBER, MOST_DECIMALS = 10**15, 20


class Unreadable(Exception):
    """A document that can't be taken: a sentence with the remedy, and the JSON pointer (RFC 6901) of its fault if any.

    No ValueError, which the parser's own are.
    """

    def __init__(self, sentence: str, pointer: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence, self.pointer = sentence, pointer


def read(body: bytes) -> Any:
    """The document, read by RFC 8259 and more strictly: names once (RFC 7493), text that can be stored, finite numbers;
    decimals stay exact; the mark that some programs put before UTF-8 is passed over. Raises Unreadable."""
    try:
        found = json.loads(
            body.decode("utf-8-sig"), object_pairs_hook=_once, parse_float=Decimal, parse_constant=_no_number
        )
    except UnicodeDecodeError as error:
        raise Unreadable(
            _("The body is not UTF-8: byte %(place)d can't be read.") % {"place": error.start}
        ) from error
    except json.JSONDecodeError as error:
        raise Unreadable(
            _("The body is not JSON: line %(line)d, column %(column)d can't be read.")
            % {"line": error.lineno, "column": error.colno}
        ) from error
    except (
        ValueError,
        ArithmeticError,
        RecursionError,
    ) as error:  # thousands of digits, thousands of brackets
        raise Unreadable(_("The body has a number that is too long, or is nested too deeply.")) from error
    _check(found, "", 0)
    return found


def printable(text: str) -> str:
    """Without what PostgreSQL or UTF-8 can't hold: NUL and halves of surrogate pairs."""
    return "".join(letter for letter in text if letter != "\x00" and not "\ud800" <= letter <= "\udfff")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Unreadable(_("“%(name)s” is there twice: give it once.") % {"name": printable(twice)[:100]})
    return found


def _no_number(name: str) -> Any:
    raise Unreadable(
        _("%(name)s is not a number in JSON. Leave the member out, or write null.") % {"name": name}
    )


def _check(value: Any, pointer: str, depth: int) -> None:
    if depth > DEEPEST:
        raise Unreadable(_("The body is nested too deeply."))
    if isinstance(value, dict):
        for name, member in value.items():
            place = f"{pointer}/{printable(name).replace('~', '~0').replace('/', '~1')}"
            _check(name, place, depth)
            _check(member, place, depth + 1)
    elif isinstance(value, list):
        for number, member in enumerate(value):
            _check(member, f"{pointer}/{number}", depth + 1)
    elif isinstance(value, str):
        if printable(value) != value:
            raise Unreadable(_("Take out the characters that can't be printed."), pointer)
    elif isinstance(value, int | Decimal) and not _is_modest(value):
        raise Unreadable(_("The number is too large, or has too many decimals."), pointer)


def _is_modest(number: int | Decimal) -> bool:
    """Compared without arithmetic, which a huge exponent would break."""
    if not -LARGEST_NUMBER < number < LARGEST_NUMBER:
        return False
    return isinstance(number, int) or int(number.as_tuple().exponent) >= -MOST_DECIMALS
