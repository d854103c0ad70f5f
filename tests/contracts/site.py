"""The contract of ports.Site: every implementation passes it (see tests/engines/test_wordpress.py)."""

from __future__ import annotations

import hashlib
import io
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image

from bot.model import PictureFile, Post


def new_key() -> str:
    return uuid.uuid4().hex[:16]


def make_post(key: str = "", **changes) -> Post:
    key = key or new_key()
    values = {
        "title": "Titre — “x” 😀",
        "html": f'<div class="relaypress" data-relay-key="{key}"><p>Un <b>texte</b> &amp; plus.</p></div>',
        "excerpt": "Un extrait",
        "slug": f"un-titre-{key}",
        "date": datetime.now(UTC) - timedelta(days=2),
        "status": "publish",
        "fields": (("relay_key", key), ("relay_source_url", "https://example.org/?a=1&b=2")),
    }
    return Post(key=key, **(values | changes))


def make_picture(name: str = "picture.png", size: tuple[int, int] = (8, 8)) -> PictureFile:
    """A picture that no site has yet."""
    file = io.BytesIO()
    colours = Image.frombytes("RGB", (8, 8), hashlib.sha512(uuid.uuid4().bytes).digest() * 3)
    colours.resize(size, Image.Resampling.NEAREST).save(file, "PNG")
    data = file.getvalue()
    return PictureFile(name, "image/png", data, hashlib.sha256(data).hexdigest(), *size)


class SiteContract:
    """Subclass it and give a fixture `site` whose account may do everything an editor may."""

    def test_a_post_is_found_again_by_its_key(self, site):
        post = make_post()
        made = site.create(post, [], [], None)
        found = site.find(post.key, since=datetime.now(UTC) - timedelta(minutes=10))
        assert found is not None
        assert (found.id, found.title, found.status) == (made.id, post.title, "publish")

    def test_a_post_is_found_without_a_date_to_look_back_to(self, site):
        post = make_post()
        made = site.create(post, [], [], None)
        assert site.find(post.key).id == made.id

    def test_a_key_that_was_never_sent_is_not_found(self, site):
        site.create(make_post(), [], [], None)
        assert site.find(new_key(), since=datetime.now(UTC) - timedelta(minutes=10)) is None

    @pytest.mark.parametrize("status", ["publish", "draft", "pending", "private"])
    def test_a_post_of_every_status_is_found(self, site, status):
        post = make_post(status=status)
        made = site.create(post, [], [], None)
        found = site.find(post.key, since=datetime.now(UTC) - timedelta(minutes=10))
        assert (found.id, found.status) == (made.id, status)

    def test_a_new_post_has_an_id_and_an_address(self, site):
        one, two = (site.create(make_post(), [], [], None) for _ in range(2))
        assert one.id != two.id
        assert one.url.startswith("http")

    def test_terms_keep_their_ids_whatever_the_case_and_the_blanks(self, site):
        name = f"Nouvelles {new_key()}"
        categories, tags = site.resolve_terms([name, f"{name} 2"], [name])
        assert len(set(categories)) == 2
        again = site.resolve_terms([f"  {name.upper()} 2", name], [name.lower().replace(" ", "  ")])
        assert again == (categories[::-1], tags)

    def test_a_term_named_twice_comes_once_and_an_empty_one_not_at_all(self, site):
        name = new_key()
        categories, tags = site.resolve_terms([name, name.upper(), " "], ["", name, name])
        assert (len(categories), len(tags)) == (1, 1)

    def test_the_same_picture_is_one_attachment(self, site):
        picture, other = make_picture(), make_picture()
        first = site.upload(picture, "alt", "caption")
        assert first.id
        assert first.url.startswith("http")
        assert site.upload(picture, "alt", "caption") == first
        assert site.upload(other, "", "").id != first.id

    def test_a_post_takes_terms_and_a_picture(self, site):
        post = make_post()
        categories, tags = site.resolve_terms([f"C {post.key}"], [f"T {post.key}"])
        media = site.upload(make_picture(), "", "")
        assert site.create(post, categories, tags, media).id

    def test_what_is_there_can_be_read(self, site):
        post = make_post()
        made = site.create(post, [], [], None)
        there = site.read(made.id)
        assert (there.title, there.html, there.status) == (post.title, post.html, "publish")
        assert site.read("999999") is None

    def test_an_update_changes_words_and_fields_and_adds_none(self, site):
        post = make_post()
        made = site.create(post, [], [], None)
        newer = replace(post, title="Corrigé", html=post.html.replace("texte", "autre texte"))
        for _ in range(2):
            site.update(made.id, newer, None, site.read(made.id).modified)
        there = site.read(made.id)
        assert (there.title, "autre texte" in there.html, there.status) == ("Corrigé", True, "publish")
        assert site.find(post.key).id == made.id

    def test_a_post_withdrawn_is_a_draft_or_in_the_trash(self, site):
        first, second = (site.create(make_post(), [], [], None) for _ in range(2))
        site.withdraw(first.id, to_trash=False)
        for _ in range(2):
            site.withdraw(second.id, to_trash=True)
        assert site.read(first.id).status == "draft"
        assert site.read(second.id).status == "trash"
        site.withdraw("999999", to_trash=True)
