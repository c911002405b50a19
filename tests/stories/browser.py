"""A browser without a screen: keeps cookies, reads forms as they stand in a page, sends them."""

from __future__ import annotations

import html
import json
import mimetypes
import re
import urllib.error
import urllib.parse
import urllib.request
import uuid
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from typing import Any

from tests.waiting import LIMIT_S


@dataclass
class Form:
    """A form of a page with the values that it would send; buttons are sent only when pressed."""

    id: str = ""
    method: str = "get"
    action: str = ""
    multipart: bool = False
    fields: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    @property
    def names(self) -> set[str]:
        return {name for name, _value in self.fields + self.buttons}


@dataclass(frozen=True, kw_only=True)
class Page:
    """What came back, after redirects."""

    status: int
    url: str
    text: str
    headers: dict[str, str]

    def form(self, *names: str, action: str = "") -> Form:
        """Return the form that has these fields or buttons and whose address contains `action`."""
        for form in self.forms:
            if form.names.issuperset(names) and action in form.action:
                return form
        raise AssertionError(f"{self.url} has no form with {names} {action}: {self.words[:2000]}")

    @property
    def forms(self) -> list[Form]:
        reader = _FormReader()
        reader.feed(self.text)
        for form in reader.forms:
            form.buttons += [button for owner, button in reader.elsewhere if owner == form.id]
            form.fields += [field for owner, field in reader.hidden if owner == form.id]
        return reader.forms

    def link(self, containing: str) -> str:
        """Return the address of the first link that contains this."""
        for found in re.findall(r'href="([^"]+)"', self.text):
            if containing in found:
                return html.unescape(found)
        raise AssertionError(f"{self.url} has no link with {containing!r}")

    @property
    def words(self) -> str:
        """The text that a reader sees, spaces joined."""
        text = re.sub(r"(?s)<(script|style)\b.*?</\1>|<[^>]+>", " ", self.text)
        return " ".join(html.unescape(text).split())

    def json(self) -> Any:
        return json.loads(self.text)


class Browser:
    """One person's browser at one portal."""

    def __init__(self, base: str, *, language: str = "en") -> None:
        self.base = base
        self._language = language
        handler = urllib.request.HTTPCookieProcessor(CookieJar())
        self._opener = urllib.request.build_opener(handler)

    def get(self, address: str) -> Page:
        request = urllib.request.Request(urllib.parse.urljoin(self.base, address))  # noqa: S310
        return self._open(request)

    def send(self, page: Page, form: Form, *, press: str = "", **values: Any) -> Page:
        """Fill in a form of `page` and send it; `press` names the button.

        A value of bytes is a file, a list is several values, None leaves a field out.
        """
        pairs = [pair for pair in form.fields if pair[0] not in values]
        files: list[tuple[str, bytes]] = []
        for name, value in values.items():
            if isinstance(value, bytes):
                files.append((name, value))
            elif value is not None:
                pairs += [
                    (name, str(item)) for item in (value if isinstance(value, list) else [value])
                ]
        if press:
            pairs.append(next(pair for pair in form.buttons if pair[0] == press))
        address = urllib.parse.urljoin(page.url, form.action or page.url)
        if form.method == "get":
            return self.get(f"{address.partition('?')[0]}?{urllib.parse.urlencode(pairs)}")
        body, kind = _multipart(pairs, files) if form.multipart else _encoded(pairs)
        return self._open(
            urllib.request.Request(  # noqa: S310 - the portal of this test
                address, data=body, headers={"Content-Type": kind, "Referer": page.url}
            )
        )

    def log_in(self, username: str, password: str) -> Page:
        page = self.get("/admin/login/?next=/admin/")
        return self.send(page, page.form("password"), username=username, password=password)

    def _open(self, request: urllib.request.Request) -> Page:
        request.add_header("Accept-Language", self._language)
        try:
            answer = self._opener.open(request, timeout=LIMIT_S)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            return Page(
                status=answer.status,
                url=answer.url,
                text=answer.read().decode("utf-8", "replace"),
                headers=dict(answer.headers),
            )


def _encoded(pairs: list[tuple[str, str]]) -> tuple[bytes, str]:
    return urllib.parse.urlencode(pairs).encode(), "application/x-www-form-urlencoded"


def _multipart(pairs: list[tuple[str, str]], files: list[tuple[str, bytes]]) -> tuple[bytes, str]:
    mark = uuid.uuid4().hex
    parts = [
        f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in pairs
    ]
    for name, data in files:
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        head = (
            f'--{mark}\r\nContent-Disposition: form-data; name="{name}"; filename="upload.yaml"'
            f"\r\nContent-Type: {kind}\r\n\r\n"
        )
        parts.append(head.encode() + data + b"\r\n")
    parts.append(f"--{mark}--\r\n".encode())
    return b"".join(parts), f"multipart/form-data; boundary={mark}"


class _FormReader(HTMLParser):
    """Collects the forms of a page, their fields and their buttons."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        # Buttons and hidden fields that stand outside of the form that they name.
        self.elsewhere: list[tuple[str, tuple[str, str]]] = []
        self.hidden: list[tuple[str, tuple[str, str]]] = []
        self._form: Form | None = None
        self._select: tuple[str, list[tuple[str, bool]], bool] | None = None
        self._textarea: str | None = None
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(
                id=values.get("id", ""),
                method=values.get("method", "get").lower(),
                action=values.get("action", ""),
                multipart="multipart" in values.get("enctype", ""),
            )
            self.forms.append(self._form)
        elif "disabled" in values:
            return
        elif tag == "button" and values.get("form") and "name" in values:
            self.elsewhere.append((values["form"], (values["name"], values.get("value", ""))))
        elif tag == "input" and values.get("form") and values.get("type") == "hidden":
            self.hidden.append((values["form"], (values["name"], values.get("value", ""))))
        elif self._form is None:
            return
        elif tag == "input":
            self._input(self._form, values)
        elif tag == "button" and values.get("type", "submit") == "submit" and "name" in values:
            self._form.buttons.append((values["name"], values.get("value", "")))
        elif tag == "select":
            self._select = (values.get("name", ""), [], "multiple" in values)
        elif tag == "option" and self._select is not None:
            self._select[1].append((values.get("value", ""), "selected" in values))
        elif tag == "textarea":
            self._textarea, self._text = values.get("name", ""), ""

    def _input(self, form: Form, values: dict[str, str]) -> None:
        name, kind = values.get("name", ""), values.get("type", "text")
        if kind == "submit":
            form.buttons.append((name, values.get("value", "")))
        elif kind in {"checkbox", "radio"}:
            if "checked" in values:
                form.fields.append((name, values.get("value", "on")))
        elif name and kind not in {"file", "button", "image", "reset"}:
            form.fields.append((name, values.get("value", "")))

    def handle_data(self, data: str) -> None:
        if self._textarea is not None:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea" and self._textarea is not None and self._form is not None:
            self._form.fields.append((self._textarea, self._text.removeprefix("\n")))
            self._textarea = None
        elif tag == "select" and self._select is not None and self._form is not None:
            name, options, multiple = self._select
            chosen = [value for value, selected in options if selected]
            if not chosen and options and not multiple:
                chosen = [options[0][0]]
            self._form.fields += [(name, value) for value in chosen if name]
            self._select = None
