"""The configs of the three programs: small, private, on the loopback."""

from __future__ import annotations

import os
from pathlib import Path

from wp.instance import Instance

_WORKERS = 6
_BODY = "64m"

_FPM = """\
[global]
pid = {run}/php-fpm.master
error_log = {logs}/php-fpm.log
daemonize = no

[wordpress]
{user}
listen = {sockets}/php.sock
listen.mode = 0600
pm = static
pm.max_children = {workers}
pm.max_requests = 0
catch_workers_output = yes
php_admin_value[error_log] = {logs}/php.log
php_admin_flag[log_errors] = on
php_admin_flag[display_errors] = off
php_admin_value[error_reporting] = 22527
php_admin_value[memory_limit] = 256M
php_admin_value[upload_max_filesize] = {body}
php_admin_value[post_max_size] = {body}
php_admin_value[upload_tmp_dir] = {run}
php_admin_value[sys_temp_dir] = {run}
php_admin_value[sendmail_path] = /bin/true
"""

_NGINX = """\
{user}
worker_processes 1;
daemon off;
pid {run}/nginx.master;
error_log {logs}/nginx.log error;
events {{ worker_connections 256; }}
http {{
  include /etc/nginx/mime.types;
  default_type application/octet-stream;
  access_log {logs}/access.log;
  sendfile on;
  keepalive_timeout 65;
  client_max_body_size {body};
  client_body_buffer_size 1m;
  client_body_temp_path {run}/body;
  fastcgi_temp_path {run}/fastcgi;
  proxy_temp_path {run}/proxy;
  scgi_temp_path {run}/scgi;
  uwsgi_temp_path {run}/uwsgi;
  gzip on;
  gzip_types text/xml text/css application/javascript application/json application/rss+xml;
  server {{
    listen 127.0.0.1:{port};
    server_name 127.0.0.1 localhost;
    root {root};
    index index.php;
    location / {{ try_files $uri $uri/ /index.php?$args; }}
    location ~ /\\. {{ deny all; }}
    location ~ ^/wp-content/uploads/.*\\.php$ {{ deny all; }}
    location ~ \\.php$ {{
      try_files $uri =404;
{params}
      fastcgi_read_timeout 120s;
      fastcgi_buffers 16 16k;
      fastcgi_buffer_size 32k;
      fastcgi_pass unix:{sockets}/php.sock;
    }}
  }}
}}
"""


#: Not the distribution's fastcgi_params: since a security update it sends HTTP_HOST without
#: the port, and WordPress then redirects every page to itself for ever.
_PARAMS = {
    "QUERY_STRING": "$query_string",
    "REQUEST_METHOD": "$request_method",
    "CONTENT_TYPE": "$content_type",
    "CONTENT_LENGTH": "$content_length",
    "SCRIPT_NAME": "$fastcgi_script_name",
    "SCRIPT_FILENAME": "$document_root$fastcgi_script_name",
    "REQUEST_URI": "$request_uri",
    "DOCUMENT_ROOT": "$document_root",
    "SERVER_PROTOCOL": "$server_protocol",
    "REQUEST_SCHEME": "$scheme",
    "GATEWAY_INTERFACE": "CGI/1.1",
    "SERVER_SOFTWARE": "nginx/$nginx_version",
    "REMOTE_ADDR": "$remote_addr",
    "REMOTE_PORT": "$remote_port",
    "SERVER_ADDR": "$server_addr",
    "SERVER_PORT": "$server_port",
    "SERVER_NAME": "$server_name",
    "HTTP_HOST": "$http_host",
    "REDIRECT_STATUS": "200",
}


#: Read once when php-fpm starts, so they cannot stand in the pool. Files are looked at in
#: every request: a test that drops a plugin into mu-plugins sees it at once.
OPCACHE = (
    "-d", "opcache.enable=1",
    "-d", "opcache.memory_consumption=96",
    "-d", "opcache.max_accelerated_files=8000",
    "-d", "opcache.revalidate_freq=0",
)  # fmt: skip


def fpm_config(data: Path, sockets: Path, logs: Path) -> str:
    """Return php-fpm's config: a static pool, as the measured one.

    22527 is E_ALL without deprecations, of which an older WordPress on a newer PHP is full.
    """
    user = "user = root\ngroup = root" if os.geteuid() == 0 else ""
    return _FPM.format(run=data / "run", sockets=sockets, logs=logs, user=user, workers=_WORKERS, body=_BODY)


def nginx_config(instance: Instance, sockets: Path, run: Path) -> str:
    """Return nginx's config: 127.0.0.1 only, everything it writes inside the instance."""
    return _NGINX.format(
        user="user root;" if os.geteuid() == 0 else "",
        run=run,
        sockets=sockets,
        logs=instance.logs,
        root=instance.root,
        port=instance.port,
        body=_BODY,
        params="\n".join(f"      fastcgi_param {key} {value};" for key, value in _PARAMS.items()),
    )


def database_arguments(folder: Path, sockets: Path, init_file: Path, run: Path) -> list[str]:
    """Return mariadbd's arguments: no network, small memory, commits synced as on a real host."""
    arguments = [
        "--no-defaults",
        "--skip-networking",
        f"--datadir={folder}",
        f"--socket={sockets}/mariadb.sock",
        f"--pid-file={run}/mariadb.master",
        f"--init-file={init_file}",
        f"--tmpdir={run}",
        "--skip-name-resolve",
        "--performance-schema=OFF",
        "--innodb-buffer-pool-size=64M",
        "--innodb-log-file-size=16M",
        "--key-buffer-size=2M",
        "--aria-pagecache-buffer-size=8M",
        "--max-connections=40",
        "--character-set-server=utf8mb4",
        "--plugin-load=",
    ]
    return [*arguments, "--user=root"] if os.geteuid() == 0 else arguments
