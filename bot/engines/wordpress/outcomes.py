"""What each way a call can end means for us: a pure table, from WordPress's words to bot/errors.py.

    surely not made    NotSent, a Fault, and the statuses of NOT_DONE
    unknown            NoAnswer and every other status: a front (Varnish, nginx, a firewall that reads answers)
                       may say 403, 502 or 503 after WordPress has made the post

Sources: class-wp-xmlrpc-server.php and IXR/class-IXR-server.php of WordPress 6.1 to 6.5, tried for real.
"""

from __future__ import annotations

import html
import re
from urllib.parse import urlsplit

from bot.engines.wordpress.wire import Answered
from bot.errors import PostOutcomeUnknown, RelaypressError, SiteRefused, SiteUnavailable, SiteUnusable
from bot.units import is_loopback

NOT_DONE = frozenset({301, 302, 307, 308, 401, 404, 405, 411, 413, 414, 415, 421, 429, 431})
"""Statuses that only a server which did not hand the call on gives: nothing was made."""

_LATER = frozenset({408, 425, 429})

REMEDIES = {
    401: "the server asks for a login of its own: let xmlrpc.php through without one",
    403: "let the bot's address through to xmlrpc.php in the host's firewall or the security plugin",
    404: "write the site's home page, or the address of its xmlrpc.php, into url",
    405: "switch XML-RPC on: a plugin, or the filter xmlrpc_enabled, has switched it off",
    406: "let the bot's address through to xmlrpc.php in the host's firewall (mod_security)",
    410: "write the site's home page, or the address of its xmlrpc.php, into url",
    413: "raise client_max_body_size (nginx), LimitRequestBody (Apache) or post_max_size (PHP) on the site",
}
PROBLEMS = {
    404: "no WordPress answers at this address",
    405: "XML-RPC services are disabled on this site",
    410: "no WordPress answers at this address",
    413: "the site's server takes no call of this size",
}


class Faulted(SiteRefused):
    """WordPress itself said no. `code` is the Fault's, the only part that no translation changes."""

    def __init__(self, site: str, code: int, text: str, *, remedy: str = "") -> None:
        super().__init__(site, f"WordPress refused: {text} (fault {code})", remedy=remedy)
        self.code = code


class AnswerLost(SiteUnavailable):
    """A call that may be repeated was sent and no whole answer came back."""


def of_status(site: str, answered: Answered, page: str, *, once: bool) -> RelaypressError:
    """The error for another status than 200. `page`: its first words; `once`: the call must not happen twice."""
    status = answered.status
    problem = PROBLEMS.get(status) or f"the server answered {status}" + (f' "{page}"' if page else "")
    remedy = REMEDIES.get(status, "")
    if once and status not in NOT_DONE:
        return PostOutcomeUnknown(site, problem, remedy=remedy)
    if status == 413:
        return SiteRefused(site, problem, remedy=remedy)
    if answered.location:
        return SiteUnavailable(site, f"the site has moved to {answered.location}")
    if status >= 500 or status in _LATER:
        wished = answered.retry_after_seconds
        kind = SiteUnavailable if status in _LATER else AnswerLost
        return kind(site, problem, remedy=remedy, retry_after_seconds=wished)
    return SiteUnusable(site, problem, remedy=remedy)


def of_fault(site: str, code: int, text: str) -> RelaypressError:
    """The error for a Fault of WordPress, whichever call it answers."""
    if code == 405:
        return SiteUnusable(site, PROBLEMS[405], remedy=REMEDIES[405])
    if code == -32601:
        return no_method(site, text)
    return Faulted(site, code, _plain(text))


def no_method(site: str, text: str) -> SiteUnusable:
    """The site does not know a method that every WordPress has."""
    remedy = "a security plugin takes XML-RPC methods away, or url is no WordPress: allow them for the bot"
    return SiteUnusable(
        site, f"the site does not offer the XML-RPC method that is needed: {_plain(text)}", remedy=remedy
    )


def wrong_password(site: str, username: str, address: str) -> SiteUnusable:
    """Fault 403 of a login. Over plain http it is also what a right Application Password gets."""
    remedy = f"make an Application Password for the user {username} and put it into password_env"
    parts = urlsplit(address)
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        remedy = f"Application Passwords work over https only: write https:// into url; else {remedy}"
    return SiteUnusable(site, f"the site refuses user name or password of {username}", remedy=remedy)


def _plain(text: str) -> str:
    """A Fault's text in one short line: WordPress puts markup and entities into some."""
    bare = html.unescape(re.sub(r"<[^<>]*>", " ", text[:2_000]))
    return " ".join(bare.split())[:300] or "no reason given"
