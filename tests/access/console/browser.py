"""Somebody at the pages without a screen: cookies, forms, the token in each form."""

import html
import re
from dataclasses import dataclass, field

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.access.console.town import PASSWORD, Town
from tests.access.residents import shown

CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')
NO_TOKEN = 'name="csrf_token" value=""'
HOST = "127.0.0.1:8080"


@dataclass
class Browser:
    """One visitor. page and path are of the last answer; chosen: the language was picked on a page.

    page is without the token of its forms, so that what chance wrote into one is never found on a page.
    """

    app: Flask
    town: Town
    language: str = "en"
    chosen: bool = True
    client: FlaskClient = field(init=False)
    page: str = ""
    path: str = ""
    token: str = ""

    def __post_init__(self) -> None:
        self.client = self.app.test_client()
        if self.chosen:
            self.client.set_cookie("language", self.language, domain="127.0.0.1")

    def get(self, path: str, follow: bool = True, **headers: str) -> TestResponse:
        return self._take(
            self.client.get(
                path,
                headers={"Accept-Language": self.language, **headers},
                base_url=f"http://{HOST}",
                follow_redirects=follow,
            )
        )

    def post(self, path: str, follow: bool = True, **fields: str) -> TestResponse:
        token = {"csrf_token": self.token} if self.token else {}
        return self.post_bare(path, follow, **token, **fields)

    def post_bare(self, path: str, follow: bool = True, **fields: str) -> TestResponse:
        """Without the token of a form."""
        return self._take(
            self.client.post(
                path,
                data=fields,
                headers={"Accept-Language": self.language},
                base_url=f"http://{HOST}",
                follow_redirects=follow,
            )
        )

    def give_password(self, name: str, password: str = PASSWORD) -> TestResponse:
        self.get("/sign-in")
        return self.post("/sign-in", name=name, password=password)

    def sign_in(self, name: str) -> "Browser":
        """All the way in, with the next code of the phone that everyone has."""
        self.town.now += 30
        self.give_password(name)
        self.post("/sign-in/code", code=shown(now=self.town.now))
        assert self.path == "/", (self.path, self.page)
        return self

    def _take(self, answer: TestResponse) -> TestResponse:
        page = answer.get_data(as_text=True)
        found = CSRF.search(page)
        self.token = html.unescape(found[1]) if found else ""
        self.page = CSRF.sub(NO_TOKEN, page)
        self.path = answer.request.path
        answer.close()
        return answer
