"""Calls to one site: a Client built at the first one, and every failure told as ours."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar
from xmlrpc.client import Fault

from bot.config import SiteConfig
from bot.engines.wordpress import discovery, outcomes, shim
from bot.engines.wordpress.envelope import Transport
from bot.engines.wordpress.wire import Answered, NoAnswer, NotSent, Wire
from bot.errors import PostOutcomeUnknown, RelaypressError, SiteUnavailable, SiteUnusable

_MOST_HOPS = 5

T = TypeVar("T")


def read_id(answer: object) -> int:
    """An id of WordPress: a number above 0, that comes as a string. Raises ValueError."""
    number = int(str(answer))
    if number < 1:
        raise ValueError(f"{number} is no id")
    return number


class Connection:
    """Makes the calls of python-wordpress-xmlrpc. One object for all threads.

    The Client asks the network in its constructor: it is made at the first call, once, under a lock.
    """

    def __init__(self, site: SiteConfig, contact: str) -> None:
        self.site = site.name
        self.home = discovery.home_of(site.url)
        self._config = site
        self._wire = Wire(contact, site.timeout.total_seconds())
        self._client: shim.Client | None = None
        self._lock = threading.Lock()

    def call(self, method: Any, read: Callable[[Any], T], *, once: bool = False) -> T:
        """Make one call and give what `read` makes of its result. `once`: it must not happen twice.

        Raises SiteUnavailable (AnswerLost where it was sent), SiteUnusable, SiteRefused (Faulted where WordPress
        said no); with `once` PostOutcomeUnknown where it may have taken effect.
        """
        with self._told(once=False):
            client = self._connected()
        with self._told(once=once):
            answer = client.call(method)
        try:
            return read(answer)
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            problem = f"{method.method_name} was answered with something else than was asked for"
            raise self._lost(problem, once=once) from error

    def close(self) -> None:
        """Close what is open."""
        self._wire.close()

    def _connected(self) -> shim.Client:
        with self._lock:
            if self._client is None:
                self._client = self._connect(discovery.usual_address(self._config.url))
            return self._client

    def _connect(self, address: str) -> shim.Client:
        """Follow redirects and RSD to where WordPress answers. No password is sent on the way."""
        for _ in range(_MOST_HOPS):
            try:
                return self._client_at(address)
            except Answered as answered:
                address = self._better(address, answered)
        raise SiteUnusable(self.site, "the site's redirects go round in a circle", remedy="check url")

    def _client_at(self, address: str) -> shim.Client:
        password = self._config.password.get_secret_value()
        return shim.Client(address, self._config.username, password, transport=Transport(self._wire, address))

    def _better(self, address: str, answered: Answered) -> str:
        if answered.location:
            return discovery.next_address(self.site, address, answered)
        if answered.status not in (404, 410):
            raise answered
        found = discovery.advertised_address(self.site, self._wire, self._config.url)
        if found in ("", address):
            raise answered
        return found

    @contextmanager
    def _told(self, *, once: bool) -> Iterator[None]:
        """The one boundary: what the library and the wire raise becomes an error of ours."""
        try:
            yield
        except NotSent as error:
            raise SiteUnavailable(self.site, f"the site cannot be reached: {error}") from error
        except (NoAnswer, shim.FieldConversionError) as error:
            problem = f"no whole answer came back: {self._hidden(str(error))}"
            raise self._lost(problem, once=once) from error
        except Answered as error:
            if error.location:
                self._forget()  # the next call learns the new address
            raise outcomes.of_status(self.site, error, self._hidden(error.glimpse), once=once) from error
        except shim.UnsupportedXmlrpcMethodError as error:
            self._forget()  # it may be allowed again later
            raise outcomes.no_method(self.site, str(error)) from error
        except shim.InvalidCredentialsError as error:
            raise self._of_403(self._hidden(str(error))) from error
        except shim.XmlrpcDisabledError as error:
            raise outcomes.of_fault(self.site, 405, "") from error
        except Fault as error:
            text = self._hidden(error.faultString)
            raise outcomes.of_fault(self.site, error.faultCode, text) from error

    def _lost(self, problem: str, *, once: bool) -> RelaypressError:
        return (PostOutcomeUnknown if once else outcomes.AnswerLost)(self.site, problem)

    def _of_403(self, text: str) -> RelaypressError:
        """WordPress says 403 for a wrong password and for a stale id alike, in the site's language."""
        if self._login_passes():
            return outcomes.of_fault(self.site, 403, text)
        client = self._client
        address = client.url if client else self._config.url
        return outcomes.wrong_password(self.site, self._config.username, address)

    def _login_passes(self) -> bool:
        with self._told(once=False):
            try:
                self._connected().call(shim.GetUsersBlogs())
            except shim.InvalidCredentialsError:
                return False
        return True

    def _forget(self) -> None:
        with self._lock:
            self._client = None

    def _hidden(self, text: str) -> str:
        """A site's own words, should it have echoed the password."""
        secret = self._config.password.get_secret_value()
        return text.replace(secret, "***") if secret else text
