"""HttpPictures: fetch a picture, prove that it is one, and make it fit to be shown.

What comes out was read to its last pixel by Pillow, stands upright, carries no metadata (no place where
it was taken) and is no wider than asked. A picture that is all this already is passed on byte by byte;
animations are passed on or, where they are too wide or too long, reduced to their first frame.
"""

from __future__ import annotations

import hashlib
import io
import re
import struct
import unicodedata
import warnings
import zlib
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from PIL import Image, ImageOps, UnidentifiedImageError

from bot.errors import FetchRefused
from bot.model import Fetched, PictureFile
from bot.ports import Fetcher

PICTURE_MAX_BYTES = 20_000_000
"""What the fetcher given to HttpPictures may bring: pictures are larger than pages."""

_ACCEPT = "image/webp,image/jpeg,image/png,image/gif,image/*;q=0.5"
_MOST_PIXELS = 50_000_000
_MOST_PIXELS_ANIMATED = 300_000_000  # all frames together
_MOST_FRAMES = 2000
_LEAST_SIDE = 8  # pixels; below are the counting pixels of advertisers
_READABLE = ("JPEG", "PNG", "GIF", "WEBP", "AVIF", "BMP", "TIFF")
_BROKEN = (
    OSError,  # includes UnidentifiedImageError
    SyntaxError,
    ValueError,
    TypeError,
    ArithmeticError,
    LookupError,
    EOFError,
    MemoryError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)
"""What Pillow raises at files that are no picture or a bad one."""

# Pillow refuses what has twice as many pixels; between one and two times it only warns, so that is an error.
Image.MAX_IMAGE_PIXELS = _MOST_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)


@dataclass(frozen=True, slots=True)
class _Kind:
    """A type of picture that sites show: how it is named and written."""

    extension: str
    mime: str
    options: tuple[tuple[str, object], ...] = ()


_KINDS = {
    "JPEG": _Kind("jpg", "image/jpeg", (("quality", 82), ("optimize", True), ("progressive", True))),
    "PNG": _Kind("png", "image/png"),
    "GIF": _Kind("gif", "image/gif"),
    "WEBP": _Kind("webp", "image/webp", (("quality", 82), ("method", 4))),
}

# What Pillow tells of a file that is no metadata in the sense of this module. Anything else (exif, xmp,
# comment, photoshop, text) makes the file be written anew without it.
# fmt: off
_HARMLESS = frozenset({
    "adobe", "adobe_transform", "aspect", "background", "bbox", "bits", "blend", "chromaticity",
    "compression", "default_image", "disposal", "dpi", "duration", "extension", "gamma", "icc_profile",
    "interlace", "jfif", "jfif_density", "jfif_unit", "jfif_version", "loop", "progression",
    "progressive", "srgb", "timestamp", "transparency", "version",
})
# fmt: on
_SHOWABLE_MODES = frozenset({"1", "L", "LA", "P", "RGB", "RGBA"})


class HttpPictures:
    """Implements ports.Pictures on a Fetcher (with a limit of PICTURE_MAX_BYTES)."""

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher

    def get(self, url: str, *, max_width: int = 1600, webp: bool = False) -> PictureFile:
        """Fetch `url` and read it whole; JPEG, PNG, GIF and WebP stay, AVIF, BMP and TIFF are converted.

        With `webp` all but animations become WebP.

        The same bytes give the same file. Raises the errors of Fetcher, and FetchRefused for an SVG, a
        web page, a broken or cut file, one of more than 50 million pixels, or a counting pixel.
        """
        fetched = self._fetcher.get(url, accept=_ACCEPT)
        if not isinstance(fetched, Fetched):
            raise FetchRefused(url, "answered 304 Not Modified to a first request")
        try:
            fitted = _fit(fetched.body, max_width, webp=webp)
        except _BROKEN as error:
            raise FetchRefused(url, _problem(fetched.body, error)) from error
        if min(fitted.width, fitted.height) < _LEAST_SIDE:
            raise FetchRefused(url, f"a counting pixel ({fitted.width}x{fitted.height}), not a picture")
        return _file(url, fitted)


@dataclass(frozen=True, slots=True)
class _Fitted:
    """A picture ready to be shown."""

    kind: _Kind
    data: bytes
    width: int
    height: int


def _fit(data: bytes, max_width: int, *, webp: bool) -> _Fitted:
    """Verify and fit; raises one of _BROKEN."""
    with Image.open(io.BytesIO(data), formats=_READABLE) as image:
        kind = _KINDS.get(image.format or "")
        if kind is not None and image.width <= max_width and _is_whole_animation(image):
            return _Fitted(kind, data, image.width, image.height)
        still = _upright(image, max_width)
        wanted = "WEBP" if webp else image.format or ""
        if image.format == wanted and kind is not None and still is image and _is_clean(image):
            return _Fitted(kind, data, image.width, image.height)
        return _written(still, image, wanted)


