"""ports.Site in memory, with the ways a site can fail.

    site.fail("create", PostOutcomeUnknown("s", "timed out"), after=True)

raises at the next call of that method; with `after`, the call has taken effect all the same.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.errors import RelaypressError, SiteRefused
from bot.model import Media, PictureFile, Post, RemoteContent, RemotePost


@dataclass
class Published:
    """What the site holds of a post."""

    remote: RemotePost
    post: Post
    categories: list[int]
    tags: list[int]
    thumbnail: Media | None
    modified: datetime | None = None


@dataclass
class FakeSite:
    name: str = "monde"
    url: str = "https://example.org"
    posts: list[Published] = field(default_factory=list)
    media: dict[str, Media] = field(default_factory=dict)
    terms: dict[tuple[str, str], int] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    fail_webp: RelaypressError | None = None  # what it answers to every upload of such a picture

    def __post_init__(self) -> None:
        self._failures: dict[str, list[tuple[RelaypressError, bool]]] = {}
        self._lock = threading.RLock()
        self._last_id = 0

    def fail(self, method: str, error: RelaypressError, *, after: bool = False, times: int = 1) -> None:
        self._failures.setdefault(method, []).extend([(error, after)] * times)

    def find(self, key: str, since: datetime | None = None, but_not: Sequence[str] = ()) -> RemotePost | None:
        with self._call("find"):
            matches = [
                each.remote
                for each in self.posts
                if dict(each.post.fields).get("relay_key") == key and each.remote.id not in but_not
            ]
            return min(matches, key=lambda remote: remote.status == "trash", default=None)

    def upload(self, picture: PictureFile, alt: str, caption: str) -> Media:
        with self._call("upload"):
            if self.fail_webp is not None and picture.mime == "image/webp":
                raise self.fail_webp
            if picture.sha256 not in self.media:
                media_id = self._new_id()
                self.media[picture.sha256] = Media(media_id, f"{self.url}/uploads/{media_id}-{picture.name}")
            return self.media[picture.sha256]

    def resolve_terms(self, categories: Sequence[str], tags: Sequence[str]) -> tuple[list[int], list[int]]:
        with self._call("resolve_terms"):
            return self._ids("category", categories), self._ids("tag", tags)

    def create(
        self, post: Post, categories: Sequence[int], tags: Sequence[int], thumbnail: Media | None
    ) -> RemotePost:
        with self._call("create"):
            post_id = self._new_id()
            remote = RemotePost(post_id, f"{self.url}/?p={post_id}", post.title, post.status)
            self.posts.append(Published(remote, post, list(categories), list(tags), thumbnail))
            return remote

    def read(self, post_id: str) -> RemoteContent | None:
        with self._call("read"):
            found = self._found(post_id)
            return (
                RemoteContent(found.post.title, found.post.html, found.remote.status, found.modified)
                if found
                else None
            )

    def update(
        self, post_id: str, post: Post, thumbnail: Media | None, unless_modified_since: datetime | None
    ) -> None:
        with self._call("update"):
            found = self._found(post_id)
            if found is None:
                raise SiteRefused(self.name, "there is no such post")
            if unless_modified_since and found.modified and found.modified > unless_modified_since:
                raise SiteRefused(self.name, "the post was modified meanwhile")
            found.post, found.thumbnail = post, thumbnail or found.thumbnail

    def withdraw(self, post_id: str, *, to_trash: bool) -> None:
        with self._call("withdraw"):
            found = self._found(post_id)
            if found is not None:
                found.remote = replace(found.remote, status="trash" if to_trash else "draft")

    def _found(self, post_id: str) -> Published | None:
        return next((each for each in self.posts if each.remote.id == post_id), None)

    def _ids(self, taxonomy: str, names: Sequence[str]) -> list[int]:
        keys = [(taxonomy, " ".join(name.split()).casefold()) for name in names if name.strip()]
        return list(dict.fromkeys(self.terms.setdefault(key, len(self.terms) + 1) for key in keys))

    def _new_id(self) -> str:
        self._last_id += 1
        return str(self._last_id)

    def _call(self, method: str) -> _Call:
        return _Call(self, method)


class _Call:
    """One call: under the lock, recorded, failing before or after its effect where a test wants it."""

    def __init__(self, site: FakeSite, method: str) -> None:
        self._site, self._method = site, method
        self._error: RelaypressError | None = None

    def __enter__(self) -> None:
        self._site._lock.acquire()
        self._site.calls.append(self._method)
        pending = self._site._failures.get(self._method, [])
        if not pending:
            return
        error, after = pending.pop(0)
        if after:
            self._error = error
            return
        self._site._lock.release()
        raise error

    def __exit__(self, *raised: object) -> None:
        self._site._lock.release()
        if self._error is not None:
            raise self._error
