#!/usr/bin/env python3
"""Draws the pictures of the sample site: layered landscapes, made from a seed, nobody's photographs.

Needs Pillow. The drawn files are kept in `site/img/`; run this only to change them:

    python sandbox/make_pictures.py
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

SIZE = (1200, 800)
OUT = Path(__file__).resolve().parent / "site" / "img"

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Scene:
    """What one landscape looks like."""

    name: str
    sky: tuple[Colour, Colour]  # above, at the horizon
    far: Colour
    near: Colour
    sun: tuple[int, int, int]  # x, y, radius in pixels
    layers: int = 5
    water: bool = False


SCENES = (
    Scene("harbour.jpg", ((28, 52, 92), (246, 178, 122)), (92, 104, 132), (18, 30, 48),
          (850, 360, 70), 4, water=True),
    Scene("glacier.jpg", ((96, 150, 196), (226, 238, 244)), (198, 214, 226), (58, 92, 118),
          (300, 170, 46), 6),
    Scene("orchard.jpg", ((250, 214, 150), (252, 240, 214)), (186, 190, 120), (52, 84, 46),
          (930, 240, 90), 6),
    Scene("library.jpg", ((44, 34, 66), (206, 120, 118)), (112, 74, 104), (26, 20, 40),
          (600, 400, 110), 5),
    Scene("reef.jpg", ((20, 96, 132), (150, 222, 214)), (64, 158, 164), (8, 52, 74),
          (220, 260, 60), 5, water=True),
    Scene("railway.jpg", ((120, 132, 150), (232, 222, 206)), (164, 160, 154), (62, 54, 50),
          (960, 200, 54), 5),
    Scene("observatory.jpg", ((8, 12, 34), (70, 66, 120)), (44, 46, 88), (6, 8, 20),
          (900, 180, 40), 5),
    Scene("market.jpg", ((226, 120, 84), (252, 216, 164)), (204, 132, 96), (92, 40, 44),
          (420, 300, 100), 5),
)  # fmt: skip


def main() -> None:
    """Draw every scene, the logo and a tracking pixel."""
    OUT.mkdir(parents=True, exist_ok=True)
    for scene in SCENES:
        picture = draw(scene)
        picture.save(OUT / scene.name, quality=80, optimize=True, progressive=True)
    small = draw(SCENES[0]).resize((600, 400), Image.Resampling.LANCZOS)
    small.save(OUT / "harbour-600.jpg", quality=78, optimize=True)
    chart().save(OUT / "rainfall.png", optimize=True)
    logo().save(OUT / "logo.png", optimize=True)
    Image.new("RGBA", (1, 1)).save(OUT / "pixel.png")


def draw(scene: Scene) -> Image.Image:
    """Return one landscape; the same every time, for the seed is its name."""
    rng = random.Random(scene.name)
    picture = gradient(*scene.sky)
    glow(picture, scene)
    if scene.sky[0][2] < 40:
        stars(picture, rng)
    for layer in range(scene.layers):
        share = layer / (scene.layers - 1)
        ridge(picture, rng, height=380 + share * 300, roughness=90 - share * 40,
              colour=mix(scene.far, scene.near, share))  # fmt: skip
    if scene.water:
        water(picture, rng, scene)
    return picture.filter(ImageFilter.GaussianBlur(0.6))


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """Return the colour at `share` of the way from one to the other."""
    r, g, b = (round(a + (z - a) * share) for a, z in zip(one, other, strict=True))
    return (r, g, b)


def gradient(above: Colour, below: Colour) -> Image.Image:
    """Return the sky, from the top down to the horizon."""
    picture = Image.new("RGB", SIZE, below)
    pen = ImageDraw.Draw(picture)
    for y in range(SIZE[1]):
        pen.line((0, y, SIZE[0], y), mix(above, below, min(1, y / 480)))
    return picture


def glow(picture: Image.Image, scene: Scene) -> None:
    """Lay a sun with its haze over the sky."""
    x, y, radius = scene.sun
    light = mix(scene.sky[1], (255, 250, 235), 0.7)
    for size, strength in ((radius * 2.4, 60), (radius * 1.5, 80), (radius, 235)):
        mask = Image.new("L", SIZE, 0)
        box = (x - size, y - size, x + size, y + size)
        ImageDraw.Draw(mask).ellipse(box, fill=strength)
        blur = 2 if size == radius else size / 3
        picture.paste(light, (0, 0), mask.filter(ImageFilter.GaussianBlur(blur)))


def stars(picture: Image.Image, rng: random.Random) -> None:
    """Put stars into a night sky."""
    pen = ImageDraw.Draw(picture)
    for _ in range(160):
        x, y, light = rng.randrange(SIZE[0]), rng.randrange(420), rng.randrange(120, 240)
        pen.point((x, y), (light, light, min(255, light + 15)))


def ridge(
    picture: Image.Image, rng: random.Random, *, height: float, roughness: float, colour: Colour
) -> None:
    """Draw a line of hills: a few waves of random phase on each other."""
    waves = [(rng.uniform(0.6, 1.4) * 2**n, rng.uniform(0, math.tau)) for n in range(5)]
    points: list[tuple[float, float]] = [(0, SIZE[1])]
    for x in range(0, SIZE[0] + 4, 4):
        turn = x / SIZE[0] * math.tau
        swing = sum(math.sin(turn * f + p) / (n + 1) ** 1.2 for n, (f, p) in enumerate(waves))
        points.append((x, height - swing * roughness))
    ImageDraw.Draw(picture).polygon([*points, (SIZE[0], SIZE[1])], fill=colour)


def water(picture: Image.Image, rng: random.Random, scene: Scene) -> None:
    """Cover the foreground with calm water and the sun's path on it."""
    pen = ImageDraw.Draw(picture)
    top = 610
    for y in range(top, SIZE[1]):
        pen.line((0, y, SIZE[0], y), mix(scene.sky[1], scene.near, 0.35 + (y - top) / 380))
    for _ in range(260):
        y = rng.randrange(top + 4, SIZE[1])
        spread = 30 + (y - top) * 0.7
        x = rng.gauss(scene.sun[0], spread)
        pen.line((x, y, x + rng.uniform(8, 46), y), mix(scene.sky[1], (255, 255, 255), 0.4))


def chart() -> Image.Image:
    """Return a bar chart without words, for an article about rainfall."""
    picture = Image.new("RGB", SIZE, (250, 249, 245))
    pen = ImageDraw.Draw(picture)
    for y in range(120, 720, 120):
        pen.line((90, y, 1140, y), (222, 220, 212), 2)
    for month, value in enumerate((82, 74, 66, 41, 22, 9, 4, 6, 19, 47, 70, 88)):
        x = 110 + month * 86
        pen.rectangle((x, 700 - value * 6, x + 56, 700), mix((120, 176, 204), (22, 74, 120), value / 90))
    pen.line((90, 700, 1140, 700), (60, 60, 60), 4)
    return picture.quantize(64)


def logo() -> Image.Image:
    """Return the masthead's mark: three arcs over a bar."""
    picture = Image.new("RGBA", (240, 240), (0, 0, 0, 0))
    pen = ImageDraw.Draw(picture)
    for radius in (100, 70, 40):
        box = (120 - radius, 130 - radius, 120 + radius, 130 + radius)
        pen.arc(box, 180, 360, fill=(22, 74, 120, 255), width=16)
    pen.rectangle((20, 150, 220, 168), fill=(206, 92, 70, 255))
    return picture


if __name__ == "__main__":
    main()
