"""The secrets of subscriptions, all made from one key in the data folder, and signatures made with them."""

from __future__ import annotations

import hmac
import os
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from bot.errors import ConfigError
from bot.model import Topic

KEY_BYTES = 32
_ALGORITHMS = frozenset({"sha1", "sha256", "sha384", "sha512"})  # WebSub, 7.1.1
_DAMAGED = "is damaged; delete it, and a new one is made"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a hub is told of a subscription: the last part of the callback's path, and the key of signatures."""

    token: str
    secret: str = field(repr=False)


def load_key(path: Path) -> bytes:
    """The key in this file, which is made where there is none. Raises ConfigError."""
    key = read_key(path)
    return _made(path) if key is None else key


def read_key(path: Path) -> bytes | None:
    """The key in this file; None where there is none yet. Raises ConfigError."""
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii"))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigError(str(path), [f"cannot be read ({error.strerror})"]) from error
    except ValueError as error:
        raise ConfigError(str(path), [_DAMAGED]) from error
    if len(key) != KEY_BYTES:
        raise ConfigError(str(path), [_DAMAGED])
    return key


def _made(path: Path) -> bytes:
    key = secrets.token_bytes(KEY_BYTES)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(key.hex())
    except OSError as error:
        raise ConfigError(str(path), [f"cannot be written ({error.strerror})"]) from error
    return key


def credentials(key: bytes, feed: str, topic: Topic) -> Credentials:
    """The same for the same subscription, over restarts; nobody without the key can tell them."""
    words = f"{feed}\0{topic.url}\0{topic.hub}"
    return Credentials(_derived(key, f"token\0{words}")[:40], _derived(key, f"secret\0{words}"))


def own_token(key: bytes) -> str:
    """The last part of the path at which the bot answers itself."""
    return _derived(key, "own")[:40]


def _derived(key: bytes, words: str) -> str:
    return hmac.new(key, words.encode("utf-8", "replace"), "sha256").hexdigest()


class Signature:
    """Checks the header X-Hub-Signature while the body comes in, so that no body needs to be kept."""

    def __init__(self, secret: str, header: str) -> None:
        match = re.fullmatch(r"(sha\d{1,3})=([0-9a-fA-F]{40,128})", header.strip())
        known = match is not None and match[1] in _ALGORITHMS
        self._claimed = match[2].lower() if match and known else ""
        self._mac = hmac.new(secret.encode(), digestmod=match[1] if match and known else "sha256")

    def update(self, chunk: bytes) -> None:
        """Take the next bytes of the body."""
        self._mac.update(chunk)

    def is_genuine(self) -> bool:
        """Whether the body was signed with our secret. False also where there is no signature."""
        return hmac.compare_digest(self._mac.hexdigest(), self._claimed)
