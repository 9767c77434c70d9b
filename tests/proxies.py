"""nginx as docs/nginx.conf has it, before a server of ours."""

import os
import subprocess
from pathlib import Path

from tests import services

SHIPPED = services.ROOT / "docs" / "nginx.conf"
AROUND = """
worker_processes 1;
{user}
daemon off;
pid {directory}/nginx.pid;
error_log {directory}/error.log;
events {{ worker_connections 256; }}
http {{
    sendfile on; tcp_nopush on; keepalive_requests 1000000;
    client_body_temp_path {directory}/body; proxy_temp_path {directory}/proxy; fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi; scgi_temp_path {directory}/scgi;
    {inside}
}}
"""


def nginx() -> str | None:
    """Where it is; as root it is installed where it is missing."""
    command = [services.ROOT / "bin" / "find-installed", "nginx-light", "nginx"]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True).stdout.strip() or None


def start_nginx(program: str, directory: Path, before: int, more: str = "") -> tuple[services.Process, int]:
    """Before the server at a port of this machine, with `more` inside its http block. Gives its own port."""
    directory.mkdir()
    port = services.free_port()
    text = AROUND.format(
        user="user root;" if os.geteuid() == 0 else "",
        directory=directory,
        inside=shipped(directory, port, before) + more,
    )
    (directory / "nginx.conf").write_text(text)
    server = services.Process([program, "-c", directory / "nginx.conf"], directory / "output.log")
    server.wait_until(lambda: services.answers(port))
    return server, port


def shipped(directory: Path, port: int, before: int) -> str:
    text = SHIPPED.read_text()
    for example, own in {
        "listen 80": f"listen 127.0.0.1:{port}",
        "127.0.0.1:8000": f"127.0.0.1:{before}",
        "/var/cache/nginx/lectern": f"{directory}/cache",
        "/var/log/nginx/lectern.log": f"{directory}/access.log",
    }.items():
        assert text.count(example) == 1
        text = text.replace(example, own)
    return text
