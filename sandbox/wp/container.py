"""The way with a Docker engine: the official images.

Written after the images' documentation, and NOT tried yet: the machine on which this was
made has no Docker engine. The other way (`native.py`) is the one that was tried.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from wp import processes, settings
from wp.instance import Instance, SandboxError
from wp.setup import install_setup, parse_install

_WORDPRESS = "wordpress:php8.3-apache"
_MARIADB = "mariadb:11"
_INSIDE = "/var/www/html"
_SCRIPTS = Path(__file__).resolve().parent
_STARTED_SECONDS = 80


def docker_answers() -> str:
    """Return in a few words why there is no usable Docker engine, or nothing."""
    if not shutil.which("docker"):
        return "no docker command"
    try:
        done = subprocess.run(
            ["docker", "info", "--format", "{{.ServerVersion}}"],
            capture_output=True,
            check=False,
            timeout=10,
        )
    except subprocess.TimeoutExpired:
        return "no answer from the engine in 10 s"
    return "" if done.returncode == 0 and done.stdout.strip() else "no engine answers"


@dataclass(frozen=True)
class Container:
    """One instance: two containers, a network and a volume, all named by the port."""

    instance: Instance
    say: Callable[[str], None]
    name: ClassVar[str] = "docker"

    @property
    def site(self) -> str:
        """The name of the WordPress container, of the network, and the start of the others."""
        return f"relaypress-wp-{self.instance.port}"

    @property
    def database(self) -> str:
        """The name of the MariaDB container and of its volume."""
        return f"{self.site}-db"

    def up(self, record: dict[str, str]) -> dict[str, str]:
        """Start both containers, or make them; install the site when it is new."""
        if "WP_VERSION" in record and self._exists():
            _docker("start", self.database)
            _docker("start", self.site)
            return record
        self.say(f"starting {_MARIADB} and {_WORDPRESS} (the first time they are downloaded)")
        self._create()
        if not processes.wait(self._ready, _STARTED_SECONDS):
            raise SandboxError(f"WordPress cannot reach its database; see {self.logs_hint()}")
        self.say("installing the site")
        made = self._install(record)
        _docker("exec", self.site, "chmod", "-R", "a+rwX", _INSIDE)
        return record | made

    def is_up(self) -> bool:
        """Return whether both containers run."""
        return all(self._running(name) for name in (self.site, self.database))

    def down(self, *, at_once: bool = False) -> bool:
        """Stop the containers; return whether any ran."""
        running = [name for name in (self.site, self.database) if self._running(name)]
        for name in running:
            _docker("kill" if at_once else "stop", name)
        return bool(running)

    def delete(self) -> None:
        """Remove containers, volume and network; files of www-data need a container's root."""
        for arguments in (
            ("rm", "--force", "--volumes", self.site, self.database),
            ("volume", "rm", "--force", self.database),
            ("network", "rm", self.site),
        ):
            subprocess.run(["docker", *arguments], capture_output=True, check=False)
        if self.instance.root.exists():
            mount = f"{self.instance.data}:/data"
            _docker("run", "--rm", "-v", mount, "--entrypoint", "rm", _WORDPRESS,
                    "-rf", "/data/wordpress")  # fmt: skip

    def php(self, code: bytes, arguments: list[str]) -> int:
        """Run PHP in the site's container with `code` on its standard input."""
        command = ["docker", "exec", "-i", "-e", f"SANDBOX_ROOT={_INSIDE}", self.site, "php"]
        if arguments:
            command += ["--", *arguments]
        return subprocess.run(command, input=code, check=False).returncode

    def logs_hint(self) -> str:
        """Return where the reason of a failure can be read."""
        return f"docker logs {self.site}"

    def _create(self) -> None:
        """Make everything anew. The database has no port; the site has one on 127.0.0.1."""
        self.delete()
        self.instance.root.mkdir(exist_ok=True)
        _docker("network", "create", self.site)
        _docker(
            "run", "--detach", "--name", self.database, "--network", self.site,
            "--volume", f"{self.database}:/var/lib/mysql",
            "-e", "MARIADB_ALLOW_EMPTY_ROOT_PASSWORD=1", "-e", "MARIADB_DATABASE=wordpress",
            _MARIADB, "--innodb-buffer-pool-size=64M", "--performance-schema=OFF",
        )  # fmt: skip
        extra = settings.defines(settings.constants(self.instance.url))
        _docker(
            "run", "--detach", "--name", self.site, "--network", self.site,
            "--publish", f"127.0.0.1:{self.instance.port}:80",
            "--volume", f"{self.instance.root}:{_INSIDE}",
            "-e", f"WORDPRESS_DB_HOST={self.database}", "-e", "WORDPRESS_DB_USER=root",
            "-e", "WORDPRESS_DB_PASSWORD=", "-e", "WORDPRESS_DB_NAME=wordpress",
            "-e", f"WORDPRESS_CONFIG_EXTRA={extra}",
            _WORDPRESS,
        )  # fmt: skip

    def _ready(self) -> bool:
        """The entry point has copied WordPress, and PHP gets through to the database."""
        code = (
            f"exit(is_file('{_INSIDE}/wp-config.php') && is_file('{_INSIDE}/wp-load.php') && "
            f"@mysqli_connect('{self.database}', 'root', '', 'wordpress') ? 0 : 1);"
        )
        command = ["docker", "exec", self.site, "php", "-r", f"mysqli_report(0); {code}"]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    def _install(self, record: dict[str, str]) -> dict[str, str]:
        command = ["docker", "exec", "-i", "-u", "www-data", "-e", f"SANDBOX_ROOT={_INSIDE}",
                   "-e", "SANDBOX_SETUP", self.site, "php"]  # fmt: skip
        output = processes.run(
            "installing the site",
            command,
            input=(_SCRIPTS / "install.php").read_text(),
            env={**os.environ, "SANDBOX_SETUP": install_setup(record)},
        )
        return parse_install(output)

    def _exists(self) -> bool:
        return all(_inspect(name) for name in (self.site, self.database))

    def _running(self, name: str) -> bool:
        return _inspect(name) == "true"


def _inspect(name: str) -> str:
    """Return "true" or "false" for a container that runs or not, "" for none."""
    command = ["docker", "container", "inspect", "--format", "{{.State.Running}}", name]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def _docker(*arguments: str) -> str:
    return processes.run(f"docker {arguments[0]}", ["docker", *arguments])
