"""The way without Docker: MariaDB, php-fpm and nginx, private to one instance."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from wp import packages, processes, releases, settings
from wp.instance import Instance, SandboxError
from wp.native_config import OPCACHE, database_arguments, fpm_config, nginx_config
from wp.setup import install_setup, parse_install

_WORDPRESS = Path("/usr/share/wordpress")
_SCRIPTS = Path(__file__).resolve().parent
_MODULES = {"mysqli", "gd", "xml", "mbstring", "curl"}
_LONGEST_SOCKET_BYTES = 100  # sun_path of unix(7) holds 108
#: In the order of starting; they stop the other way round.
_SERVICES = ("mariadb", "php-fpm", "nginx")


@dataclass(frozen=True)
class Native:
    """One instance on the distribution's packages."""

    instance: Instance
    say: Callable[[str], None]
    name: ClassVar[str] = "native"

    @property
    def database(self) -> Path:
        """MariaDB's data folder."""
        return self.instance.data / "db"

    @property
    def run(self) -> Path:
        """Pid files and configs."""
        return self.instance.data / "run"

    @property
    def sockets(self) -> Path:
        """The folder of the two sockets: in the instance, or in /run if the path is too long."""
        longest = self.run / "mariadb.sock"
        if len(os.fsencode(longest)) <= _LONGEST_SOCKET_BYTES:
            return self.run
        return Path(f"/run/relaypress-sandbox-{self.instance.port}")

    def up(self, record: dict[str, str]) -> dict[str, str]:
        """Start what is not running; install the site when `record` is not complete yet."""
        packages.ensure(self.say)
        self._check_port()
        fresh = "WP_VERSION" not in record
        for folder in (self.run, self.sockets):
            folder.mkdir(mode=0o700, exist_ok=True)
        if fresh:
            self._copy_files(record.get("WP_RELEASE", ""))
        self._start_database()
        self._start_php()
        self._start_nginx()
        if fresh:
            self.say("installing the site")
            record = record | self._install(record)
        return record

    def is_up(self) -> bool:
        """Return whether all three processes run."""
        return all(self._pid(name) for name in _SERVICES)

    def down(self, *, at_once: bool = False) -> bool:
        """Stop the processes; return whether any ran."""
        ran = [processes.stop(self._pid_file(name), at_once=at_once) for name in reversed(_SERVICES)]
        return any(ran)

    def delete(self) -> None:
        """Nothing lies outside the data folder but, perhaps, sockets."""
        if self.sockets != self.run:
            shutil.rmtree(self.sockets, ignore_errors=True)

    def php(self, code: bytes, arguments: list[str]) -> int:
        """Run PHP with `code` on its standard input; return its exit code."""
        command = [*_php_command(), "--", *arguments] if arguments else _php_command()
        return subprocess.run(command, input=code, env=self._environment(), check=False).returncode

    def logs_hint(self) -> str:
        """Return where the reason of a failure can be read."""
        return f"{self.instance.logs}:\n{processes.tail(self._log('php'))}"

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "SANDBOX_ROOT": str(self.instance.root)}

    def _pid_file(self, name: str) -> Path:
        return self.run / f"{name}.pid"

    def _pid(self, name: str) -> int:
        return processes.alive(self._pid_file(name))

    def _log(self, name: str) -> Path:
        return self.instance.logs / f"{name}.log"

    def _check_port(self) -> None:
        """Say it before anything is started, for nginx would say it last."""
        port = self.instance.port
        if not self._pid("nginx") and _port_taken(port):
            raise SandboxError(f"port {port} is taken by another program: take another --port")

    def _copy_files(self, release: str) -> None:
        """Copy the package's files, links followed, so that nothing is shared or outside."""
        source = releases.files_of(release, self.say) if release else _WORDPRESS
        self.say("copying WordPress")
        shutil.rmtree(self.instance.root, ignore_errors=True)
        processes.run("copy of WordPress", ["cp", "-rL", f"{source}/.", str(self.instance.root)])

    def _start_database(self) -> None:
        if self._pid("mariadb"):
            return
        if not (self.database / "mysql").is_dir():
            self.say("making the database")
            _install_database(self.database)
        sql = self.run / "init.sql"
        sql.write_text("CREATE DATABASE IF NOT EXISTS wordpress CHARACTER SET utf8mb4;\n")
        arguments = database_arguments(self.database, self.sockets, sql, self.run)
        self._start("mariadb", [_program("mariadbd", "mysqld"), *arguments], self._database_answers)

    def _start_php(self) -> None:
        if self._pid("php-fpm"):
            return
        version = php_version()
        theme = next(
            (n for n in packages.THEMES if (self.instance.root / "wp-content/themes" / n).is_dir()),
            "",
        )
        socket_path = self.sockets / "mariadb.sock"
        config = self.instance.root / "wp-config.php"
        if not config.exists() or str(socket_path) not in config.read_text():
            config.write_text(settings.wp_config(self.instance.url, str(socket_path), theme))
            config.chmod(0o600)
        file = self.run / "php-fpm.conf"
        file.write_text(fpm_config(self.instance.data, self.sockets, self.instance.logs))
        command = [
            f"/usr/sbin/php-fpm{version}",
            "--nodaemonize",
            "--fpm-config",
            str(file),
            *OPCACHE,
        ]
        if os.geteuid() == 0:
            command.append("--allow-to-run-as-root")
        self._start("php-fpm", command, lambda: _connects(self.sockets / "php.sock"))

    def _start_nginx(self) -> None:
        if self._pid("nginx"):
            return
        file = self.run / "nginx.conf"
        file.write_text(nginx_config(self.instance, self.sockets, self.run))
        command = [_program("nginx"), "-c", str(file), "-e", str(self._log("nginx"))]
        self._start("nginx", command, lambda: _port_taken(self.instance.port))

    def _start(self, name: str, command: list[str], ready: Callable[[], bool]) -> None:
        log = self._log(name)
        processes.start(command, self._pid_file(name), log)
        processes.wait_started(name, ready, self._pid_file(name), log)

    def _database_answers(self) -> bool:
        """MariaDB greets only after init.sql; that it listens says nothing."""
        return _connects(self.sockets / "mariadb.sock", greeting=True)

    def _install(self, record: dict[str, str]) -> dict[str, str]:
        setup = install_setup(record)
        output = processes.run(
            "installing the site",
            _php_command(),
            input=(_SCRIPTS / "install.php").read_text(),
            env=self._environment() | {"SANDBOX_SETUP": setup},
        )
        return parse_install(output)


