"""Feeds as the software and the sites of this world write them, each with its oddities, in our own words.

What stands in the table is what a reader of the feed's first entry would expect to see.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from bot.stages.feed import parse

FOLDER = Path(__file__).parent.parent / "data" / "feeds"
ADDRESS = "https://feeds.example/feed"
_ENTRY = re.compile(rb"<((?:atom:)?entry|item|url)[\s>].*?</\1>", re.DOTALL)


@dataclass(frozen=True)
class Shown:
    """The first entry of a feed. `text` is found in what the feed holds of it, `no_text` is not."""

    feed: str
    title: str
    link: str
    published: str  # YYYY-MM-DD HH:MM in UTC
    author: str = ""
    categories: tuple[str, ...] = ()
    picture: str = ""
    caption: str = ""
    text: str = ""
    no_text: str = "&lt;p&gt;"
    language: str = ""
    warning: str = ""


FEEDS = {
    "wordpress.xml": Shown(
        feed="The Tidewater Post",
        title="The miller’s weir is to be opened – after 40 years",
        link="https://tidewater.example/2026/03/millers-weir/",
        published="2026-03-02 07:10",
        author="Ida Brook",
        categories=("River", "Fish & Fowl"),
        text="Work begins in <strong>June</strong>.",
        language="en-US",
    ),
    "drupal.xml": Shown(  # a blank line first, links in titles, relative addresses, xml:base
        feed="Canton of Oberwald: news",
        title="Pass road closed & cleared of snow",
        link="https://canton.example/en/node/812",
        published="2026-03-02 05:30",
        author="editor",
        text='<img src="https://canton.example/sites/default/files/pass.jpg"',
        language="en",
    ),
    "ghost.xml": Shown(
        feed="Slow Trains",
        title="A sleeper to the coast & back",
        link="https://slowtrains.example/sleeper-to-the-coast/",
        published="2026-03-02 19:45",
        author="Mara Lind",
        categories=("Night trains", "#migrated"),
        picture="https://slowtrains.example/content/images/2026/03/sleeper.jpg",
        text="<em>21:40</em>",
    ),
    "hugo.xml": Shown(  # an undated page is of the year 1
        feed="Posts on Kernel Garden",
        title="Why `a < b` is not the whole story",
        link="https://kernelgarden.example/posts/less-than/",
        published="2026-03-01 00:00",
        text="<code>float</code>",
        language="en",
    ),
    "jekyll.xml": Shown(  # xml:base on the content
        feed="Lichen & Stone",
        title="“Crustose” isn’t a curse",
        link="https://lichen.example/crustose/",
        published="2026-03-01 20:15",
        author="Una Moss",
        categories=("lichen", "walls"),
        picture="https://lichen.example/assets/wall-card.jpg",
        text='<a href="https://lichen.example/foliose/">',
        language="en",
    ),
    "blogger.xml": Shown(  # five links, of which one leads to the post
        feed="Crumb by Crumb",
        title="Rye, water, time",
        link="https://crumb.example/2026/03/rye.html",
        published="2026-03-02 07:50",
        author="Nell",
        categories=("rye",),
        picture="https://blogger.googleusercontent.com/img/a/rye=s72-c",
        text="Three days&nbsp;are enough.",
    ),
    "medium.xml": Shown(
        feed="Stories by Odd Bakke on Medium",
        title="Queues that never empty",
        link="https://medium.com/@oddbakke/queues-that-never-empty-9f00d1?source=rss-77aa00-----2",
        published="2026-03-01 22:14",
        author="Odd Bakke",
        categories=("software-engineering",),
        text="<p>A queue is a promise.</p>",
    ),
    "substack.xml": Shown(  # an enclosure of no length is a picture
        feed="Grain Prices",
        title="Wheat, week 9",
        link="https://grain.example/p/wheat-week-9",
        published="2026-03-02 06:30",
        author="Ruth Acre",
        picture="https://substackcdn.com/image/fetch/f_auto/wheat-9.png",
        text="<p>Up 3%.</p>",
        language="en",
    ),
    "youtube.xml": Shown(  # the text stands in media:group alone
        feed="Harbour Cam",
        title='Launch of the lifeboat "Tern"',
        link="https://www.youtube.com/watch?v=aB3dE5gH7jK",
        published="2026-03-01 15:00",
        author="Harbour Cam",
        picture="https://i3.ytimg.com/vi/aB3dE5gH7jK/hqdefault.jpg",
        text="<p>She slid at noon.</p><p>Crew &amp; guests on the quay.",
    ),
    "mastodon.xml": Shown(  # no titles
        feed="Port authority",
        title="Berth 4 is free again. #harbour",
        link="https://social.example/@port/113900000000000002",
        published="2026-03-02 08:01",
        categories=("harbour",),
        picture="https://files.social.example/media/berth4.jpg",
        caption="An empty berth at low tide",
        text="Berth 4 is free again.",
    ),
    "reddit.xml": Shown(
        feed="Tides",
        title="King tide at the old pier [OC]",
        link="https://www.reddit.com/r/tides/comments/1abcd/king_tide/",
        published="2026-03-02 07:55",
        author="/u/neap_and_spring",
        categories=("r/tides",),
        picture="https://preview.redd.it/king.jpg?width=640&crop=smart",
        text='alt="King tide"',
    ),
    "podcast.xml": Shown(  # no links
        feed="Low Water",
        title="12: Lugworms & lore",
        link="",
        published="2026-03-02 10:00",
        author="Amy Sand, Bo Silt",
        picture="https://lowwater.example/ep12.jpg",
        text="With Dr Amy Sand.",
        language="en-gb",
    ),
    "news-sitemap.xml": Shown(
        feed="Markets Daily",
        title="Copper Rises as Miners' Talks Stall",
        link="https://markets.example/news/articles/2026-03-02/copper-rises",
        published="2026-03-02 07:41",
        categories=("Copper", "Mining & Metals", "Chile"),
        picture="https://assets.markets.example/images/copper/1200x800.jpg",
        language="en",
    ),
    "microblog.json": Shown(  # no title; an id that is a number; text without markup
        feed="Tove's notes",
        title="Isen går idag. 🧊",
        link="https://tove.example/2026/03/02/ice.html",
        published="2026-03-02 07:15",
        text='<img src="https://tove.example/uploads/2026/is.jpg"',
        language="sv",
    ),
    "feedburner.xml": Shown(  # links lead through a counter
        feed="Gear & Grease",
        title="Chains, oiled",
        link="https://gear.example/chains/",
        published="2026-03-02 12:00",
        text="<p>Less is more.</p>",
    ),
    "broadcaster.xml": Shown(  # bare ampersands in links, numbered guids
        feed="Island News",
        title="Ferry strike: 'We'll sit it out'",
        link="https://www.island.example/news/articles/c0ferry0o?at_medium=RSS&at_campaign=rss",
        published="2026-03-02 07:58",
        picture="https://ichef.island.example/ace/standard/240/cpsprodpb/ferry.jpg",
        text="Crews on all five routes",
        language="en-gb",
        warning="not well-formed XML",
    ),
    "foreign-service.rdf": Shown(
        feed="Rundfunk International",
        title="Brücke über die Ache wieder offen",
        link="https://www.rundfunk.example/de/bruecke/a-71000001?maca=de-rss-all-1119-rdf",
        published="2026-03-02 07:31",
        categories=("Verkehr",),
        text="Nach drei Jahren Sperre rollt der Verkehr – zunächst einspurig.",
        language="de",
    ),
    "agency.xml": Shown(  # escaped twice, a picture in two sizes, an impossible date
        feed="Wire: Business",
        title="UPDATE 2-Shipyard's order book & outlook <HULL.X>",
        link="https://wire.example/business/shipyard-idUSKBN0001?feedType=RSS&feedName=business",
        published="2026-03-02 08:05",
        categories=("businessNews",),
        picture="https://pictures.wire.example/hull-large.jpg",
        text="The yard has orders for <b>nine</b> ferries.</p>",
        language="en-us",
    ),
    "squarespace.xml": Shown(  # a byte order mark before the declaration
        feed="Journal - Clay House",
        title="The kiln, rebuilt",
        link="https://clayhouse.example/journal/kiln",
        published="2026-03-01 18:20",
        author="Ken Loam",
        picture="https://images.clayhouse.example/kiln.jpg?format=1500w",
        text="Brick by brick.",
        language="en-GB",
    ),
    "wix.xml": Shown(
        feed="Padaria do Cais",
        title="Pão de centeio está de volta",
        link="https://www.padaria.example/post/p%C3%A3o-de-centeio",
        published="2026-03-02 08:45",
        author="Inês",
        picture="https://static.wixstatic.example/media/abc~mv2.png/v1/fit/w_1000/file.png",
        text="Depois de um ano sem forno, voltamos.",
    ),
    "joomla.xml": Shown(  # says UTF-8, is Windows-1252
        feed="Musée de la Mine – Actualités",
        title="L’été au fond : « Germinal » à 300 m",
        link="https://mine.example/index.php/actualites/41-germinal",
        published="2026-03-02 07:00",
        author="Zoé Houille",
        categories=("Actualités",),
        text="Réservez dès à présent : 12 €.",
        language="fr-fr",
    ),
    "phpbb.xml": Shown(  # entries differ by the fragment of their links
        feed="Sails forum",
        title="Rigging • Re: Splice or knot?",
        link="https://forum.sails.example/viewtopic.php?p=5512#p5512",
        published="2026-03-02 07:40",
        author="bosun&mate",
        categories=("Rigging",),
        text="Splice.",
        language="en-gb",
    ),
    "mediawiki.xml": Shown(  # entries differ by the parameters of their links
        feed="Knotwiki - Recent changes [en]",
        title="Bowline",
        link="https://wiki.knots.example/w/index.php?title=Bowline&diff=902&oldid=901",
        published="2026-03-02 08:30",
        author="Turner",
        text="<ins>rabbit</ins>",
        language="en",
    ),
    "releases.xml": Shown(  # somebody's face is no picture of the entry
        feed="Release notes from tideclock",
        title="v1.2.0: spring tides",
        link="https://github.com/example/tideclock/releases/tag/v1.2.0",
        published="2026-03-01 17:00",
        author="neap",
        text="<code>&lt;tide&gt;</code>",
        language="en-US",
    ),
    "arxiv.xml": Shown(  # signs that look like markup
        feed="physics.ao-ph updates on arXiv.org",
        title=r"Tides for $\epsilon < 1$: a $k$-fold bound",
        link="https://arxiv.org/abs/2603.00123",
        published="2026-03-02 05:00",
        author=r"Ana Mar\'e, Bjorn Ebb",
        categories=("physics.ao-ph", "math.AP"),
        text=r"$\beta > 0$ suffices.",
        language="en-us",
    ),
    "earthquakes.xml": Shown(
        feed="USGS Magnitude 4.5+ Earthquakes, Past Day",
        title="M 5.1 - 44 km NNW of Port Hallin",
        link="https://earthquake.usgs.gov/earthquakes/eventpage/us7000tide",
        published="2026-03-02 08:10",
        categories=("Age", "Magnitude"),
        text="<dt>Depth</dt><dd>10.00 km (6.21 mi)</dd>",
    ),
    "prefixed.xml": Shown(  # a prefix on every element, and the page is the second link
        feed="Official notices",
        title="Notice under section 9",
        link="https://gazette.example/notices/4400012",
        published="2026-03-02 06:00",
        text='<a href="https://gazette.example/notices/map">to be closed</a>',
    ),
}


def read(name: str, body: bytes | None = None):
    return parse(body or (FOLDER / name).read_bytes(), "application/xml", "f", ADDRESS)


@pytest.mark.parametrize("name", FEEDS)
def test_the_first_entry_is_what_a_reader_expects(name):
    expected, feed = FEEDS[name], read(name)
    entry = feed.entries[0]
    pictures = [(picture.url, picture.caption) for picture in entry.pictures[:1]]
    assert feed.title == expected.feed
    assert feed.warning.startswith(expected.warning)
    assert bool(feed.warning) == bool(expected.warning)
    assert (entry.title, entry.link) == (expected.title, expected.link)
    assert f"{entry.published:%Y-%m-%d %H:%M}" == expected.published
    assert (entry.author, entry.categories) == (expected.author, expected.categories)
    assert pictures == ([(expected.picture, expected.caption)] if expected.picture else [])
    assert entry.language == expected.language
    assert expected.text in entry.summary_html + entry.content_html
    assert expected.no_text not in entry.summary_html + entry.content_html


@pytest.mark.parametrize("name", FEEDS)
def test_no_entry_is_lost_and_each_has_a_key_that_stays(name):
    feed = read(name)
    keys = {entry.key for entry in feed.entries}
    assert len(keys) == len(feed.entries) == 2
    assert [entry.key for entry in read(name).entries] == [entry.key for entry in feed.entries]
    assert all(entry.title for entry in feed.entries)
    if not name.endswith(".json"):
        turned = [entry.key for entry in read(name, in_the_other_order(name)).entries]
        assert turned == [entry.key for entry in reversed(feed.entries)]


def in_the_other_order(name: str) -> bytes:
    body = (FOLDER / name).read_bytes()
    entries = list(_ENTRY.finditer(body))
    gaps = [body[one.end() : other.start()] for one, other in pairwise(entries)]
    text = body[: entries[0].start()]
    for entry, gap in zip(reversed(entries), [*gaps, body[entries[-1].end() :]], strict=True):
        text += entry[0] + gap
    return text


def test_dates_that_cannot_be_are_none():
    assert read("hugo.xml").entries[1].published is None
    assert read("agency.xml").entries[1].published is None


def test_the_days_on_which_a_feed_sleeps():
    assert read("arxiv.xml").skip_days == (5, 6)


def test_text_without_markup_keeps_its_paragraphs_and_its_signs():
    entry = read("microblog.json").entries[1]
    assert entry.content_html == "<p>Första stycket &lt;inte markup&gt;.</p><p>Andra stycket.</p>"
    assert (entry.guid, entry.author, entry.categories) == ("812", "Tove, Gäst", ("is", "vår"))


def test_an_episode_without_guid_and_link_is_known_by_title_and_date():
    episode = read("podcast.xml").entries[1]
    assert (episode.guid, episode.link) == ("", "")
    assert episode.published == datetime(2026, 2, 23, 10, tzinfo=UTC)
