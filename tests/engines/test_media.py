"""HttpPictures: what passes, what is changed, what is refused."""

from __future__ import annotations

import hashlib
import io
import zlib
from contextlib import suppress
from itertools import pairwise

import pytest
from PIL import Image

from bot.config import FetchConfig
from bot.engines.http import HttpFetcher
from bot.engines.media import PICTURE_MAX_BYTES, HttpPictures
from bot.errors import FetchGone, FetchRefused
from bot.model import Fetched
from tests.servers import misbehaving
from tests.servers.routes import jpeg

URL = "https://example.org/img/Un%20été à%20Paris_01.jpeg?w=1200"


class Shelf:
    """A Fetcher that has one document."""

    def __init__(self, body: bytes) -> None:
        self.body = body

    def get(self, url, *, etag="", last_modified="", accept="*/*"):
        return Fetched(url, self.body, content_type="text/plain")


def fitted(body: bytes, url: str = URL, **options):
    return HttpPictures(Shelf(body)).get(url, **options)


def refusal(body: bytes) -> str:
    with pytest.raises(FetchRefused) as caught:
        fitted(body)
    assert "\n" not in str(caught.value)
    return caught.value.problem


def encoded(image: Image.Image, kind: str, **options) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def opened(file) -> Image.Image:
    image = Image.open(io.BytesIO(file.data))
    image.load()
    return image


def gradient(mode: str = "RGB", width: int = 60, height: int = 40) -> Image.Image:
    return Image.linear_gradient("L").resize((width, height)).convert(mode)


def frames(width: int = 60, count: int = 3) -> list[Image.Image]:
    return [Image.new("RGB", (width, 40), (80 * n, 0, 0)) for n in range(count)]


@pytest.mark.parametrize(
    ("kind", "extension", "mime"),
    [
        ("JPEG", "jpg", "image/jpeg"),
        ("PNG", "png", "image/png"),
        ("GIF", "gif", "image/gif"),
        ("WEBP", "webp", "image/webp"),
    ],
)
def test_a_picture_that_is_fit_passes_as_it_is(kind, extension, mime):
    body = encoded(gradient(), kind)
    file = fitted(body)
    assert file.data == body
    assert (file.width, file.height, file.mime) == (60, 40, mime)
    assert file.sha256 == hashlib.sha256(body).hexdigest()
    assert file.name == f"un-ete-a-paris-01-{file.sha256[:12]}.{extension}"


@pytest.mark.parametrize(
    ("kind", "mode", "becomes"),
    [("AVIF", "RGB", "JPEG"), ("BMP", "RGB", "JPEG"), ("TIFF", "RGB", "JPEG"), ("TIFF", "RGBA", "PNG")],
)
def test_types_that_sites_do_not_show_are_converted(kind, mode, becomes):
    file = fitted(encoded(gradient(mode), kind))
    assert opened(file).format == becomes
    assert opened(file).size == (60, 40)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_place_where_it_was_taken_is_not_published(kind):
    exif = Image.Exif()
    exif[0x010E] = "a caption"
    exif.get_ifd(0x8825)[2] = (48.0, 51.0, 24.0)
    file = fitted(encoded(gradient(), kind, exif=exif))
    assert opened(file).format == kind
    assert dict(opened(file).getexif()) == {}
    assert b"a caption" not in file.data


def test_a_comment_is_not_published():
    assert b"secret" not in fitted(encoded(gradient(), "JPEG", comment=b"secret")).data


def test_taking_metadata_out_costs_no_quality():
    plain = encoded(gradient(), "JPEG", quality=70)
    told = encoded(gradient(), "JPEG", quality=70, comment=b"x")
    before, after = Image.open(io.BytesIO(plain)), opened(fitted(told))
    assert after.quantization == before.quantization
    assert all(abs(a - b) <= 2 for a, b in zip(before.tobytes(), after.tobytes(), strict=True))


def test_a_turned_picture_is_set_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    file = fitted(encoded(gradient(), "JPEG", exif=exif))
    assert (file.width, file.height) == opened(file).size == (40, 60)
    assert 0x0112 not in opened(file).getexif()


def test_width_counts_after_turning():
    exif = Image.Exif()
    exif[0x0112] = 6
    file = fitted(encoded(gradient(width=400, height=3000), "JPEG", exif=exif), max_width=600)
    assert (file.width, file.height) == (600, 80)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "BMP"])
def test_a_wide_picture_is_made_narrower(kind):
    file = fitted(encoded(gradient(width=3200, height=1000), kind))
    assert (file.width, file.height) == opened(file).size == (1600, 500)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_transparency_survives_the_scaling(kind):
    image = Image.new("RGBA", (400, 300), (255, 0, 0, 0))
    image.paste((0, 0, 255, 255), (0, 0, 400, 150))
    shown = opened(fitted(encoded(image, kind), max_width=200)).convert("RGBA")
    assert shown.getpixel((100, 140))[3] == 0
    assert shown.getpixel((100, 10))[3] == 255


