"""Somebody who is signed in and sends forms to a web server that is a process of its own."""

from typing import Any

from django.conf import settings
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from institutions.models import User
from tests.servers import HOST, Answer, Server

TOKEN = "k" * 32


class Sender:
    def __init__(self, user: User) -> None:
        client = Client()
        client.force_login(user)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.headers = {
            # As they are named over https.
            "Cookie": f"__Host-{settings.SESSION_COOKIE_NAME}={session}; __Host-{settings.CSRF_COOKIE_NAME}={TOKEN}",
            "Referer": f"https://{HOST}/",
            "X_Forwarded_Proto": "https",  # as if the proxy were there
            "Content_Type": MULTIPART_CONTENT,
        }

    def post(self, web: Server, address: str, form: dict[str, Any]) -> Answer:
        body = encode_multipart(BOUNDARY, {"csrfmiddlewaretoken": TOKEN, **form})
        return web.ask(address, method="POST", body=body, **self.headers)
