"""Posts made as the bot makes them, and their pages as a reader gets them."""

from __future__ import annotations

import urllib.request
from dataclasses import replace

import bs4
from pydantic import SecretStr

from bot.config import SiteConfig
from bot.engines.wordpress import WordPress
from bot.model import RemotePost
from tests.conftest import RealWordPress
from tests.contracts.site import make_picture, make_post

SOURCE = "https://source.example/story?a=1&b=2"


def relay(
    wordpress: RealWordPress, who: str = "author", *, picture: bool = False, beside: str = "", **changes
) -> RemotePost:
    """Make a post; `beside` is the stand-in of tests/data/seo that is active meanwhile."""
    facts = {"relay_source_url": SOURCE, "relay_source_language": "en", "relay_engine": "google"}
    fields = {**facts, **changes.pop("fields", {})}
    post = make_post(**changes)
    post = replace(post, fields=(("relay_key", post.key), *fields.items()))
    site = WordPress(configured(wordpress, who, beside=beside))
    try:
        return site.create(post, [], [], site.upload(make_picture(), "Un phare", "") if picture else None)
    finally:
        site.close()


def configured(wordpress: RealWordPress, who: str = "author", *, beside: str = "", **more) -> SiteConfig:
    login = getattr(wordpress, who)
    url = f"{wordpress.url}/xmlrpc.php?stand-in={beside}" if beside else wordpress.url
    table = {"name": "monde", "url": url, "username": login.username, "language": "fr", **more}
    return SiteConfig.model_validate({**table, "password": SecretStr(login.app_password)})


def page_of(url: str, *, beside: str = "") -> bs4.BeautifulSoup:
    with urllib.request.urlopen(f"{url}?stand-in={beside}" if beside else url, timeout=20) as answer:
        return bs4.BeautifulSoup(answer.read(), "xml" if url.endswith(".xml") else "lxml")


def canonicals(page: bs4.BeautifulSoup) -> list[str]:
    return [link["href"] for link in page.select('head link[rel="canonical"]')]


def robots(page: bs4.BeautifulSoup) -> str:
    return " ".join(tag["content"] for tag in page.select('head meta[name="robots"]'))
