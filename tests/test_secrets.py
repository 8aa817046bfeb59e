"""No secret lies in the repository: neither of a known form, nor a word too random to be one of a language."""

import math
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

FORMS = {
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----\s*\n[A-Za-z0-9+/=]{20}"),
    "a key of a cloud": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bAIza[0-9A-Za-z_-]{35}\b"),
    "a token of a code host": re.compile(
        r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{60,}|glpat-[\w-]{20})\b"
    ),
    "a token of a service": re.compile(
        r"\bxox[abprs]-[\w-]{10,}|\bsk_live_\w{20,}|\bpypi-AgEIcHlwaS\w+|\bnpm_\w{36}\b"
    ),
    "a signed token": re.compile(r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}"),
    "an API key of ours": re.compile(r"\bqamtu_[A-Za-z0-9]{32,}"),
    "an address with a password": re.compile(
        r"\b(?:postgres|redis|rediss|smtp\+tls|amqp)://[^\s:@/'\"]*:([^\s@'\"{<]{9,})@"
    ),
}
# name = "value": of these names, a value as random as this is none that somebody thought up.
NAMED = re.compile(
    r"(?i)\b[\w-]*(?:secret|passw|token|api_?key|private|credential)[\w-]*[\"']?\s*[:=]\s*[\"']?([A-Za-z0-9+/=_-]{20,})"
)
RANDOM = 4.3  # bits a letter; words and names joined by underscores have fewer
# Where such a thing is meant to stand, and why.
MEANT = {
    ("tests/config/test_environment.py", "q8Zr2mW6"): "a key that settings are tried with, of no server",
    ("tests/config/test_deploy.py", "q8Zr2mW6"): "the same",
    ("tests/institutions/test_joining.py", "yN3kq0x7"): "the token of an invitation that a test makes",
}
BINARY = (".woff2", ".ttf", ".png", ".xlsx", ".ods", ".pdf", ".gz", ".zip", ".parquet", ".mo")
GENERATED = re.compile(r"requirements/\w+\.txt$|^static/vendor/|^locale/|\.geojson$|^docs/openapi\.yaml$")


def texts() -> Iterator[tuple[str, str]]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout
    for name in filter(None, listed.split("\0")):
        path = ROOT / name
        if path.is_file() and not name.endswith(BINARY):
            yield name, path.read_text("utf-8", errors="replace")


def entropy(word: str) -> float:
    """Bits a letter."""
    counts = Counter(word)
    return -sum(n / len(word) * math.log2(n / len(word)) for n in counts.values())


def found_in(name: str, text: str) -> Iterator[str]:
    for form, pattern in FORMS.items():
        yield from (f"{name}: {form}: {found[0][:24]}…" for found in pattern.finditer(text))
    if not GENERATED.search(name):
        yield from (
            f"{name}: a random word: {found[1][:24]}…"
            for found in NAMED.finditer(text)
            if entropy(found[1]) > RANDOM
        )


def test_no_file_of_the_repository_holds_a_secret() -> None:
    known = list(texts())
    if not known:
        return  # an archive of a release, which was looked through before
    assert len(known) > 500
    found = [one for name, text in known for one in found_in(name, text)]
    unmeant = [
        one for one in found if not any(one.startswith(f"{name}:") and word in one for name, word in MEANT)
    ]
    assert unmeant == []


def test_each_form_would_be_found() -> None:
    """Put together here, or this file would be found itself."""
    planted = {
        "a private key": "-----BEGIN " + "RSA PRIVATE KEY-----\n" + "MIIEpAIBAAKCAQEAxyz1",
        "a key of a cloud": "AKIA" + "ABCDEFGHIJKLMNOP",
        "a token of a code host": "ghp_" + "a1B2" * 9,
        "a token of a service": "xoxb" + "-123456789012",
        "a signed token": ".".join(["eyJ" + "a" * 12, "eyJ" + "b" * 12, "c" * 12]),
        "an API key of ours": "qamtu_" + "aB3dE5gH" * 5,
        "an address with a password": "postgres://app:" + "s3cretword99" + "@db/qamtu",
        "a random word": "SECRET_KEY" + "=q8Zr2mW6vT1xYb4nL7cKd9sHf3gJp5aEuRiO",
    }
    assert planted.keys() == {*FORMS, "a random word"}
    for form, text in planted.items():
        assert any(f": {form}: " in one for one in found_in("a.py", text)), form
    assert (
        list(
            found_in("a.py", 'password = "correct horse battery staple"\ntoken = read_the_token_of(request)')
        )
        == []
    )
