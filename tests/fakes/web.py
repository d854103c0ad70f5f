"""ports.Fetcher and ports.Pictures over a dict of addresses."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256

from bot.errors import FetchGone, RelaypressError
from bot.model import ANYBODY, Access, Fetched, NotModified, PictureFile

Answer = bytes | RelaypressError | NotModified | Fetched


@dataclass
class FakeFetcher:
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, str, str]] = field(default_factory=list)  # address, etag, last_modified
    access: list[Access] = field(default_factory=list)  # of each of them

    def get(self, url, *, etag="", last_modified="", accept="*/*", access=ANYBODY) -> Fetched | NotModified:
        self.asked.append((url, etag, last_modified))
        self.access.append(access)
        answer = self.answers.get(url, FetchGone(url, "answered 404 Not Found"))
        if isinstance(answer, RelaypressError):
            raise answer
        if isinstance(answer, bytes):
            kind = "text/html; charset=utf-8" if b"<html" in answer else "application/rss+xml"
            return Fetched(url, answer, kind, etag=f'"{sha256(answer).hexdigest()[:8]}"')
        return answer


@dataclass
class FakePictures:
    answers: dict[str, bytes | RelaypressError] = field(default_factory=dict)

    def get(self, url: str, *, max_width: int = 1600, webp: bool = False) -> PictureFile:
        answer = self.answers.get(url, FetchGone(url, "answered 404 Not Found"))
        if isinstance(answer, RelaypressError):
            raise answer
        digest = sha256(answer).hexdigest()
        kind = "webp" if webp else "jpeg"
        return PictureFile(f"picture-{digest[:12]}.{kind}", f"image/{kind}", answer, digest, 40, 30)