@pytest.mark.parametrize("kind", ["PNG", "GIF"])
def test_a_palette_with_a_transparent_colour_survives_the_scaling(kind):
    image = Image.new("P", (400, 300), 0)
    image.putpalette([255, 0, 0, 0, 0, 255])
    image.paste(1, (0, 0, 400, 150))
    file = fitted(encoded(image, kind, transparency=0), max_width=200)
    shown = opened(file).convert("RGBA")
    assert (opened(file).format, file.width) == ("PNG", 200)
    assert shown.getpixel((100, 140))[3] == 0
    assert shown.getpixel((100, 10)) == (0, 0, 255, 255)


def test_cmyk_becomes_rgb():
    assert opened(fitted(encoded(gradient("CMYK"), "JPEG"))).mode == "RGB"


def test_sixteen_bits_become_eight_without_going_white():
    grey = Image.new("I;16", (60, 40), 0x8000)
    shown = opened(fitted(encoded(grey, "TIFF"))).convert("L")
    assert 120 <= shown.getpixel((30, 20)) <= 136


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_an_animation_is_left_alone(kind):
    first, *rest = frames()
    body = encoded(first, kind, save_all=True, append_images=rest, duration=100)
    assert fitted(body).data == body


def test_a_wide_animation_becomes_its_first_frame():
    first, *rest = frames(width=2000)
    file = fitted(encoded(first, "GIF", save_all=True, append_images=rest))
    assert getattr(opened(file), "n_frames", 1) == 1
    assert file.width == 1600


def test_a_cut_animation_is_refused():
    first, *rest = frames(count=6)
    body = encoded(first, "WEBP", save_all=True, append_images=rest)
    assert "broken picture" in refusal(body[: len(body) - 40]) or "known type" in refusal(body[:-40])


def test_the_same_bytes_give_the_same_file():
    body = encoded(gradient(width=2000), "PNG", pnginfo=None)
    assert fitted(body) == fitted(body)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_cut_picture_is_refused_wherever_it_is_cut(kind):
    body = encoded(Image.effect_noise((200, 150), 90).convert("RGB"), kind)
    for percent in (2, 10, 50, 90):
        assert refusal(body[: len(body) * percent // 100]).startswith(
            ("a broken picture", "not a picture of a known type")
        )


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "an SVG drawing"),
        (b"<?xml version='1.0'?>\n<svg/>", "an SVG drawing"),
        (b"<!DOCTYPE html><html>Not found</html>", "a web page"),
        (b"", "empty"),
        (b"hello", "not a picture of a known type"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not a picture of a known type"),
        (encoded(Image.new("RGB", (1, 1)), "GIF"), "a counting pixel (1x1)"),
    ],
)
def test_what_is_no_picture_is_refused_in_words(body, words):
    assert words in refusal(body)


def png_of_size(width: int, height: int) -> bytes:
    """A PNG whose header promises more than its data hold."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4) + name + data + zlib.crc32(name + data).to_bytes(4)

    header = width.to_bytes(4) + height.to_bytes(4) + bytes([8, 2, 0, 0, 0])
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(("width", "height"), [(9000, 9000), (60000, 60000)])
def test_a_picture_that_would_fill_the_memory_is_refused_unread(width, height):
    assert refusal(png_of_size(width, height)) == "a picture of more than 50 million pixels"


def test_any_damage_is_a_refusal_or_a_picture():
    body = jpeg(64, 48)
    for start, end in pairwise(range(0, len(body), 7)):
        damaged = body[:start] + b"\xff" * (end - start) + body[end:]
        with suppress(FetchRefused):
            assert opened(fitted(damaged)).size[0] > 0


@pytest.mark.parametrize(
    ("url", "slug"),
    [
        ("https://x.org/", "picture"),
        ("https://x.org/%F0%9F%98%80.png", "picture"),
        ("https://x.org/a/b/../../etc/passwd", "passwd"),
        ("https://x.org/" + "long-" * 40 + ".jpg", "long-long-long-long-long-long-long-long"),
        ("https://x.org/a.php.jpg", "a-php"),
        ("https://x.org/NAME%00.jpg", "name"),
    ],
)
def test_names_are_tame(url, slug):
    file = fitted(jpeg(), url)
    assert file.name == f"{slug}-{file.sha256[:12]}.jpg"


def test_over_a_real_server():
    config = FetchConfig(allow_private_networks=True)
    fetcher = HttpFetcher(config, max_bytes=PICTURE_MAX_BYTES)
    pictures = HttpPictures(fetcher)
    with misbehaving() as server:
        assert pictures.get(f"{server.base_url}/picture.jpg").width == 40
        with pytest.raises(FetchRefused, match="a broken picture"):
            pictures.get(f"{server.base_url}/broken.jpg")
        with pytest.raises(FetchRefused, match="larger than 20MB"):
            pictures.get(f"{server.base_url}/huge.jpg")
        with pytest.raises(FetchGone):
            pictures.get(f"{server.base_url}/status/404")
    fetcher.close()


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_site_that_wants_webp_gets_it(kind):
    file = fitted(encoded(gradient(width=400, height=300), kind), webp=True)
    assert (file.mime, file.name.endswith(".webp")) == ("image/webp", True)
    assert opened(file).size == (400, 300)
