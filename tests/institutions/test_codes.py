"""One-time codes: those of the standard, and nothing else."""

import base64

import pytest

from institutions.codes import (
    RECOVERY_CODES,
    STEP,
    code_at,
    new_recovery_codes,
    new_secret,
    plain,
    step_of,
    uri,
)

# RFC 6238, appendix B, SHA-1; the last six of its eight digits.
SECRET = base64.b32encode(b"12345678901234567890").decode()
EXAMPLES = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
    (20000000000, "353130"),
]


@pytest.mark.parametrize(("at", "code"), EXAMPLES)
def test_codes_are_those_of_the_standard(at: int, code: str) -> None:
    assert code_at(SECRET, at // STEP) == code
    assert step_of(code, secret=SECRET, at=at) == at // STEP


@pytest.mark.parametrize(("off", "fits"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_half_a_minute_off_and_no_more(off: int, fits: bool) -> None:
    now = 1234567890
    assert (step_of(code_at(SECRET, now // STEP + off), secret=SECRET, at=now) is not None) == fits


def test_a_code_that_was_used_and_those_before_it_serve_no_more() -> None:
    now, step = 1234567890, 1234567890 // STEP
    assert step_of(code_at(SECRET, step), secret=SECRET, at=now, after=step) is None
    assert step_of(code_at(SECRET, step - 1), secret=SECRET, at=now, after=step) is None
    assert step_of(code_at(SECRET, step + 1), secret=SECRET, at=now, after=step) == step + 1


@pytest.mark.parametrize("typed", ["", "28708", "2870821", "٢٨٧٠٨٢", "abcdef"])
def test_nothing_else_fits(typed: str) -> None:
    assert step_of(typed, secret=SECRET, at=59) is None


def test_secrets_are_new_and_as_apps_take_them() -> None:
    secret = new_secret()
    assert secret != new_secret()
    assert len(base64.b32decode(secret)) == 20
    assert uri(secret, account="aru@kaznu.kz", issuer="Qamtu") == (
        f"otpauth://totp/Qamtu:aru%40kaznu.kz?secret={secret}&issuer=Qamtu&digits=6"
    )


def test_recovery_codes_are_all_different_and_read_as_they_were_meant() -> None:
    made = new_recovery_codes()
    assert len(set(made)) == RECOVERY_CODES
    assert plain(f" {made[0].upper().replace('-', ' ')}") == plain(made[0])
