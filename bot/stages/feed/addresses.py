"""Addresses for comparing: the part of one that says what is read.

What an entry's key is made of is older and stays as it is (identity.py): keys stand in databases.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from bot.tracking import OVERLOOKED

DEFAULT_PORTS = {"http": 80, "https": 443}
_VARIANT_HOST = re.compile(r"(?:(?:www|amp|m|mobile)\.)+(?=[^.]+\.)|(?<=\.)m\.(?=[^.]+\.[^.]+$)")
"""www.n.example, m.n.example, en.m.wikipedia.org; but "m.example" is a name of its own."""

_CACHES = (
    (re.compile(r"(?:www\.)?google\.[a-z.]{2,6}"), re.compile(r"/amp/(?:s/)?(?=[^/]+\.)")),
    (re.compile(r"[^.]+\.cdn\.ampproject\.org"), re.compile(r"/[a-z]/(?:s/)?(?=[^/]+\.)")),
)
"""Hosts that show pages of others, and what stands there before the address of the page (amp.dev, "AMP cache URL")."""

_AMP_BEHIND = re.compile(r"(?<=[^/])/amp$|\.amp(?=\.html?$|$)")
_AMP_BEFORE = re.compile(r"^/amp(?=/.)")
_AMP_PARAMETERS = {"amp": ("", "1", "true", "yes", "amp"), "outputtype": ("amp",)}
_UNRESERVED = re.compile(r"%(2D|2E|3\d|4[1-9A-F]|5[0-9AF]|6[1-9A-F]|7[0-9AE])", re.IGNORECASE)
_UNTIDY = re.compile(r"//|/\.|[^\w/:@!$&'()*+,;=~.-]")
_NO_PART = re.compile(r"rss|:~:.*", re.IGNORECASE)
_NUMBER = re.compile(r"\d{0,3}")
_HOST = re.compile(r"^[^/?#]*/?")


def normalise_link(link: str, *, numbered: bool = False) -> str:
    """The part of an address that says what is read, for comparing only.

    Left out are the scheme, the default port, tracking parameters, the last slash and what makes a variant: `www.`,
    `m.`, AMP in its forms and caches. Host, path and percent-escapes are written one way (RFC 3986, 6.2.2),
    parameters sorted. A fragment stays where it names a part of the page (`#v1.2` of a changelog is an entry of its
    own). A number does so only where these are `numbered`: the BBC counts the versions of a page by it.
    """
    page, fragment = _page_and_part(link)
    return page if not fragment or (_NUMBER.fullmatch(fragment) and not numbered) else f"{page}#{fragment}"


@lru_cache(maxsize=64)  # an entry asks for the same few, several times
def _page_and_part(link: str) -> tuple[str, str]:
    try:
        parts = urlsplit(_out_of_cache(link.strip()))
        port = parts.port
    except ValueError:
        return link.strip(), ""
    host = _VARIANT_HOST.sub("", _ascii(parts.hostname or "").rstrip("."))
    if port and port != DEFAULT_PORTS.get(parts.scheme):
        host = f"{host}:{port}"
    path = _AMP_BEFORE.sub("", _AMP_BEHIND.sub("", _path(parts.path)))
    told = (each for each in telling(parts.query, OVERLOOKED) if not _is_amp(each))
    query = urlencode(sorted(told)) if parts.query else ""
    return host + path + (f"?{query}" if query else ""), _part(parts.fragment)


def path_of(link: str) -> str:
    """An address without its host, for comparing; '' where it is a front page, or no address."""
    return _HOST.sub("", normalise_link(link), count=1)


def host_of(link: str) -> str:
    """The host of an address, without what makes a variant of it."""
    return normalise_link(link).removesuffix(path_of(link)).removesuffix("/")


def _out_of_cache(link: str) -> str:
    """The page that an address of an AMP cache shows."""
    if "amp" not in link:
        return link
    parts = urlsplit(link)
    for host, before in _CACHES:
        if host.fullmatch(parts.hostname or "") and (found := before.match(parts.path)):
            query = f"?{parts.query}" if parts.query else ""
            return f"https://{parts.path[found.end() :]}{query}"
    return link


def _ascii(host: str) -> str:
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return host


def _path(path: str) -> str:
    """A path in one spelling: no needless escapes, dot segments or empty segments."""
    if path.isascii() and not _UNTIDY.search(path):
        return path.rstrip("/")
    plain = _UNRESERVED.sub(lambda escape: chr(int(escape[1], 16)), path)
    segments: list[str] = []
    for segment in one_spelling(plain).split("/"):
        if segment == "..":
            del segments[-1:]
        elif segment not in ("", "."):
            segments.append(segment)
    return "".join(f"/{segment}" for segment in segments)


def one_spelling(path: str) -> str:
    """Letters that may stand as themselves or as %C3%A9 or %c3%a9: always %C3%A9."""
    quoted = quote(path, safe="/%:@!$&'()*+,;=~", errors="replace")
    return re.sub(r"%[0-9a-fA-F]{2}", lambda match: match[0].upper(), quoted)


def telling(query: str, overlooked: re.Pattern[str]) -> list[tuple[str, str]]:
    """The parameters that tell what is read. (A thousand are enough: parse_qsl takes time for each.)"""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="surrogateescape", max_num_fields=1000)
    except ValueError:
        return [(query, "")]
    return [
        (name.encode("utf-8", "replace").decode(), value.encode("utf-8", "replace").decode())
        for name, value in pairs
        if not overlooked.fullmatch(name)
    ]


def _is_amp(parameter: tuple[str, str]) -> bool:
    name, value = map(str.lower, parameter)
    return value in _AMP_PARAMETERS.get(name, ())


def _part(fragment: str) -> str:
    """What a fragment names; '' where it tracks."""
    name = re.split(r"[=&]", fragment, maxsplit=1)[0]
    return "" if _NO_PART.fullmatch(fragment) or OVERLOOKED.fullmatch(name) else fragment
