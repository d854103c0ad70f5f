"""How fast and how small the whole is: `make bench-first-light`. Needs a sandbox WordPress; starts its own.

bot --help       seconds, beside `python -c "import typer"`: the least that this command line can take
run-once         seconds for the eight articles of the sample newspaper, with local translation
idle             MB of `bot run` once it has nothing to do, without local translation
"""

from __future__ import annotations

import json
import os
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
PYTHON = sys.executable


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="relaypress-bench-"))
    wordpress = ["--port", "8188", "--data", str(folder / "wp")]
    site = ["--port", "8198", "--data", str(folder / "site")]
    try:
        facts = sandbox("wordpress", "up", *wordpress) | sandbox("sample_site.py", "up", *site)
        measure(folder, facts)
    finally:
        subprocess.run([ROOT / "sandbox/wordpress", "down", *wordpress], check=False, capture_output=True)
        subprocess.run([ROOT / "sandbox/sample_site.py", "down", *site], check=False, capture_output=True)


def measure(folder: Path, facts: dict[str, str]) -> None:
    config = folder / "config.toml"
    text = (ROOT / "sandbox/demo.toml").read_text()
    for name in ("WP_URL", "FEED_URL", "WP_EDITOR"):
        text = text.replace(f"{{{{{name}}}}}", facts[name])
    config.write_text(text)
    environ = {**os.environ, "BOT_CONFIG": str(config), "BOT_DEMO_PASSWORD": facts["WP_EDITOR_APP_PASSWORD"]}
    bot = [PYTHON, "-m", "bot"]

    least = timed([PYTHON, "-c", "import typer"], environ)
    help_seconds = timed([*bot, "--help"], environ)
    print(f"bot --help     {help_seconds:.2f} s   ({help_seconds / least:.1f} x `import typer`)")

    subprocess.run([*bot, "models", "add", "en", "pt"], env=environ, check=True, capture_output=True)
    began = time.perf_counter()
    done = subprocess.run([*bot, "run-once", "--json"], env=environ, check=True, capture_output=True)
    seconds = time.perf_counter() - began
    items = json.loads(done.stdout)["items"]
    print(f"bot run-once   {seconds:.1f} s   ({items['published']} published, {items['held']} held)")

    config.write_text(text.replace('engines = ["local"]', 'engines = ["google"]'))
    print(f"bot run, idle  {idle_mb(bot, environ):.0f} MB resident")


def idle_mb(bot: list[str], environ: dict[str, str]) -> float:
    with subprocess.Popen([*bot, "run"], env=environ, stderr=subprocess.PIPE, text=True) as service:
        for line in service.stderr:
            if "event=polled" in line:
                break
        time.sleep(3)
        status = Path(f"/proc/{service.pid}/status").read_text()
        service.terminate()
        service.communicate()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1000


def timed(command: list[str], environ: dict[str, str]) -> float:
    seconds = []
    for _ in range(7):
        began = time.perf_counter()
        subprocess.run(command, env=environ, check=True, capture_output=True)
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)


def sandbox(script: str, *arguments: str) -> dict[str, str]:
    command = [str(ROOT / "sandbox" / script), *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return dict(shlex.split(line)[0].split("=", 1) for line in done.stdout.splitlines() if "=" in line)


if __name__ == "__main__":
    main()