def php_version() -> str:
    """Return the newest PHP that has a php-fpm, a command line and the modules, like "8.2"."""
    versions = [
        match.group(1)
        for path in Path("/usr/sbin").glob("php-fpm*")
        if (match := re.fullmatch(r"php-fpm(\d+\.\d+)", path.name))
        and Path(f"/usr/bin/php{match.group(1)}").exists()
    ]
    for version in sorted(versions, key=lambda v: [int(n) for n in v.split(".")], reverse=True):
        listed = processes.run("php -m", [f"/usr/bin/php{version}", "-m"])
        if set(listed.split()) >= _MODULES:
            return version
    raise SandboxError(f"no PHP with php-fpm and {', '.join(sorted(_MODULES))} in {versions or '/usr/sbin'}")


def _php_command() -> list[str]:
    return [
        f"/usr/bin/php{php_version()}",
        "-d", "memory_limit=512M",
        "-d", "display_errors=stderr",
        "-d", "error_reporting=E_ALL & ~E_DEPRECATED",
    ]  # fmt: skip


def _install_database(folder: Path) -> None:
    """Make MariaDB's system tables; root comes in by the socket, whose folder is ours alone."""
    command = [
        _program("mariadb-install-db", "mysql_install_db"),
        "--no-defaults",
        f"--datadir={folder}",
        "--auth-root-authentication-method=normal",
        "--skip-test-db",
        "--skip-name-resolve",
    ]
    if os.geteuid() == 0:
        command.append("--user=root")
    shutil.rmtree(folder, ignore_errors=True)
    processes.run("mariadb-install-db", command)


def _program(*names: str) -> str:
    """Return the path of the first that exists; /usr/sbin is not on everyone's PATH."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/bin"
    for name in names:
        if found := shutil.which(name, path=path):
            return found
    raise SandboxError(f"{names[0]} not found although its package is installed")


def _connects(path: Path, *, greeting: bool = False) -> bool:
    """Return whether something listens on the socket (and, if asked, speaks first)."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(2)
        try:
            client.connect(str(path))
            return bool(client.recv(5)) if greeting else True
        except OSError:
            return False


def _port_taken(port: int) -> bool:
    with socket.socket() as client:
        client.settimeout(1)
        return client.connect_ex(("127.0.0.1", port)) == 0
