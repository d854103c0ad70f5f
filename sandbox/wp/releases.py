"""A newer WordPress than the distribution's: unpacked from another release of Debian, never installed.

apt works on a state and a cache of its own, with the archive's address taken from the machine's own sources;
the machine's packages, lists and keys stay as they are. Runs with the PHP that the machine has.
"""

from __future__ import annotations

import fcntl
import re
import shutil
from collections.abc import Callable
from pathlib import Path

from wp.instance import DEFAULT_DATA, SandboxError
from wp.processes import run

#: Release of Debian -> the port of its instance unless told.
RELEASES = {"trixie": 8081, "sid": 8082}
_THEME = "wordpress-theme-twentytwentyfive"
_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
#: What wp-includes has as links into other packages.
_LINKED = re.compile(r"\b(?:libjs-|libphp-|php-getid3)[a-z0-9-]*")


def files_of(release: str, say: Callable[[str], None]) -> Path:
    """The folder with the WordPress of `release`, fetched by whoever comes first; delete it for a newer one."""
    folder = DEFAULT_DATA / f"debian-{release}"
    DEFAULT_DATA.mkdir(exist_ok=True)
    with (DEFAULT_DATA / f"debian-{release}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            say(f"fetching the WordPress of Debian {release}")
            draft = folder.with_suffix(".new")
            shutil.rmtree(draft, ignore_errors=True)
            _unpack(release, draft)
            draft.rename(folder)
    return folder / "usr/share/wordpress"


def _unpack(release: str, folder: Path) -> None:
    """Lay WordPress, its theme and the packages that it links to into one tree, where the links resolve."""
    apt = folder / "apt"
    options = _private_apt(release, apt)
    run("apt-get update", ["apt-get", *options, "update"])
    _download(options, apt, "wordpress", _THEME)
    (wordpress,) = apt.glob("wordpress_*.deb")
    depends = run("dpkg-deb", ["dpkg-deb", "--field", str(wordpress), "Depends"])
    _download(options, apt, *sorted(set(_LINKED.findall(depends))))
    for package in sorted(apt.glob("*.deb")):
        run("dpkg-deb", ["dpkg-deb", "--extract", str(package), str(folder)])
    shutil.rmtree(apt)


def _download(options: list[str], folder: Path, *packages: str) -> None:
    run("apt-get download", ["apt-get", *options, "download", *packages], cwd=folder)


def _private_apt(release: str, folder: Path) -> list[str]:
    """Options that keep apt-get inside `folder` and show it `release` alone."""
    (folder / "lists/partial").mkdir(parents=True)
    (folder / "cache/archives/partial").mkdir(parents=True)
    sources = folder / "debian.sources"
    signed_by = f"Signed-By: {_KEYRING}\n" if _KEYRING.exists() else ""
    sources.write_text(
        f"Types: deb\nURIs: {_archive()}\nSuites: {release}\nComponents: main\n{signed_by}", "utf-8"
    )
    settings = {
        "Dir::State": folder,
        "Dir::State::status": "/dev/null",
        "Dir::Cache": folder / "cache",
        "Dir::Etc::sourcelist": sources,
        "Dir::Etc::sourceparts": "/dev/null",
        "APT::Sandbox::User": "root",  # the folder may be closed to the user _apt
        "Acquire::Languages": "none",
        "APT::Update::Error-Mode": "any",
    }
    return ["-q", *(part for name, value in settings.items() for part in ("-o", f"{name}={value}"))]


def _archive() -> str:
    """The address that this machine has Debian's main archive from."""
    asked = ["--format", "$(CODENAME)|$(COMPONENT)|$(REPO_URI)", "Created-By: Packages", "Label: Debian"]
    for line in run("apt-get indextargets", ["apt-get", "indextargets", *asked]).splitlines():
        codename, component, address = line.split("|", 2)
        if component == "main" and "-" not in codename:
            return address
    raise SandboxError(
        "a newer WordPress can be had on Debian alone: this machine's apt has no archive of Debian"
    )
