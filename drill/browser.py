"""A browser without eyes: cookies, CSRF, and the forms of a page sent back as they were read. Standard library only.

One `Person` is one session; many threads may speak for the same person at once, as a double click does.
"""

import http.client
import re
import threading
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode, urlsplit

PATIENCE = 15  # seconds before an answer is given up
LOGIN = "/connexion/"
CUT = (OSError, http.client.HTTPException)  # the other side died under us, or said half of something

Fields = list[tuple[str, str]]


@dataclass
class Answer:
    """What came back; `done` is the definition of « acknowledged »: 2xx, or 3xx to anything but the login."""

    status: int
    location: str
    body: str
    url: str

    @property
    def is_login(self) -> bool:
        return self.status in (301, 302, 303) and urlsplit(self.location).path.startswith(LOGIN)

    @property
    def done(self) -> bool:
        return 200 <= self.status < 400 and not self.is_login

    def form(self, path: str) -> "Form | None":
        """The form of this page that is sent to `path` (an empty action is the page itself)."""
        reader = Forms()
        reader.feed(self.body)
        return next((one for one in reader.found if (one.action or self.url) == path), None)


@dataclass
class Form:
    """Where it goes and what it holds, as a browser would send it without touching anything: buttons left out."""

    action: str
    fields: Fields = field(default_factory=list)

    def value(self, name: str) -> str:
        return next((value for known, value in self.fields if known == name), "")

    def filled(self, **values: str) -> Fields:
        """The fields with these ones written anew, and added when the page did not show them."""
        kept = [(name, value) for name, value in self.fields if name not in values]
        return [*kept, *values.items()]


class Forms(HTMLParser):
    """Every form that is sent by POST, its fields included, wherever they are (`form="…"` too)."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._by_id: dict[str, Form] = {}
        self._form: Form | None = None
        self._area: tuple[Form, str] | None = None
        self._select: tuple[Form, str, Fields] | None = None
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form" and said.get("method", "").lower() == "post":
            self._form = Form(said.get("action", ""))
            self.found.append(self._form)
            self._by_id[said.get("id", "")] = self._form
        form = self._by_id.get(said["form"]) if "form" in said else self._form
        if form is None or not said.get("name") or "disabled" in said:
            if tag == "option" and self._select:
                self._option(said)
            return
        if tag == "textarea":
            self._area, self._text = (form, said["name"]), ""
        elif tag == "select":
            self._select = (form, said["name"], [])
        elif tag == "input":
            kind = said.get("type", "text").lower()
            if kind in ("checkbox", "radio") and "checked" in said:
                form.fields.append((said["name"], said.get("value", "on")))
            elif kind not in ("checkbox", "radio", "submit", "button", "image", "file", "reset"):
                form.fields.append((said["name"], said.get("value", "")))

    def _option(self, said: dict[str, str]) -> None:
        form, name, options = self._select
        options.append((name, said.get("value", "")))
        if "selected" in said:
            form.fields.append((name, said.get("value", "")))

    def handle_data(self, data: str) -> None:
        if self._area:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea" and self._area:
            form, name = self._area
            form.fields.append((name, self._text.removeprefix("\n")))
            self._area = None
        elif tag == "select" and self._select:
            form, name, options = self._select
            if options and not any(known == name for known, _ in form.fields):
                form.fields.append(options[0])  # a browser sends the first one
            self._select = None


class Person:
    """Somebody at a keyboard. `get` and `post` raise one of `CUT` when the answer never comes."""

    def __init__(self, email: str, password: str, port: int):
        self.email, self._password, self._port = email, password, port
        self._cookies: dict[str, str] = {}
        self._door = threading.Lock()

    def log_in(self) -> None:
        """Raises `PermissionError` when the portal refuses."""
        with self._door:
            self._cookies = {}
            form = self._ask("GET", LOGIN).form(LOGIN)
            sent = form.filled(login=self.email, password=self._password) if form else []
            answer = self._ask("POST", LOGIN, sent, keep=True)
            if answer.status not in (302, 303) or answer.is_login:
                raise PermissionError(f"{self.email} : connexion refusée ({answer.status})")

    def get(self, url: str) -> Answer:
        answer = self._ask("GET", url)
        if answer.is_login:
            self.log_in()
            answer = self._ask("GET", url)
        return answer

    def post(self, url: str, fields: Fields) -> Answer:
        return self._ask("POST", url, fields)

    def _ask(self, method: str, url: str, fields: Fields | None = None, *, keep: bool = False) -> Answer:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        headers["Referer"] = f"http://localhost:{self._port}{url}"
        body = None
        if fields is not None:
            body = urlencode(fields).encode()
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)
        try:
            connection.request(method, url, body, headers | {"Host": f"localhost:{self._port}"})
            response = connection.getresponse()
            text = response.read().decode(errors="replace")
        finally:
            connection.close()
        if keep or "csrftoken" not in self._cookies:  # else a late answer would undo a new login
            for said in response.headers.get_all("Set-Cookie") or ():
                name, value = re.match(r"([^=]+)=([^;]*)", said).groups()
                if name in ("sessionid", "csrftoken"):
                    self._cookies[name] = value
        return Answer(response.status, response.headers.get("Location", ""), text, url)
