"""How the documents of one feed are asked for, and found on a page that is no feed: keys of [[feeds]]."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Self
from urllib.parse import quote, urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator, model_validator

from bot.config_types import Duration, Every, Section, Selector, Url, read_secret
from bot.model import Access

_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")  # RFC 9110, 5.6.2
_HEADER_VALUE = re.compile(r"[\x20-\x7e\xa0-\xff]{0,8000}")
_OURS = frozenset({"host", "connection", "content-length", "transfer-encoding", "if-none-match"})
_KEPT_APART = {"cookie": "cookie_env", "authorization": "headers_env", "user-agent": "user_agent"}


class ListingConfig(Section):
    """[feeds.listing]: CSS selectors that find the entries of a page which has no feed."""

    link: Selector
    title: Selector = ""
    date: Selector = ""


class AccessConfig(Section):
    """The keys of [[feeds]] that say when and how its address is asked."""

    every: Every | None = None
    longest: Duration | None = None  # between two polls of a feed that seldom changes
    silent_after: Duration | None = None

    listing: ListingConfig | None = None

    user_agent: str = Field(default="", max_length=500)
    headers: dict[str, str] = {}
    headers_env: dict[str, str] = {}  # header = the environment variable that holds its value
    secret_headers: dict[str, SecretStr] = Field(default={}, validate_default=True, exclude=True)
    cookie_env: str = ""
    cookie_file: Path | None = None
    cookie: SecretStr | None = Field(default=None, validate_default=True, exclude=True)
    username: str = ""
    password_env: str = ""
    password_file: Path | None = None
    password: SecretStr | None = Field(default=None, validate_default=True, exclude=True)
    proxy: Url | None = None
    proxy_username: str = ""
    proxy_password_env: str = ""
    proxy_password_file: Path | None = None
    proxy_password: SecretStr | None = Field(default=None, validate_default=True, exclude=True)

    _secrets = field_validator("cookie", "password", "proxy_password", mode="before")(read_secret)

    @field_validator("headers")
    @classmethod
    def _sendable(cls, headers: dict[str, str]) -> dict[str, str]:
        for name, value in headers.items():
            _check_header(name, value)
            if key := _KEPT_APART.get(name.lower()):
                raise ValueError(f"{name} has a key of its own: {key}")
        return headers

    @field_validator("user_agent")
    @classmethod
    def _user_agent(cls, text: str) -> str:
        _check_header("User-Agent", text)
        return text

    @field_validator("headers_env")
    @classmethod
    def _set(cls, headers: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        for name, variable in headers.items():
            value = _environ(info).get(variable, "")
            if not value:
                raise ValueError(f"the environment variable {variable} is not set; set it")
            _check_header(name, value)
        return headers

    @field_validator("secret_headers", mode="before")
    @classmethod
    def _of_environment(cls, given: object, info: ValidationInfo) -> dict[str, SecretStr]:
        if given:
            raise ValueError("may not stand in the file; name environment variables in headers_env")
        named: Mapping[str, str] = info.data.get("headers_env", {})
        return {name: SecretStr(_environ(info)[variable]) for name, variable in named.items()}

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if bool(self.username) != (self.password is not None):
            raise ValueError(
                "username and password belong together; set username, and password_env or password_file"
            )
        if self.proxy_username and self.proxy is None:
            raise ValueError("proxy_username without a proxy; set proxy")
        return self

    def access_to(self, url: str) -> Access:
        """What goes into requests for documents of the feed at `url`."""
        parts = urlsplit(url)
        return Access(
            scheme=parts.scheme,
            authority=parts.netloc.lower(),
            headers=tuple(self._secret_headers()),
            user_agent=self.user_agent,
            proxy=self._proxy(),
        )

    def _secret_headers(self) -> list[tuple[str, str]]:
        headers = list(self.headers.items())
        headers += [(name, value.get_secret_value()) for name, value in self.secret_headers.items()]
        if self.cookie is not None:
            headers.append(("Cookie", self.cookie.get_secret_value()))
        if self.password is not None:
            pair = f"{self.username}:{self.password.get_secret_value()}".encode()
            headers.append(("Authorization", f"Basic {base64.b64encode(pair).decode()}"))  # RFC 7617
        return headers

    def _proxy(self) -> str:
        if self.proxy is None or not self.proxy_username:
            return self.proxy or ""
        secret = self.proxy_password.get_secret_value() if self.proxy_password else ""
        parts = urlsplit(self.proxy)
        login = f"{quote(self.proxy_username, safe='')}:{quote(secret, safe='')}"
        return parts._replace(netloc=f"{login}@{parts.netloc}").geturl()


def _environ(info: ValidationInfo) -> Mapping[str, str]:
    environ: Mapping[str, str] = (info.context or {}).get("environ", {})
    return environ


def _check_header(name: str, value: str) -> None:
    """Raises ValueError, which does not repeat the value: it may be a secret."""
    if not _HEADER_NAME.fullmatch(name) or name.lower() in _OURS:
        raise ValueError(f"{name!r} is no header that can be set")
    if not _HEADER_VALUE.fullmatch(value):
        raise ValueError(f"the value of {name} holds characters that no header may; take them out")
