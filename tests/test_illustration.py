from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import bs4
import pytest
import structlog
from pydantic import SecretStr

from bot import app
from bot.config import FeedConfig, SiteConfig
from bot.engines.store import DatabaseStore
from bot.errors import SiteUnavailable, SiteUnusable
from bot.illustration import PATIENCE, Illustrator
from bot.model import CleanArticle, Picture, Post, SafeHtml, Translation
from bot.stages import compose, sanitise
from tests.fakes.site import FakeSite
from tests.fakes.web import FakePictures

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
GOOD, BAD = "https://source.example/good.jpg", "https://source.example/bad.jpg"
DISCLAIMER = "Texte relayé par une machine, sans avis humain."
BODY = f"""<p>Corps.</p><figure><img src="{GOOD}" alt="Un phare"><figcaption>Le phare</figcaption></figure>
<figure><img src="{BAD}" alt="Une île"><figcaption>Une île</figcaption></figure>"""
SETTINGS = SiteConfig(
    name="monde",
    url="https://monde.example",
    username="u",
    password=SecretStr("x"),
    language="fr",
    disclaimer=DISCLAIMER,
)
POWERLESS = SiteUnavailable("monde", "answered HTTP 500 Internal Server Error")
FIREWALL = SiteUnusable("monde", "answered HTTP 403 Forbidden")


@pytest.fixture
def pictures():
    return FakePictures({GOOD: b"good"})


@pytest.fixture
def illustrator(tmp_path, pictures):
    store = DatabaseStore(f"sqlite:///{tmp_path}/bot.db")
    yield Illustrator(pictures, store)
    store.close()


def composed(body: str = BODY, template: str = "") -> Post:
    feed = FeedConfig(name="gv", url="https://x.example/feed", language="en", sites=("monde",))
    layout = compose.Layout(feed, SETTINGS, template or app.template_of(SETTINGS), sanitise.inert)
    article = CleanArticle("https://source.example/a", "T", SafeHtml(body), "feed")
    translation = Translation("Titre", "", sanitise.sanitise(body), "en", "fr", "google")
    post = compose.compose(layout, article, translation, "0" * 20, NOW)
    return replace(post, picture=Picture(GOOD, "Un phare"))


def text_of(post: Post) -> str:
    return bs4.BeautifulSoup(post.html, "lxml").get_text(" ")


def test_a_picture_that_is_gone_takes_its_caption_along_and_nothing_else(illustrator):
    post, thumbnail = illustrator.settle(FakeSite(), composed(), SETTINGS)
    assert thumbnail is not None
    assert f'src="{thumbnail.url}"' in post.html
    assert BAD not in post.html
    assert "Une île" not in text_of(post)
    assert "Corps." in text_of(post)
    assert DISCLAIMER in text_of(post)


@pytest.mark.parametrize(
    "page",
    [
        # Only a parser knows that these are no figures; leave_out reads the text of the markup.
        '<!-- <figure><img src="{bad}"> --><p>{text}</p><!-- </figure> -->',
        '<p title="<figure>"><img src="{bad}">{text}</p><figure></figure>',
    ],
)
def test_no_post_is_sent_whose_disclaimer_went_with_a_picture(illustrator, page):
    html = page.format(bad=BAD, text=DISCLAIMER)
    assert compose.holds_visibly(html, DISCLAIMER)
    with pytest.raises(SiteUnusable, match="hangs the disclaimer on a picture"):
        illustrator.settle(FakeSite(), replace(composed(), html=html), SETTINGS)


def test_a_post_composed_with_an_earlier_disclaimer_still_goes_out(illustrator):
    post, _ = illustrator.settle(FakeSite(), composed(), SETTINGS.model_copy(update={"disclaimer": "Neuf."}))
    assert DISCLAIMER in text_of(post)


@pytest.mark.parametrize("error", [POWERLESS, FIREWALL], ids=["500", "403"])
def test_an_upload_that_always_fails_holds_up_a_post_for_three_attempts_only(illustrator, error):
    site = FakeSite()
    site.fail("upload", error, times=PATIENCE + 2)
    for attempts in range(PATIENCE):
        with pytest.raises(type(error)):
            illustrator.settle(site, composed(), SETTINGS, attempts=attempts)
    with structlog.testing.capture_logs() as logs:
        post, thumbnail = illustrator.settle(site, composed(), SETTINGS, attempts=PATIENCE)
    assert thumbnail is None
    assert "<img" not in post.html
    assert DISCLAIMER in text_of(post)
    assert str(error) in [line["error"] for line in logs if line["log_level"] == "warning"]


def test_a_site_that_recovers_gets_its_pictures_whatever_failed_before(illustrator):
    post, thumbnail = illustrator.settle(FakeSite(), composed(), SETTINGS, attempts=PATIENCE + 4)
    assert thumbnail is not None
    assert thumbnail.url in post.html
