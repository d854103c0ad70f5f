"""From what stands in `url` to the address of xmlrpc.php: the usual place, redirects, RSD.

Only addresses of the same host (with or without `www.`) are followed by themselves, and never from https to
http: the calls carry the password.
"""

from __future__ import annotations

import html
import re
from urllib.parse import urljoin, urlsplit

from bot.engines.wordpress.wire import Answered, Wire
from bot.errors import SiteUnusable

_LINK = re.compile(r"<link\b[^<>]*\brel=[\"']EditURI[\"'][^<>]*>", re.IGNORECASE)
_HREF = re.compile(r"\bhref=[\"']([^\"']+)[\"']", re.IGNORECASE)
_API = re.compile(r"<api\b[^<>]*\bname=\"WordPress\"[^<>]*\bapiLink=\"([^\"]+)\"", re.IGNORECASE)


def usual_address(url: str) -> str:
    """Where WordPress has its xmlrpc.php, unless `url` already names a PHP file."""
    return url if urlsplit(url).path.endswith(".php") else url.rstrip("/") + "/xmlrpc.php"


def home_of(url: str) -> str:
    """The home page, without a slash at the end."""
    return re.sub(r"/[^/]*\.php$", "", url.rstrip("/"))


def next_address(site: str, address: str, answered: Answered) -> str:
    """Where a redirect of `address` leads. Raises SiteUnusable where the password may not follow."""
    target = urljoin(address, answered.location)
    if urlsplit(target).path != urlsplit(address).path:
        remedy = "let the bot's address through to xmlrpc.php in the host's firewall or the security plugin"
        raise SiteUnusable(site, f"the site sends XML-RPC calls away, to {target}", remedy=remedy)
    return _trusted(site, address, target)


def advertised_address(site: str, wire: Wire, url: str) -> str:
    """What the home page advertises by Really Simple Discovery (`<link rel="EditURI">`); '' where nothing.

    Raises NotSent, Answered, SiteUnusable.
    """
    home = home_of(url) + "/"
    link = _LINK.search(wire.get(home).decode("utf-8", "replace"))
    href = _HREF.search(link[0]) if link else None
    if href is None:
        return ""
    document = _trusted(site, home, urljoin(home, html.unescape(href[1])))
    api = _API.search(wire.get(document).decode("utf-8", "replace"))
    return _trusted(site, home, html.unescape(api[1])) if api else ""


def _trusted(site: str, known: str, target: str) -> str:
    old, new = urlsplit(known), urlsplit(target)
    same_host = _bare(old.hostname) == _bare(new.hostname)
    if same_host and new.scheme in ("http", "https") and (old.scheme, new.scheme) != ("https", "http"):
        return target
    raise SiteUnusable(site, f"the site has moved to {target}", remedy="if that is right, write it into url")


def _bare(host: str | None) -> str:
    return (host or "").removeprefix("www.")
