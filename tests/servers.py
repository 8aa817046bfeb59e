"""The web server and nginx as processes of their own, as on a server: what stands in deploy/ is what is tried."""

import datetime
import http.client
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Self

import yaml

from tests.packages import find_or_install

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy" / "nginx"
GUNICORN = ROOT / "config" / "gunicorn.py"
HOST = "qamtu.example"
TLS = re.compile(r"^\s*ssl_\w+ .*;.*\n", re.MULTILINE)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Message
    body: bytes
    cookies: list[str]

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Server:
    """A process that listens at a port of this machine."""

    process: "subprocess.Popen[bytes]"
    port: int
    trusted: Path | None = None  # its certificate, where it speaks https

    def ask(
        self, path: str, *, method: str = "GET", body: str | bytes | None = None, **headers: str
    ) -> Answer:
        """Header names with underscores for hyphens."""
        context = ssl.create_default_context(cafile=self.trusted) if self.trusted else None
        line: http.client.HTTPConnection = (
            http.client.HTTPSConnection("127.0.0.1", self.port, timeout=60, context=context)
            if context
            else http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        )
        sent = {"Host": HOST, **{name.replace("_", "-"): value for name, value in headers.items()}}
        try:
            line.request(method, path, body, sent)
            answer = line.getresponse()
            cookies = answer.headers.get_all("Set-Cookie") or []
            return Answer(answer.status, answer.headers, answer.read(), cookies)
        finally:
            line.close()

    def wait_until_it_listens(self) -> Self:
        deadline = time.monotonic() + 60
        while True:
            assert self.process.poll() is None, f"it has ended: {self.process.args!r}"
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return self
            assert time.monotonic() < deadline, f"waited in vain for {self.process.args!r}"
            time.sleep(0.05)

    def end(self) -> None:
        """In order, as systemd ends a service: what has begun is answered."""
        self.process.terminate()
        self.process.wait(timeout=60)

    def stop(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def start_web(
    folder: Path,
    variables: Mapping[str, str],
    *,
    core: int | None = None,
    application: str = "config.wsgi:application",
    at: Path | None = None,
    config: Path = GUNICORN,
) -> Server:
    """gunicorn as docs/operations.md starts it, behind a proxy that ends TLS; `at`: a socket too, as in containers."""
    port = free_port()
    environment = environment_of_web(folder, port, variables)
    if at:
        environment["BIND"] = f"unix:{at},{environment['BIND']}"
    command = gunicorn(application, config)
    return launch(command, port, folder / "web.log", environment, core).wait_until_it_listens()


def environment_of_web(folder: Path, port: int, variables: Mapping[str, str]) -> dict[str, str]:
    counts = folder / "counts"
    counts.mkdir(exist_ok=True)
    return {
        **os.environ,
        "BIND": f"127.0.0.1:{port}",
        "WEB_CONCURRENCY": "1",
        "ALLOWED_HOSTS": HOST,
        "HTTPS": "on",
        "BEHIND_PROXY": "on",
        "EMAIL_URL": f"filemail://{folder}/letters",
        "PROMETHEUS_MULTIPROC_DIR": str(counts),
        **variables,
    }


def gunicorn(application: str = "config.wsgi:application", config: Path = GUNICORN) -> list[str]:
    return [sys.executable, "-m", "gunicorn", f"--config={config}", application]


@dataclass
class SharedSocket:
    """A listening socket that outlives who answers at it, as one that systemd holds for its services."""

    listener: socket.socket

    @classmethod
    @contextmanager
    def open(cls) -> Iterator[Self]:
        with socket.create_server(("127.0.0.1", 0), backlog=2048) as listener:
            yield cls(listener)

    @property
    def port(self) -> int:
        port: int = self.listener.getsockname()[1]
        return port

    def start_web(self, folder: Path, variables: Mapping[str, str]) -> Server:
        """One more web server that answers there; returns when it tells systemd that it is ready."""
        with (
            tempfile.TemporaryDirectory(dir="/tmp") as place,
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told,
        ):
            told.bind(f"{place}/notify")
            told.settimeout(60)
            arguments = [sys.executable, "-c", AS_SYSTEMD_STARTS_IT, str(self.listener.fileno()), *gunicorn()]
            environment = environment_of_web(folder, self.port, variables) | {
                "NOTIFY_SOCKET": f"{place}/notify"
            }
            server = launch(
                arguments, self.port, folder / "web.log", environment, None, keep=self.listener.fileno()
            )
            assert told.recv(4096).startswith(b"READY=1")
        return server


# Hands the socket on as its third file, which only the process that is named may take.
AS_SYSTEMD_STARTS_IT = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ |= {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())}
os.execv(sys.argv[2], sys.argv[2:])
"""


def start_nginx(folder: Path, application: int | str, *, tls: bool = True, core: int | None = None) -> Server:
    """nginx with the configuration of deploy/, in which only places, ports and the certificate are other ones.

    `application`: the port that it asks at, or what stands for that in `upstream`.
    """
    program = find_or_install(["nginx"], "nginx-light")
    assert program, "No nginx: install it (Debian: apt-get install nginx-light) and run the tests again."
    port = free_port()
    certificate = make_certificate(folder) if tls else None
    (folder / "nginx.conf").write_text(
        MAIN.format(folder=folder, user="user root;" if os.geteuid() == 0 else "")
    )
    (folder / "qamtu.conf").write_text(configuration(folder, application, port, tls))
    (folder / "qamtu-site.conf").write_text(site(folder))
    shutil.copy(DEPLOY / "qamtu-headers.conf", folder)
    (folder / "static").mkdir(exist_ok=True)
    for page in DEPLOY.glob("*.html"):
        shutil.copy(page, folder)
    server = launch(
        [program, "-p", str(folder), "-c", "nginx.conf"], port, folder / "nginx.log", dict(os.environ), core
    )
    server.trusted = certificate
    return server.wait_until_it_listens()


MAIN = """daemon off; pcre_jit on; worker_processes 1; pid nginx.pid; error_log stderr warn; {user}
events {{ worker_connections 4096; }}
http {{
    types {{ text/html html; text/css css; font/woff2 woff2; image/svg+xml svg; text/javascript js; }}
    client_body_temp_path {folder}/bodies; proxy_temp_path {folder}/proxied; fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    include {folder}/qamtu.conf;
}}
"""


def upstream_of_containers(sockets: Path) -> str:
    """What stands there instead of the address of a plain server."""
    services = yaml.safe_load((ROOT / "deploy" / "docker-compose.yml").read_text())["services"]
    servers = re.findall(r"server unix:[^;]+;", services["nginx"]["command"][-1])
    return replaced(" ".join(servers), "/srv/qamtu/sockets/", f"{sockets}/")


def configuration(folder: Path, application: int | str, port: int, tls: bool) -> str:
    text = (DEPLOY / "qamtu.conf").read_text()
    plain, secure = text.index("server {\n    listen 80"), text.index("server {\n    listen 443")
    text = text[:plain] + text[secure:]  # the other one only leads here, and is no use on a port of our own
    listening = "    listen 443 ssl http2;\n    listen [::]:443 ssl http2;\n"
    text = replaced(text, listening, f"    listen 127.0.0.1:{port}{' ssl http2' if tls else ''};\n")
    asked = application if isinstance(application, str) else f"server 127.0.0.1:{application};"
    text = replaced(text, "server 127.0.0.1:8000;", asked)
    for before, after in (
        ("/var/cache/nginx/", f"{folder}/"),
        ("/var/log/nginx/", f"{folder}/"),
        ("/etc/nginx/", f"{folder}/"),
        ("/etc/ssl/qamtu/", f"{folder}/"),
    ):
        text = replaced(text, before, after)
    return text if tls else TLS.sub("", text)


def site(folder: Path) -> str:
    text = (DEPLOY / "qamtu-site.conf").read_text()
    text = replaced(text, "/srv/qamtu/staticfiles/", f"{folder}/static/")
    text = replaced(text, "/var/log/nginx/", f"{folder}/")
    text = replaced(text, "/etc/nginx/qamtu/", f"{folder}/")
    return replaced(text, "/etc/nginx/", f"{folder}/")


def replaced(text: str, before: str, after: str) -> str:
    assert before in text, f"deploy/nginx no longer says {before!r}"
    return text.replace(before, after)


def make_certificate(folder: Path) -> Path:
    """Of the site, signed by itself."""
    import ipaddress

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName(HOST), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder(
            name, name, key.public_key(), x509.random_serial_number(), now, now + datetime.timedelta(days=1)
        )
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return folder / "fullchain.pem"


def launch(
    command: list[str],
    port: int,
    log: Path,
    environment: Mapping[str, str],
    core: int | None,
    *,
    keep: int | None = None,
) -> Server:
    """`keep`: an open file that it inherits."""
    pinned = [*pinning(core), *command] if core is not None else command
    with open(log, "ab") as output:
        process = subprocess.Popen(
            pinned, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            start_new_session=True, pass_fds=() if keep is None else (keep,),
        )  # fmt: skip
    return Server(process, port)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def pinning(core: int) -> list[str]:
    """What a command begins with to stay on one core; nothing where there is only one, or no program to say so."""
    return ["taskset", "-c", str(core)] if (os.cpu_count() or 1) > 1 and shutil.which("taskset") else []
