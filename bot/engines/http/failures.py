"""The one boundary where errors of requests and urllib3, and bad statuses, become those of bot/errors.py."""

from __future__ import annotations

import re
from http import HTTPStatus
from urllib.parse import urldefrag

import requests
import requests.exceptions as failure
from urllib3.exceptions import NameResolutionError, ReadTimeoutError

from bot.engines.http import codings, headers
from bot.engines.http.transport import Flood, PrivateAddress
from bot.errors import FetchGone, FetchPrivate, FetchRefused, FetchUnavailable, RelaypressError

_GONE = frozenset({404, 410})
_PASSING = frozenset({408, 425, 429})  # besides 5xx
_CLOSED_DOORS = frozenset({401, 403, 451})


def of_call(
    error: Exception, url: str, target: str, timeout_seconds: float, *, received: int | None = None
) -> RelaypressError:
    """What `error` means for whoever asked for `url` and was led to `target`.

    `received` is the number of bytes in hand where the body had begun.
    """
    where = at(url, target)
    if isinstance(error, PrivateAddress):
        remedy = "set fetch.allow_private_networks = true if that is meant"
        return FetchPrivate(url, f"leads to a private address ({error}){where}", remedy=remedy)
    if isinstance(error, Flood):
        part = "sends headers" if received is None else f"sends {received} bytes of body"
        return FetchRefused(url, f"{part} and far more that is none of it{where}")
    # InvalidURL, InvalidHeader, what idna and ports can raise
    if isinstance(error, ValueError) and received is None:
        return FetchRefused(url, f"not an address that can be fetched{where}")
    if isinstance(error, (failure.Timeout, ReadTimeoutError)):
        problem = f"took longer than {timeout_seconds:g}s"
    elif isinstance(error, failure.SSLError):
        problem = f"its certificate cannot be trusted ({_why(error)})"
    elif isinstance(error, codings.Broken):
        problem = "its compressed body is broken"
    elif isinstance(error, ValueError):  # of http.client, where a chunk has less than no bytes
        problem = f"the framing of its body is broken after {received} bytes"
    elif received is not None:
        problem = f"broke off after {received} bytes"
    else:
        problem = f"no answer ({_why(error)})"
    return FetchUnavailable(url, problem + where)


def of_answer(response: requests.Response, url: str, target: str) -> RelaypressError:
    """What an answer means that brings no document."""
    status = response.status_code
    problem = f"answered {status} {_phrase(status)}".rstrip() + at(url, target)
    if status in _GONE:
        return FetchGone(url, problem, status=status)
    if status in _PASSING or 500 <= status <= 599:
        wish = headers.retry_after_seconds(response.headers)
        return FetchUnavailable(url, problem, retry_after_seconds=wish, status=status)
    remedy = "the publisher lets no bot in: ask them" if status in _CLOSED_DOORS else ""
    return FetchRefused(url, problem, remedy=remedy)


def at(url: str, target: str) -> str:
    """What to add to a message where a redirect led away from `url`."""
    return "" if urldefrag(url).url == target else f" at {shown(without_login(target))}"


def without_login(url: str) -> str:
    """`url` without user name and password: messages reach logs."""
    return re.sub(r"//[^/@]*@", "//", url)


def shown(url: str) -> str:
    """`url`, cut where it is too long for a line."""
    return url if len(url) <= 200 else url[:199] + "…"


def _phrase(status: int) -> str:
    """The standard's words: those of the server are a stranger's."""
    return HTTPStatus(status).phrase if status in set(HTTPStatus) else ""


def _why(error: Exception) -> str:
    """The words of the innermost error, without urllib3's object addresses."""
    cause: BaseException = error
    while inner := cause.__cause__ or cause.__context__:
        cause = inner
        if isinstance(cause, NameResolutionError):
            return "its host name is not known"
    text = getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
    return str(text)[:200]
