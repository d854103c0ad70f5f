"""The constants of wp-config.php: a WordPress that never talks to the outside."""

from __future__ import annotations

import json
import secrets

_SALTS = ("AUTH", "SECURE_AUTH", "LOGGED_IN", "NONCE")


def constants(url: str) -> dict[str, str | bool]:
    """Return what both ways define.

    `local` lets Application Passwords work over plain http (wp-includes/user.php,
    wp_is_application_passwords_supported). Cron is off because every publication
    schedules `do_pings`, which eats a worker; `curl $WP_URL/wp-cron.php` runs it by hand.
    """
    return {
        "WP_HOME": url,
        "WP_SITEURL": url,
        "WP_ENVIRONMENT_TYPE": "local",
        "WP_HTTP_BLOCK_EXTERNAL": True,
        "WP_ACCESSIBLE_HOSTS": "127.0.0.1,localhost",
        "AUTOMATIC_UPDATER_DISABLED": True,
        "WP_AUTO_UPDATE_CORE": False,
        "DISALLOW_FILE_MODS": True,
        "DISABLE_WP_CRON": True,
    }


def defines(values: dict[str, str | bool]) -> str:
    """Return the PHP statements; a name that is already defined wins."""
    return "".join(
        f"defined({json.dumps(key)}) || define({json.dumps(key)}, {_php(value)});\n"
        for key, value in values.items()
    )


def _php(value: str | bool) -> str:  # noqa: FBT001 - a value to write, not a switch
    if isinstance(value, bool):
        return "true" if value else "false"
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def wp_config(url: str, socket: str, theme: str) -> str:
    """Return a whole wp-config.php for the private MariaDB that listens on `socket`."""
    values: dict[str, str | bool] = {
        "DB_NAME": "wordpress",
        "DB_USER": "root",
        "DB_PASSWORD": "",
        "DB_HOST": f"localhost:{socket}",
        "DB_CHARSET": "utf8mb4",
        "DB_COLLATE": "",
        "WP_DEFAULT_THEME": theme,
        "FS_METHOD": "direct",
        **constants(url),
    }
    for name in _SALTS:
        values[f"{name}_KEY"] = secrets.token_hex(32)
        values[f"{name}_SALT"] = secrets.token_hex(32)
    return (
        "<?php\n"
        + defines(values)
        + "$table_prefix = 'wp_';\n"
        + "defined('ABSPATH') || define('ABSPATH', __DIR__ . '/');\n"
        + "require_once ABSPATH . 'wp-settings.php';\n"
    )
