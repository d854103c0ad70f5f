"""HubSubscriber: keeps the subscriptions, asks the hubs, answers them, and passes on what they tell."""

from __future__ import annotations

import errno
import ipaddress
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from urllib.parse import urlencode, urlsplit

from bot import log
from bot.engines.websub.keys import Signature, credentials, own_token
from bot.engines.websub.listener import Listener
from bot.engines.websub.subscription import LEASE, Subscription
from bot.errors import ConfigError, RelaypressError, Temporary
from bot.model import Topic

logger = log.get()

Post = Callable[[str, Mapping[str, str]], None]
"""POSTs a form to an address; returns at 2xx, else raises what ports.Fetcher.get raises."""

_UNTOLD_LEASE = timedelta(days=1)
_MOST_CHALLENGE_CHARS = 2000


def _now() -> datetime:
    return datetime.now(UTC)


class HubSubscriber:
    """Implements announcements.Subscriptions and doctor.Callback. Thread-safe.

    Nothing is stored: the secrets come from `key`, so deliveries of before a restart are good after it, and
    the hubs are asked anew, which replaces what they have (WebSub, 5.1).
    """

    def __init__(
        self,
        public_url: str,
        place: tuple[str, int],
        key: bytes,
        post: Post,
        now: Callable[[], datetime] = _now,
    ) -> None:
        self._public_url = public_url.rstrip("/")
        self._place = place
        self._key = key
        self._own_token = own_token(key)
        self._post = post
        self._now = now
        self._lock = threading.Lock()
        self._known: dict[str, Subscription] = {}  # by the token of its callback
        self._told: Callable[[str], None] = lambda _feed: None
        self._listener: Listener | None = None
        self.unknown_status: int = HTTPStatus.NOT_FOUND

    def open(self, told: Callable[[str], None]) -> None:
        """Listen; see announcements.Subscriptions. Raises ConfigError where that place is taken."""
        self._told = told
        self._listen()
        logger.info("listening for hubs", place="{}:{}".format(*self._place))

    def close(self) -> None:
        """Stop listening."""
        if self._listener is not None:
            self._listener.stop()

    def keep(self, topics: Mapping[str, Topic], stop: threading.Event) -> None:
        """See announcements.Subscriptions. A hub that is down is left alone for the rest of this call.

        A hub that is not asked over https is not asked at all: it is told a secret (WebSub, 5.1).
        """
        failed: set[str] = set()
        for token, subscription in self._registered(topics).items():
            if stop.is_set():
                return
            hub = subscription.topic.hub
            if hub not in failed and not self._ask(token):
                failed.add(hub)

    def is_trusted(self, feed: str) -> bool:
        """See announcements.Subscriptions."""
        with self._lock:
            return any(each.heard for each in self._of(feed) if each.is_live(self._now()))

    def doubt(self, feed: str) -> None:
        """See announcements.Subscriptions."""
        with self._lock:
            for token, each in self._known.items():
                if each.feed == feed:
                    self._known[token] = replace(each, heard=False)

    def question(self, nonce: str) -> str:
        """See doctor.Callback."""
        return f"{self._public_url}/{self._own_token}?{urlencode({'hub.challenge': nonce})}"

    @contextmanager
    def answering(self) -> Iterator[None]:
        """See doctor.Callback. Hubs that come meanwhile are asked to come again: the service is not there."""
        self.unknown_status = HTTPStatus.SERVICE_UNAVAILABLE
        try:
            self._listen()
        except ConfigError as error:
            if not _is_taken(error):
                raise
            yield  # the service is there, and answers; or somebody else, and that will be found out
            return
        try:
            yield
        finally:
            self.close()

    # --- what hubs ask and tell, by the token of the callback -----------------------------------

    def answer(self, token: str, query: Mapping[str, str]) -> str | None:
        """What to answer a hub that asks back, or denies; None where we did not ask for that (WebSub, 5.2, 5.3)."""
        mode, challenge = query.get("hub.mode", ""), query.get("hub.challenge", "")
        if token == self._own_token:
            return challenge[:_MOST_CHALLENGE_CHARS]
        with self._lock:
            known = self._known.get(token)
            if known is None or query.get("hub.topic") != known.topic.url:
                return None
            if mode == "denied":
                self._known[token] = known.denied(self._now())
                _tell_denial(known, query.get("hub.reason", ""))
                return ""
            asked = known.asked or (known.wanted and known.is_live(self._now()))
            if mode != known.mode or not asked or not 0 < len(challenge) <= _MOST_CHALLENGE_CHARS:
                return None
            self._settle(token, known, query.get("hub.lease_seconds", ""))
        return challenge

    def signature_of(self, token: str, header: str) -> Signature | None:
        """What checks a delivery that bears this signature; None where nothing is to be delivered there."""
        with self._lock:
            known = self._known.get(token)
        return Signature(known.secret, header) if known and known.wanted else None

    def is_ended(self, token: str) -> bool:
        """Whether this subscription was ours and is not wanted any more."""
        with self._lock:
            known = self._known.get(token)
        return known is not None and not known.wanted

    def delivered(self, token: str, *, genuine: bool) -> None:
        """A delivery is in: its feed has changed, if it came from the hub."""
        with self._lock:
            known = self._known.get(token)
            if known is not None and genuine:
                self._known[token] = replace(known, heard=True)
        if known is None:
            return
        if not genuine:
            logger.warning("delivery ignored", feed=known.feed, reason="it is not signed with our secret")
            return
        logger.debug("hub tells of a change", feed=known.feed)
        self._told(known.feed)

    # --------------------------------------------------------------------------------------------

    def _listen(self) -> None:
        self._listener = Listener(self._place, self)
        self._listener.start()

    def _registered(self, topics: Mapping[str, Topic]) -> dict[str, Subscription]:
        """Take up what is new and put off what is not wanted; gives those whose hub is to be asked, by token."""
        now = self._now()
        wanted = {}
        for feed, topic in topics.items():
            if not _keeps_secrets(topic.hub):
                continue
            of_topic = credentials(self._key, feed, topic)
            wanted[of_topic.token] = Subscription(feed, topic, of_topic.secret)
        with self._lock:
            for token, each in self._known.items():
                if token not in wanted:
                    self._known[token] = each.unwanted()
                elif not each.wanted:
                    self._known[token] = wanted[token]
            self._known = {
                **wanted,
                **{token: each for token, each in self._known.items() if not each.is_over(now)},
            }
            return {token: each for token, each in self._known.items() if each.is_due(now)}

    def _ask(self, token: str) -> bool:
        """Ask the hub, which may ask back before it answers; False where it can take no question now."""
        asked = self._begun(token)
        if asked is None:
            return True
        form = {
            "hub.callback": f"{self._public_url}/{token}",
            "hub.mode": asked.mode,
            "hub.topic": asked.topic.url,
            "hub.lease_seconds": str(int(LEASE.total_seconds())),
            "hub.secret": asked.secret,
        }
        try:
            self._post(asked.topic.hub, form)
        except RelaypressError as error:
            wished = error.retry_after_seconds if isinstance(error, Temporary) else None
            self._put_off(token, asked, wished)
            logger.warning("hub cannot be asked", feed=asked.feed, error=str(error))
            return not isinstance(error, Temporary)
        return True

    def _begun(self, token: str) -> Subscription | None:
        """Note that the hub is being asked; None where it need not be any more: it has spoken meanwhile."""
        now = self._now()
        with self._lock:
            known = self._known.get(token)
            if known is None or not known.is_due(now):
                return None
            asked = self._known[token] = known.awaiting(now)
            return asked

    def _put_off(self, token: str, asked: Subscription, wished_seconds: float | None) -> None:
        with self._lock:
            known = self._known.get(token)
            if known is not None and known.asked and known.ask_at == asked.ask_at:  # it has not asked back
                self._known[token] = known.put_off(self._now(), wished_seconds)

    def _settle(self, token: str, known: Subscription, lease: str) -> None:
        """The hub has asked back about what we asked for."""
        if not known.wanted:
            del self._known[token]
            logger.info("unsubscribed", feed=known.feed)
            return
        seconds = timedelta(seconds=int(lease)) if lease.isdecimal() and len(lease) < 10 else _UNTOLD_LEASE
        after = self._known[token] = known.confirmed(self._now(), seconds)
        until = f"{after.live_until:%Y-%m-%d %H:%M} UTC"
        logger.info("subscribed", feed=known.feed, hub=urlsplit(known.topic.hub).netloc, until=until)

    def _of(self, feed: str) -> list[Subscription]:
        return [each for each in self._known.values() if each.feed == feed]


def _is_taken(error: ConfigError) -> bool:
    """Whether another program listens there already."""
    return isinstance(error.__cause__, OSError) and error.__cause__.errno == errno.EADDRINUSE


def _keeps_secrets(hub: str) -> bool:
    """Whether what this hub is told is read by nobody on the way: https, or this machine."""
    parts = urlsplit(hub)
    if parts.scheme == "https":
        return True
    try:
        return ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return parts.hostname == "localhost"


def _tell_denial(subscription: Subscription, reason: str) -> None:
    words = " ".join(reason.split())[:200] or "it gives no reason"
    logger.warning("subscription denied", feed=subscription.feed, reason=words)
