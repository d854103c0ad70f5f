"""Embedded players and posts become links: a bot must not run other people's frames on its owner's site."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

import lxml.html
from lxml.html import HtmlElement

from bot.stages.extract import pictures

# Address of a frame -> the page that a reader can open. First match wins; a frame that matches none vanishes.
_PLAYERS = tuple(
    (re.compile(rf"^(?:https?:)?//(?:www\.)?{pattern}", re.IGNORECASE), page)
    for pattern, page in (
        (
            r"youtube(?:-nocookie)?\.com/(?:embed|v|shorts)/(?!videoseries)([\w-]{6,})",
            "https://www.youtube.com/watch?v={}",
        ),
        (
            r"youtube(?:-nocookie)?\.com/embed/videoseries\?(?:.*&)?list=([\w-]+)",
            "https://www.youtube.com/playlist?list={}",
        ),
        (r"youtube\.com/watch\?(?:.*&)?v=([\w-]{6,})", "https://www.youtube.com/watch?v={}"),
        (r"youtu\.be/([\w-]{6,})", "https://www.youtube.com/watch?v={}"),
        (r"player\.vimeo\.com/video/(\d+)", "https://vimeo.com/{}"),
        (
            r"(?:geo\.)?dailymotion\.com/(?:embed/video/|player(?:/\w+)?\.html\?(?:.*&)?video=)(\w+)",
            "https://www.dailymotion.com/video/{}",
        ),
        (r"embed\.ted\.com/talks/([\w/-]+)", "https://www.ted.com/talks/{}"),
        (r"rumble\.com/embed/(\w+)", "https://rumble.com/embed/{}"),
        (r"streamable\.com/[eos]/(\w+)", "https://streamable.com/{}"),
        (r"player\.twitch\.tv/\?(?:.*&)?video=v?(\d+)", "https://www.twitch.tv/videos/{}"),
        (r"rutube\.ru/(?:play/embed|video/embed)/(\w+)", "https://rutube.ru/video/{}/"),
        (r"player\.bilibili\.com/player\.html\?(?:.*&)?bvid=(\w+)", "https://www.bilibili.com/video/{}"),
        (r"(vk\.com/video_ext\.php\?[\w=&-]+)", "https://{}"),
        (r"facebook\.com/plugins/(?:video|post)\.php\?(?:.*&)?href=(https?(?::|%3a)[^&#]+)", "{}"),
        (r"w\.soundcloud\.com/player/?\?(?:.*&)?url=(https?(?::|%3a)[^&#]+)", "{}"),
        (r"open\.spotify\.com/embed(?:-podcast)?/(\w+/\w+)", "https://open.spotify.com/{}"),
        (r"instagram\.com/(p|reel|tv)/([\w-]+)", "https://www.instagram.com/{}/{}/"),
        (
            r"platform\.twitter\.com/embed/(?:Tweet|index)\.html\?(?:.*&)?id=(\d+)",
            "https://twitter.com/i/status/{}",
        ),
        (r"tiktok\.com/(?:embed(?:/v2)?|player/v1)/(\d+)", "https://www.tiktok.com/embed/v2/{}"),
        (r"tiktok\.com/(@[\w.-]+)/video/(\d+)", "https://www.tiktok.com/{}/video/{}"),
        (r"(?:twitter|x)\.com/(\w+)/status/(\d+)", "https://twitter.com/{}/status/{}"),
        (r"facebook\.com/([\w.-]+/(?:posts|videos)/[\w.-]+)", "https://www.facebook.com/{}"),
        (r"threads\.(?:net|com)/(@[\w.]+/post/[\w-]+)", "https://www.threads.com/{}"),
        (r"t\.me/(\w+/\d+)", "https://t.me/{}"),
        (
            r"embed\.bsky\.app/embed/(did:[\w:.-]+)/app\.bsky\.feed\.post/(\w+)",
            "https://bsky.app/profile/{}/post/{}",
        ),
        (r"(?:embed\.)?reddit(?:media)?\.com/(r/\w+/comments/\w+)", "https://www.reddit.com/{}/"),
        (r"([\w.-]+/@[\w.@-]+/\d+)/embed\b", "https://{}"),  # Mastodon, on whatever host
        (r"([\w.-]+)/videos/embed/([\w-]{20,40})", "https://{}/videos/watch/{}"),  # so is PeerTube
        (r"embed\.(podcasts|music)\.apple\.com/([^\s?#]+)", "https://{}.apple.com/{}"),
        (r"widget\.deezer\.com/widget/\w+/(\w+/\d+)", "https://www.deezer.com/{}"),
        (r"odysee\.com/\$/embed/([^\s?#]+)", "https://odysee.com/{}"),
        (r"datawrapper\.dwcdn\.net/(\w{5})\b", "https://datawrapper.dwcdn.net/{}/"),
        (r"flo\.uri\.sh/(visualisation|story)/(\d+)", "https://public.flourish.studio/{}/{}/"),
        (r"e\.infogram\.com/([\w-]+)", "https://infogram.com/{}"),
        (r"(?:embed\.)?documentcloud\.org/documents/([\w-]+)", "https://www.documentcloud.org/documents/{}"),
        (r"scribd\.com/embeds/(\d+)", "https://www.scribd.com/document/{}"),
        (
            r"google\.[a-z.]{2,6}/maps/embed\?(?:.*&)?pb=[^&]*?!2d(-?[\d.]+)!3d(-?[\d.]+)",
            "https://www.google.com/maps?q={1},{0}",
        ),
        (r"google\.[a-z.]{2,6}/maps/embed/v1/\w+\?(?:.*&)?q=([^&#\s]+)", "https://www.google.com/maps?q={}"),
        (
            r"google\.[a-z.]{2,6}/maps/d/(?:u/\d/)?embed\?(?:.*&)?mid=([\w.-]+)",
            "https://www.google.com/maps/d/viewer?mid={}",
        ),
        (r"maps\.google\.[a-z.]{2,6}/(?:maps)?\?(?:.*&)?q=([^&#\s]+)", "https://www.google.com/maps?q={}"),
        (
            r"openstreetmap\.org/export/embed\.html\?(?:.*&)?marker=(-?[\d.]+)(?:,|%2c)(-?[\d.]+)",
            "https://www.openstreetmap.org/?mlat={}&mlon={}",
        ),
    )
)

# An AMP or "lite" element, the attribute that holds the id, and the frame that it stands for.
_COMPONENTS = (
    ("amp-youtube", "data-videoid", "https://www.youtube.com/embed/{}"),
    ("lite-youtube", "videoid", "https://www.youtube.com/embed/{}"),
    ("amp-vimeo", "data-videoid", "https://player.vimeo.com/video/{}"),
    ("lite-vimeo", "videoid", "https://player.vimeo.com/video/{}"),
    ("amp-dailymotion", "data-videoid", "https://www.dailymotion.com/embed/video/{}"),
    ("amp-twitter", "data-tweetid", "https://platform.twitter.com/embed/Tweet.html?id={}"),
    ("amp-instagram", "data-shortcode", "https://www.instagram.com/p/{}"),
    ("amp-facebook", "data-href", "{}"),
    ("amp-iframe", "src", "{}"),
)
_FRAMES = ("iframe", "embed", "object", *(tag for tag, _, _ in _COMPONENTS))
_SOURCES = ("data-src", "data-lazy-src", "data-litespeed-src", "data-url", "src", "data")
_PERMALINKS = ("data-instgrm-permalink", "data-embed-url", "cite")
_TITLE_CHARS, _TITLE_WORDS = 150, 3
_NO_GRAPHIC = re.compile(
    r"\b(?:ads?|advert\w*|banner|captcha|chat|comments?|consent|cookies?|form|log ?in|newsletters?|promo\w*|share|sign|subscri\w*|"
    r"survey|track\w*|widget)\b",
    re.IGNORECASE,
)


def to_links(root: HtmlElement, base_url: str) -> None:
    """Turn what the allow-list knows into `<p><a href="...">title or host</a></p>`; drop every other frame.

    Films and sounds are taken from wherever they lie, as seen from `base_url`; a frame that no list knows, where the site
    itself shows it and says what it is: a map, a chart.
    """
    for frame in list(root.iter(*_FRAMES)):
        address = _page_of(_frame_address(frame)) or _own_graphic(frame, base_url)
        _replace(frame, address, frame.get("title") or "")
    for medium in list(root.iter("video", "audio", "amp-video", "amp-audio")):
        _replace(medium, _file_of(medium, base_url), medium.get("title") or "")
    for script in [each for each in root.iter("script") if each.get("data-telegram-post")]:
        _replace(script, _page_of(f"https://t.me/{script.get('data-telegram-post')}"), "")
    for post in [each for each in root.iter("div") if each.get("data-href")]:
        if " fb-" in f" {post.get('class')}":
            _replace(post, _page_of(post.get("data-href")), "")
    for quote in root.iter("blockquote"):
        _add_link(quote)


def _page_of(address: str) -> str:
    """The page to open instead of this frame; '' where it is not on the allow-list."""
    for pattern, page in _PLAYERS:
        match = pattern.match(address.strip())
        if match:
            url = page.format(*map(unquote, match.groups()))
            return url if _is_web(url) else ""
    return ""


def _frame_address(frame: HtmlElement) -> str:
    for tag, attribute, address in _COMPONENTS:
        if frame.tag == tag:
            return address.format(frame.get(attribute) or "")
    addresses = [frame.get(name) or "" for name in _SOURCES]
    addresses += frame.xpath(".//param[@name='movie']/@value | .//embed/@src")
    return next((each for each in addresses if _page_of(each)), "")


def _own_graphic(frame: HtmlElement, base_url: str) -> str:
    """The address of a frame that the page's own site names in a few words; '' for advertisements, forms, and others'."""
    title = frame.get("title") or ""
    if frame.tag != "iframe" or len(title.split()) < _TITLE_WORDS or _NO_GRAPHIC.search(title):
        return ""
    address = pictures.absolute(frame.get("src") or frame.get("data-src") or "", base_url)
    own = (urlsplit(base_url).hostname or "").removeprefix("www.")
    host = urlsplit(address).hostname or ""
    return address if own and f".{host}".endswith(f".{own}") and address.startswith("https:") else ""


def _file_of(medium: HtmlElement, base_url: str) -> str:
    sources = [medium, *medium.findall(".//source")]
    addresses = (
        pictures.absolute(each.get("src") or each.get("data-src") or "", base_url) for each in sources
    )
    return next(filter(_is_web, addresses), "")


def _is_web(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def _replace(element: HtmlElement, url: str, title: str) -> None:
    if url:
        element.addprevious(_link(url, title))
    element.drop_tree()


def _link(url: str, title: str) -> HtmlElement:
    paragraph = lxml.html.Element("p")
    link = lxml.html.Element("a", href=url)
    host = urlsplit(url).netloc.removeprefix("www.")
    link.text = " ".join(title.split())[:_TITLE_CHARS] or host
    link.set("data-embed", host)
    paragraph.append(link)
    return paragraph


def _add_link(quote: HtmlElement) -> None:
    """An embedded post that is quoted without a way to it gets its link (Instagram, TikTok, Mastodon)."""
    url = _page_of(next(filter(None, map(quote.get, _PERMALINKS)), ""))
    if not url or "-" not in (quote.get("class") or ""):
        return
    if "instagram" in url:  # its quote holds nothing but drawings of buttons
        quote.addprevious(_link(url, ""))
        quote.drop_tree()
    elif url not in {link.get("href") for link in quote.iter("a")}:
        quote.append(_link(url, ""))
