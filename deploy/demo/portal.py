"""A person at the portal, over HTTP as a browser would: cookies, forms, the token in each form."""

import html
import re
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar

import pyotp

CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
OTPAUTH = re.compile(r'href="(otpauth://[^"]+)"')
RECOVERY_CODE = re.compile(r'class="[^"]*recovery-code[^"]*"[^>]*>\s*([^<]+?)\s*<')


class NotAsExpected(AssertionError):
    """A page that is not the one the story tells of."""


class Visitor:
    """One browser. `path` and `page` are of the last answer, after redirects."""

    def __init__(self, site: str, language: str = "en") -> None:
        self._site = site
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self._opener.addheaders = [("Accept-Language", language)]
        self.path = ""
        self.page = ""

    def get(self, path: str) -> str:
        """The page's text."""
        return self._open(urllib.request.Request(self._site + path))

    def post(self, path: str, **fields: str) -> str:
        """The page after sending the form that was shown last, with its token."""
        token = CSRF.search(self.page)
        if token is None:
            raise NotAsExpected(f"no form with a token on {self.path}")
        form = urllib.parse.urlencode({"csrf_token": html.unescape(token[1]), **fields}).encode()
        request = urllib.request.Request(self._site + path, data=form)
        request.add_header("Referer", self._site + self.path)
        return self._open(request)

    def expect(self, path: str) -> None:
        """Raises NotAsExpected unless the last answer came from this path."""
        if self.path != path:
            text = " ".join(re.sub(r"<[^>]+>", " ", self.page).split())
            raise NotAsExpected(f"expected {path}, got {self.path}: {text[:300]}")

    def _open(self, request: urllib.request.Request) -> str:
        try:
            with self._opener.open(request, timeout=20) as answer:
                self.path = urllib.parse.urlsplit(answer.geturl()).path
                self.page = answer.read().decode()
        except urllib.error.HTTPError as error:
            self.path = urllib.parse.urlsplit(request.full_url).path
            self.page = error.read().decode(errors="replace")
            raise NotAsExpected(f"{error.code} from {self.path}") from error
        return self.page


def sign_in(visitor: Visitor, name: str, password: str) -> None:
    visitor.get("/sign-in")
    visitor.post("/sign-in", name=name, password=password)


def enrol(visitor: Visitor, registration_code: str) -> tuple[pyotp.TOTP, list[str]]:
    """The new authenticator and the recovery codes of someone who has just given the password."""
    visitor.expect("/sign-in/registration")
    visitor.post("/sign-in/registration", registration_code=registration_code)
    visitor.expect("/enrol")
    link = OTPAUTH.search(visitor.page)
    if link is None:
        raise NotAsExpected("the enrolment page shows no otpauth link")
    totp = pyotp.parse_uri(html.unescape(link[1]))
    assert isinstance(totp, pyotp.TOTP)
    visitor.post("/enrol", code=totp.now())
    visitor.expect("/enrol/recovery")
    codes = RECOVERY_CODE.findall(visitor.page)
    visitor.post("/enrol/recovery", saved="y")
    return totp, codes
