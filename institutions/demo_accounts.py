"""Passwords for the people of a demonstration, kept in a file that only its owner can read."""

import secrets
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction

from institutions import demo
from institutions.models import User

ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True)
class Account:
    email: str
    password: str

    @property
    def role(self) -> str:
        return self.email.partition("@")[0]

    @property
    def institution(self) -> str:
        """The institution's code, "" for the ministry."""
        place = self.email.partition("@")[2].removesuffix(".demo")
        return "" if place == "ministry" else place


def accounts_file() -> Path:
    return settings.RUN_DIR / "accounts.txt"


@transaction.atomic
def create() -> list[Account]:
    """Give every demonstration account a password and write all of them to the run folder.

    Called again, it keeps the passwords and only adds accounts; if the file is gone, all get new ones, for nobody
    knows the old. There is one random password a role, and its hash is made once: hashing hundreds of passwords
    would take minutes, and accounts that guard generated data need no more. Nothing real may rely on them.
    """
    people = demo.make_people()
    kept = {account.email: account.password for account in read()}
    by_role = {Account(email, "").role: password for email, password in kept.items()}
    roles = {Account(user.email, "").role for user in people}
    passwords = {role: by_role.get(role) or make_up() for role in sorted(roles)}
    hashes = {role: make_password(password) for role, password in passwords.items()}
    fresh = [user for user in people if user.email not in kept or not user.has_usable_password()]
    for user in fresh:
        user.password = hashes[Account(user.email, "").role]
    User.objects.bulk_update(fresh, ["password"], batch_size=1000)
    accounts = [Account(user.email, passwords[Account(user.email, "").role]) for user in people]
    write(accounts)
    return accounts


def make_up() -> str:
    """Four groups of four letters and digits that can't be mistaken for one another: 79 bits."""
    return "-".join("".join(secrets.choice(ALPHABET) for _letter in range(4)) for _group in range(4))


def read() -> list[Account]:
    path = accounts_file()
    if not path.exists():
        return []
    lines = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
    return [Account(line[0], line[1]) for line in lines if len(line) == 2]


def write(accounts: list[Account]) -> None:
    path = accounts_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)
    part.write_text(
        "".join(f"{account.email}  {account.password}\n" for account in accounts), encoding="utf-8"
    )
    part.replace(path)
