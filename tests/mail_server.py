"""A mail server that keeps what it is given, and can be told to refuse, to fail and to be slow."""

import socket
import socketserver
import threading
import time
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, Self


class Conversation(socketserver.StreamRequestHandler):
    """Just enough SMTP for Django's client."""

    server: "MailServer"

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self) -> None:
        self.say("220 test")
        while line := self.rfile.readline():
            word = line.split(b":")[0].strip().upper().split(b" ")[0]
            if word == b"DATA":
                self.take()
            elif word == b"RCPT" and any(refused.encode() in line for refused in self.server.refused):
                self.say(self.server.refusal)
            elif word == b"QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def take(self) -> None:
        self.say("354 go on")
        lines = []
        while (line := self.rfile.readline().rstrip(b"\r\n")) != b".":
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        self.server.arriving.set()
        time.sleep(self.server.slowness)
        if self.server.loses:
            self.connection.shutdown(socket.SHUT_RDWR)  # takes nothing and says nothing
            return
        self.server.taken.append(b"\r\n".join(lines))
        self.say("250 taken")


class MailServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.taken: list[bytes] = []
        self.refused: set[str] = set()
        self.refusal = "550 no such person"
        self.slowness = 0.0
        self.loses = False
        self.arriving = threading.Event()
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"

    @property
    def letters(self) -> list[EmailMessage]:
        found: list[Any] = [message_from_bytes(raw, policy=policy.default) for raw in self.taken]
        return found

    def letters_to(self, address: str) -> list[EmailMessage]:
        return [letter for letter in self.letters if address in str(letter["To"])]

    def __exit__(self, *_what: object) -> None:
        self.shutdown()
        self.server_close()

    def __enter__(self) -> Self:
        return self


def text_of(letter: EmailMessage) -> str:
    body: Any = letter.get_body(("plain",))
    return str(body.get_content()).replace("\r\n", "\n")
