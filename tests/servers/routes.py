"""Ready-made routes: everything that a feed, a page or a picture on the internet was ever seen to do."""

from __future__ import annotations

import gzip
import io
import zlib
from contextlib import AbstractContextManager
from urllib.parse import parse_qs, urlsplit

from PIL import Image

from tests.servers.server import Handler, Route, Server, serve

FEED = b"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0"><channel><title>Sample</title><link>http://127.0.0.1/</link>
<item><title>First story</title><link>http://127.0.0.1/first</link><guid>first</guid></item>
<item><title>Second story</title><link>http://127.0.0.1/second</link><guid>second</guid></item>
</channel></rss>
"""
MEGABYTE = b"x" * 1_000_000


def feed(handler: Handler) -> None:
    """A feed with ETag and Last-Modified; 304 to whoever has it already."""
    marks = {"etag": '"v1"', "last_modified": "Mon, 02 Mar 2026 10:00:00 GMT"}
    if handler.headers["If-None-Match"] == marks["etag"]:
        handler.reply(304, etag=marks["etag"], cache_control="max-age=600")
    elif handler.headers["If-Modified-Since"] == marks["last_modified"]:
        handler.reply(304)
    else:
        handler.reply(200, FEED, content_type="application/rss+xml", **marks)


def status(handler: Handler) -> None:
    """/status/404 and the like, with the headers that the query names: /status/429?Retry-After=7"""
    parts = urlsplit(handler.path)
    headers = {name: values[0] for name, values in parse_qs(parts.query).items()}
    handler.reply(int(parts.path.rsplit("/", 1)[1]), b"sorry", **headers)


def redirect(handler: Handler) -> None:
    """/redirect/302?to=/feed, with `to` as the Location."""
    parts = urlsplit(handler.path)
    target = parse_qs(parts.query)["to"][0]
    handler.reply(int(parts.path.rsplit("/", 1)[1]), location=target)


def chain(handler: Handler) -> None:
    """/chain/N: N permanent redirects, then the feed."""
    left = int(urlsplit(handler.path).path.rsplit("/", 1)[1])
    handler.reply(301, location=f"/chain/{left - 1}" if left > 1 else "/feed")


def loop(handler: Handler) -> None:
    """Two addresses that redirect to each other."""
    handler.reply(302, location="/loop/b" if handler.path.endswith("/a") else "/loop/a")


def page(handler: Handler) -> None:
    """A web page where a feed was expected."""
    body = b'<!DOCTYPE html><html><head><link rel="alternate" type="application/rss+xml" href="/feed">'
    handler.reply(200, body + b"</head><body>Hello</body></html>", content_type="text/html")


def empty(handler: Handler) -> None:
    """200 and not one byte."""
    handler.reply(200, b"", content_type="application/rss+xml")


def cut(handler: Handler) -> None:
    """Half of what Content-Length promised."""
    handler.begin(200, content_length=str(len(FEED)), content_type="application/rss+xml")
    handler.wfile.write(FEED[: len(FEED) // 2])
    handler.close_connection = True


def cut_chunks(handler: Handler) -> None:
    """A chunked body without its last chunk."""
    handler.begin(200, transfer_encoding="chunked")
    handler.wfile.write(b"%x\r\n%s\r\n" % (len(FEED), FEED))
    handler.close_connection = True


def huge(handler: Handler) -> None:
    """200 MB, generated; `?declared` says so beforehand."""
    if "declared" in handler.path:
        handler.begin(200, content_length=str(200 * len(MEGABYTE)))
    else:
        handler.begin(200, connection="close")
    for _ in range(200):
        handler.wfile.write(MEGABYTE)


def drip(handler: Handler) -> None:
    """A byte every 20 ms, for ever."""
    handler.begin(200, connection="close", content_type="application/rss+xml")
    while handler.wait(0.02):
        handler.wfile.write(b" ")


def drip_headers(handler: Handler) -> None:
    """Headers that never end, one every 20 ms."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    while handler.wait(0.02):
        handler.wfile.write(b"X: y\r\n" if handler.path.endswith("/lines") else b"X")


def hang(handler: Handler) -> None:
    """Takes the request and says nothing."""
    handler.server.stopping.wait()


def drop(handler: Handler) -> None:
    """Hangs up without a word."""
    handler.close_connection = True


def gzip_feed(handler: Handler) -> None:
    """The feed, compressed; deflate too where the path says so."""
    if handler.path.endswith("/deflate"):
        handler.reply(200, zlib.compress(FEED), content_encoding="deflate")
    else:
        handler.reply(200, gzip.compress(FEED), content_encoding="gzip")


def gzip_bomb(handler: Handler) -> None:
    """100 MB of zeros in 100 kB."""
    packer = zlib.compressobj(9, wbits=31)
    body = b"".join(packer.compress(b"\0" * 1_000_000) for _ in range(100)) + packer.flush()
    handler.reply(200, body, content_encoding="gzip")


def not_gzip(handler: Handler) -> None:
    """Says gzip, is text."""
    handler.reply(200, FEED, content_encoding="gzip")


def cookie(handler: Handler) -> None:
    """Hands out a cookie."""
    handler.reply(200, b"ok", set_cookie="session=1; Path=/")


def picture(handler: Handler) -> None:
    """A good JPEG."""
    handler.reply(200, jpeg(), content_type="image/jpeg")


def broken_picture(handler: Handler) -> None:
    """A JPEG that ends in the middle."""
    body = jpeg(400, 300)
    handler.reply(200, body[: len(body) // 2], content_type="image/jpeg")


def huge_picture(handler: Handler) -> None:
    """50 MB that begin like a JPEG."""
    handler.begin(200, connection="close", content_type="image/jpeg")
    handler.wfile.write(jpeg())
    for _ in range(50):
        handler.wfile.write(MEGABYTE)


def jpeg(width: int = 40, height: int = 30, **options: object) -> bytes:
    """A small JPEG with a gradient, so that it has something to lose."""
    image = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    stream = io.BytesIO()
    image.save(stream, "JPEG", **options)
    return stream.getvalue()


ROUTES: dict[str, Route] = {
    "/feed": feed,
    "/status/": status,
    "/redirect/": redirect,
    "/chain/": chain,
    "/loop/": loop,
    "/page": page,
    "/empty": empty,
    "/cut": cut,
    "/cut-chunks": cut_chunks,
    "/huge": huge,
    "/drip": drip,
    "/drip-headers": drip_headers,
    "/hang": hang,
    "/drop": drop,
    "/gzip": gzip_feed,
    "/gzip-bomb": gzip_bomb,
    "/not-gzip": not_gzip,
    "/cookie": cookie,
    "/picture.jpg": picture,
    "/broken.jpg": broken_picture,
    "/huge.jpg": huge_picture,
}


def misbehaving(**extra: Route) -> AbstractContextManager[Server]:
    """A server with all of ROUTES, and those in `extra` ("name" becomes "/name")."""
    return serve(ROUTES | {f"/{name}": route for name, route in extra.items()})
