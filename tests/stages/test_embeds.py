from __future__ import annotations

import pytest

from tests.stages.pages import BODY, found


@pytest.mark.parametrize(
    ("frame", "link"),
    [
        ("<iframe src='https://t.me/durov/68?embed=1'></iframe>", "https://t.me/durov/68"),
        ("<script async src='https://telegram.org/js/telegram-widget.js' data-telegram-post='durov/68'></script>", "https://t.me/durov/68"),
        ("<iframe src='https://mastodon.social/@Gargron/109252195180893217/embed'></iframe>", "https://mastodon.social/@Gargron/109252195180893217"),
        ("<iframe src='https://tube.example/videos/embed/9c9de5e8-0a1e-484a-b099-e80766180a6d'></iframe>", "https://tube.example/videos/watch/9c9de5e8-0a1e-484a-b099-e80766180a6d"),
        ("<iframe src='https://embed.podcasts.apple.com/us/podcast/x/id123?i=1'></iframe>", "https://podcasts.apple.com/us/podcast/x/id123"),
        ("<iframe src='https://datawrapper.dwcdn.net/abcde/1/'></iframe>", "https://datawrapper.dwcdn.net/abcde/"),
        ("<iframe src='https://flo.uri.sh/visualisation/123/embed'></iframe>", "https://public.flourish.studio/visualisation/123/"),
        ("<iframe src='https://www.google.com/maps/embed?pb=!1m18!1m12!1m3!1d2!2d-0.37!3d39.46!2m3'></iframe>", "https://www.google.com/maps?q=39.46,-0.37"),
        ("<iframe src='https://www.google.com/maps/embed/v1/place?key=K&q=Osk+town'></iframe>", "https://www.google.com/maps?q=Osk+town"),
        ("<iframe src='https://embed.bsky.app/embed/did:plc:abc/app.bsky.feed.post/3k'></iframe>", "https://bsky.app/profile/did:plc:abc/post/3k"),
        ("<iframe src='https://embed.reddit.com/r/osk/comments/abc/lamps/'></iframe>", "https://www.reddit.com/r/osk/comments/abc/"),
        ("<video controls><source src='/v/lamps.mp4'></video>", "https://news.example/v/lamps.mp4"),
        ("<audio controls src='../sound/lamps.mp3'></audio>", "https://news.example/sound/lamps.mp3"),
    ],
)  # fmt: skip
def test_players_posts_and_charts_become_links(frame, link):
    assert f'<a href="{link}"' in found(f"{BODY}<div class='embed'>{frame}</div>{BODY}").html


@pytest.mark.parametrize(
    ("frame", "is_shown"),
    [
        ("src='https://graphics.news.example/lamps/' title='All lamps of Osk'", True),
        ("src='/graphics/lamps.html' title='All lamps of Osk'", True),
        ("src='https://ads.example/lamps/' title='All lamps of Osk'", False),
        ("src='https://evilnews.example/lamps/' title='All lamps of Osk'", False),
        ("src='https://news.example/f/' title='Sign up for letters'", False),
        ("src='https://news.example/f/' title='Frame'", False),
        ("src='https://news.example/f/'", False),
    ],
)
def test_a_frame_that_no_list_knows_is_a_link_where_the_site_shows_and_names_it(frame, is_shown):
    html = found(f"{BODY}<iframe {frame}></iframe>{BODY}").html
    assert ("All lamps of Osk</a>" in html) is is_shown
    assert ("data-embed" in html) is is_shown
