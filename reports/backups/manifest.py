"""What a backup says of itself."""

import json
import os
from dataclasses import asdict, dataclass, field
from hashlib import file_digest
from pathlib import Path

from django.utils.crypto import salted_hmac

from reports.errors import Refused

FORM = 1
NAME, DUMP, FILES = "manifest.json", "database.dump", "files"


@dataclass(frozen=True)
class Manifest:
    """`rows` by table and `checksums` (SHA-256) by path; `server` is the major version of PostgreSQL; `roles` are the
    accounts that the dump gives rights to."""

    version: str
    made_at: str
    server: int
    secret_key: str
    migrations: list[str]
    rows: dict[str, int]
    anchor: str | None
    release: int | None
    fingerprint: str | None
    checksums: dict[str, str]
    form: int = FORM
    roles: list[str] = field(default_factory=list)

    def write(self, backup: Path) -> None:
        with open(backup / NAME, "w", encoding="utf-8") as file:
            json.dump(asdict(self), file, indent=1)
            file.flush()
            os.fsync(file.fileno())


def read(backup: Path) -> Manifest:
    """Raises Refused for what is no backup, or one in the form of a later program."""
    try:
        said = json.loads((backup / NAME).read_text(encoding="utf-8"))
        if said.get("form") != FORM:
            raise Refused(f"{backup} is in a form that this program does not know; use the one that made it.")
        return Manifest(**said)
    except FileNotFoundError:
        raise Refused(f"{backup} is no backup: it has no {NAME}.") from None
    except (ValueError, TypeError, AttributeError) as error:
        raise Refused(f"{backup / NAME} can't be read: {error}") from error


def complete(folder: Path) -> list[Path]:
    """All complete backups in a folder, the newest last: by their names, which are moments."""
    return sorted(found.parent for found in folder.glob(f"*Z/{NAME}"))


def chosen(folder: Path) -> Path:
    """The backup that a path names: itself, or the newest within."""
    if (folder / NAME).exists():
        return folder
    if found := complete(folder):
        return found[-1]
    raise Refused(f"There is no complete backup in {folder}.")


def check(backup: Path, manifest: Manifest) -> None:
    """Raises Refused where a file is missing or is not the one that was saved."""
    for path, checksum in manifest.checksums.items():
        if not (backup / path).is_file():
            raise Refused(f"{backup / path} is missing; take another backup.")
        if digest(backup / path) != checksum:
            raise Refused(f"{backup / path} was altered or is damaged; take another backup.")


def digest(path: Path) -> str:
    with open(path, "rb") as file:
        return file_digest(file, "sha256").hexdigest()


def mark_of(secret_key: str) -> str:
    """By which one SECRET_KEY is told from another, and from which nothing of it can be learned."""
    return salted_hmac("reports.backups", "", secret=secret_key, algorithm="sha256").hexdigest()[:16]