def _is_whole_animation(image: Image.Image) -> bool:
    """Whether `image` moves, is not too long, and could be read to its last frame. Leaves it at its first."""
    if not getattr(image, "is_animated", False):
        return False
    ended = False
    for frame in range(min(_MOST_FRAMES, _MOST_PIXELS_ANIMATED // (image.width * image.height)) + 1):
        try:
            image.seek(frame)
        except EOFError:
            ended = True
            break
        image.load()
    image.seek(0)
    return ended


def _upright(image: Image.Image, max_width: int) -> Image.Image:
    """`image` itself, read whole, or an upright copy no wider than `max_width`."""
    turned = image.getexif().get(0x0112, 1) in (5, 6, 7, 8)
    if (image.height if turned else image.width) > max_width:
        # Half the decoding of a large JPEG is spared here: Pillow lets libjpeg scale first.
        image.draft("RGB", (max_width, max_width))
    image.load()
    still = image
    if image.getexif().get(0x0112, 1) != 1:
        still = ImageOps.exif_transpose(image)
    if still.width > max_width:
        height = max(1, round(still.height * max_width / still.width))
        still = _blendable(still).resize((max_width, height), Image.Resampling.LANCZOS)
    return still


def _blendable(image: Image.Image) -> Image.Image:
    """`image` in a mode whose pixels can be averaged: a palette cannot."""
    if "A" in image.getbands() or "transparency" in image.info:
        return image.convert("RGBA")
    if image.mode.startswith("I"):  # 16 bits: convert() alone would cut them off at white
        return image.convert("I").point(lambda value: value / 256).convert("L")
    return image if image.mode in ("L", "RGB") else image.convert("RGB")


def _is_clean(image: Image.Image) -> bool:
    """Whether the file may be passed on as it is."""
    return image.mode in _SHOWABLE_MODES and _HARMLESS.issuperset(map(str, image.info))


def _written(still: Image.Image, source: Image.Image, name: str) -> _Fitted:
    """Write anew, without metadata, as the type `name` where sites show that type."""
    has_alpha = "A" in still.getbands() or "transparency" in still.info
    if name not in _KINDS or (name == "GIF" and still.mode != "P"):
        name = "PNG" if has_alpha or name == "GIF" else "JPEG"
    options = dict(_KINDS[name].options)
    if source.format == name == "JPEG" and still is source and still.mode in ("L", "RGB"):
        options["quality"] = "keep"  # the same quantisation again: nothing is lost
    profile = still.info.get("icc_profile")
    shown = still if still.mode in _SHOWABLE_MODES else _blendable(still)
    if profile and shown.mode == still.mode:
        options["icc_profile"] = profile
    if name == "JPEG" and shown.mode not in ("L", "RGB"):
        shown = shown.convert("RGB")
    if name == "WEBP" and shown.mode not in ("RGB", "RGBA"):
        shown = shown.convert("RGBA" if has_alpha else "RGB")
    shown.info = {key: value for key, value in shown.info.items() if key == "transparency"}
    stream = io.BytesIO()
    shown.save(stream, name, **options)
    return _Fitted(_KINDS[name], stream.getvalue(), shown.width, shown.height)


def _file(url: str, fitted: _Fitted) -> PictureFile:
    sha256 = hashlib.sha256(fitted.data).hexdigest()
    return PictureFile(
        name=f"{_slug(url)}-{sha256[:12]}.{fitted.kind.extension}",
        mime=fitted.kind.mime,
        data=fitted.data,
        sha256=sha256,
        width=fitted.width,
        height=fitted.height,
    )


def _slug(url: str) -> str:
    """The file's name at its source, in lower-case ASCII letters, digits and hyphens, without its type."""
    stem = PurePosixPath(unquote(urlsplit(url).path)).stem
    ascii_only = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only)[:40].strip("-") or "picture"


def _problem(data: bytes, error: Exception) -> str:
    """What came instead of a picture, in words."""
    start = data[:1000].lstrip().lower()
    if b"<svg" in start:
        return "an SVG drawing, which can carry scripts and is not shown"
    if start.startswith((b"<!doctype", b"<html", b"<?xml")) or b"<html" in start:
        return "a web page, not a picture"
    if not data:
        return "empty, not a picture"
    if isinstance(error, (Image.DecompressionBombError, Image.DecompressionBombWarning)):
        return f"a picture of more than {_MOST_PIXELS // 1_000_000} million pixels"
    if isinstance(error, UnidentifiedImageError):
        return "not a picture of a known type"
    return f"a broken picture ({str(error)[:100] or type(error).__name__})"
