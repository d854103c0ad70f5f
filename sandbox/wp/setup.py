"""What install.php is given and what it gives back, the same in both ways."""

from __future__ import annotations

import json

from wp.instance import USERS


def install_setup(record: dict[str, str]) -> str:
    """Return what install.php reads from SANDBOX_SETUP."""
    users = {
        prefix: {"login": login, "role": role, "password": record[f"{prefix}_PASSWORD"]}
        for prefix, (login, role) in USERS.items()
    }
    return json.dumps({"users": users})


def parse_install(output: str) -> dict[str, str]:
    """Return the last line of install.php; PHP may have warned before it."""
    made: dict[str, str] = json.loads(output.strip().splitlines()[-1])
    return made
