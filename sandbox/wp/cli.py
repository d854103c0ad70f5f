"""The commands. Progress goes to stderr; stdout holds the assignments and nothing else."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path

from wp import instance as instances
from wp import packages, probe, processes
from wp.container import Container, docker_answers
from wp.instance import Instance, SandboxError
from wp.native import Native
from wp.releases import RELEASES

_LOADER = b"<?php require getenv('SANDBOX_ROOT') . '/wp-load.php'; ?>"
_READY_SECONDS = 60

Way = Native | Container


def main(arguments: list[str]) -> int:
    """Run one command; return the exit code."""
    options, extra = _parser().parse_known_args(arguments)
    if extra and options.command != "php":
        _parser().error(f"unknown: {' '.join(extra)}")
    try:
        instance = _locate(options)
        if options.command == "php":
            return _php(instance, options.file, extra)
        command = {"up": up, "reset": reset, "down": down, "status": status}[options.command]
        return command(instance, options)
    except (SandboxError, OSError) as error:
        print(f"sandbox/wordpress: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def up(instance: Instance, options: argparse.Namespace) -> int:
    """Start the instance, make it first if needed, and print its assignments."""
    with instances.locked(instance):
        _print(_up(instance, options.way, options.release), as_json=options.json)
    return 0


def reset(instance: Instance, options: argparse.Namespace) -> int:
    """Throw the instance away and start a fresh one."""
    with instances.locked(instance):
        way = _way_of(instance)
        if way:
            way.down(at_once=True)
            way.delete()
        instances.empty_folder(instance)
        _print(_up(instance, options.way, options.release), as_json=options.json)
    return 0


def down(instance: Instance, _options: argparse.Namespace) -> int:
    """Stop the instance and keep its data; nothing to stop is no error."""
    if not instance.data.is_dir():
        _say(f"{instance.url} was never up")
        return 0
    with instances.locked(instance):
        way = _way_of(instance)
        stopped = way.down() if way else False
    _say(f"{instance.url} {'stopped' if stopped else 'was not up'}")
    return 0


def status(instance: Instance, _options: argparse.Namespace) -> int:
    """Say in one line whether the site answers; exit code 0 when it does, else 1."""
    record = instances.read_record(instance)
    way = _way_of(instance) if record else None
    if way and way.is_up() and probe.answers(instance.url):
        print(f"up {instance.url} (WordPress {record['WP_VERSION']}, {record['WP_WAY']})")
        return 0
    print(f"down {instance.url}{'' if record else ' (never made)'}")
    return 1


def _locate(options: argparse.Namespace) -> Instance:
    """The instance that the options mean: each release has a port, and so a folder, of its own."""
    if options.release and options.release not in RELEASES:
        raise SandboxError(f"no release {options.release!r}: take one of {', '.join(RELEASES)}")
    port = options.port or (None if options.data else RELEASES.get(options.release))
    return instances.locate(port, options.data)


def _up(instance: Instance, wish: str, release: str) -> dict[str, str]:
    began = time.monotonic()
    instances.prepare_folder(instance)
    record = instances.read_record(instance)
    if record and record.get("WP_RELEASE", "") != release:
        raise SandboxError(
            f"{instance.data} holds WordPress {record['WP_VERSION']}: reset it, or take another --port"
        )
    way = _way_of(instance) if record else None
    if way and way.is_up() and probe.answers(instance.url):
        return record
    if not record:
        _clear_half_made(instance)
        way = _choose(instance, wish, release)
        record = instances.new_record(instance) | {"WP_WAY": way.name, "WP_RELEASE": release}
        (instance.data / "way").write_text(way.name)
    assert way is not None
    record = way.up(record)
    if not processes.wait(lambda: probe.answers(instance.url), _READY_SECONDS):
        raise SandboxError(f"{instance.url}/xmlrpc.php does not answer; see {way.logs_hint()}")
    probe.check_front_page(instance.url)
    probe.check_logins(record)
    instances.write_record(instance, record)
    _say(f"{instance.url} is up ({time.monotonic() - began:.1f} s)")
    return record


def _clear_half_made(instance: Instance) -> None:
    """An earlier `up` was interrupted: its processes and files are of no use."""
    way = _way_of(instance)
    if way:
        way.down(at_once=True)
        way.delete()
    instances.empty_folder(instance)
    instances.prepare_folder(instance)


def _choose(instance: Instance, wish: str, release: str) -> Way:
    """Take Docker if an engine answers, else the packages, else say what is missing."""
    engine = docker_answers() if wish != "native" else "not asked for"
    if release:
        engine = f"has no WordPress of Debian {release}"
    if not engine:
        return Container(instance, _say)
    lack = packages.blocker() if wish != "docker" else "not asked for"
    if not lack:
        return Native(instance, _say)
    raise SandboxError(f"cannot start WordPress: Docker: {engine}; packages: {lack}")


def _way_of(instance: Instance) -> Way | None:
    """Return the way that the instance was started, even if it was never finished."""
    try:
        name = (instance.data / "way").read_text()
    except FileNotFoundError:
        return None
    return Container(instance, _say) if name == Container.name else Native(instance, _say)


def _php(instance: Instance, file: str, arguments: list[str]) -> int:
    """Run a PHP file (or - for standard input) with WordPress loaded."""
    way = _way_of(instance)
    if not way or not way.is_up():
        raise SandboxError(f"{instance.url} is not up")
    try:
        code = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise SandboxError(f"{file}: {error.strerror}") from error
    sys.stdout.flush()
    return way.php(_LOADER + code, arguments)


def _print(record: dict[str, str], *, as_json: bool) -> None:
    text = json.dumps(record) + "\n" if as_json else instances.assignments(record)
    print(text, end="", flush=True)


def _say(text: str) -> None:
    print(f"sandbox/wordpress: {text}", file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--port", type=int, help=f"of 127.0.0.1 (default {instances.DEFAULT_PORT})")
    common.add_argument("--data", type=Path, help="the instance's folder (default sandbox/.data/PORT)")
    common.add_argument(
        "--release",
        default=os.environ.get("RELAYPRESS_WORDPRESS", ""),
        help=f"the WordPress of another Debian: {' or '.join(RELEASES)} (default $RELAYPRESS_WORDPRESS, else the own)",
    )
    parser = argparse.ArgumentParser(prog="sandbox/wordpress", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for function in (up, reset, down, status):
        text = (function.__doc__ or "").strip()
        command = commands.add_parser(function.__name__, parents=[common], help=text)
        if function in (up, reset):
            command.add_argument("--json", action="store_true", help="print one JSON object")
            command.add_argument("--way", choices=("auto", "docker", "native"), default="auto")
    command = commands.add_parser("php", parents=[common], help="Run PHP with WordPress loaded.")
    command.add_argument("file", metavar="FILE", help="a PHP file, or - for standard input")
    return parser
