"""A hash of passwords that is quick, and counts how often it is computed: that takes half a second on a server."""

from typing import ClassVar

from django.contrib.auth.hashers import MD5PasswordHasher


class CountingHasher(MD5PasswordHasher):
    algorithm = "counting"
    computed: ClassVar[list[str]] = []

    def encode(self, password: str, salt: str) -> str:
        self.computed.append(salt)
        return super().encode(password, salt)
