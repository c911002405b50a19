"""Serve the portal on this machine: web, worker and MLflow's pages, until a signal comes."""

from __future__ import annotations

import contextlib
import errno
import math
import os
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from portal import assets, people
from portal.serving.door import Door
from portal.serving.services import Service, keeper_of, running
from registry_app.models import Experiment
from runs_app.system import locks
from runs_app.system.keeper import Keeper
from runs_app.system.wakeup import Wakeup, wakeup
from runs_app.worker import parent

LOOPBACK = "127.0.0.1"
EVERYWHERE = frozenset({"0.0.0.0", "::", ""})  # noqa: S104
READY_LIMIT_S = 60
# The names of their logs. Each is one process with threads; all listen on one socket.
WEB_PROCESSES = ("web", "web-2")

Say = Callable[[str], None]


class ServeError(Exception):
    """The portal cannot be served; the message says what to do."""


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """Where the services listen, and the addresses for users."""

    host: str
    port: int
    mlflow_port: int

    @property
    def serves_mlflow(self) -> bool:
        return bool(settings.MLFLOW_IS_EMBEDDED)

    @property
    def web_url(self) -> str:
        """The portal's address: as configured, else where it listens."""
        if "GUARDIANFLOW_URL" in os.environ:
            return str(settings.GUARDIANFLOW_URL)
        name = socket.gethostname() if self.host in EVERYWHERE else self.host
        return f"http://{f'[{name}]' if ':' in name else name}:{self.port}"

    @property
    def own_url(self) -> str:
        """The address at which this machine itself reaches the web server."""
        host = LOOPBACK if self.host in EVERYWHERE else self.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def is_elsewhere(self) -> bool:
        """Whether the configured address is of this machine and has another port than this one."""
        address = urlsplit(self.web_url)
        host = address.hostname or ""
        is_here = host in {"localhost", "::1"} or host.startswith("127.")
        return is_here and address.scheme == "http" and (address.port or 80) != self.port

    @property
    def mlflow_url(self) -> str:
        if "GUARDIANFLOW_MLFLOW_UI" in os.environ:
            return str(settings.GUARDIANFLOW_MLFLOW_UI)
        if self.serves_mlflow:
            return f"http://{LOOPBACK}:{self.mlflow_port}"
        return str(settings.MLFLOW_TRACKING_URI)

    @property
    def probe_url(self) -> str:
        return f"{self.own_url}/healthz"

    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "GUARDIANFLOW_URL": self.web_url,
            "GUARDIANFLOW_MLFLOW_UI": self.mlflow_url,
        }


def serve(addresses: Addresses, *, say: Say, new_password: bool = False) -> None:
    """Serve until a signal comes; raises ServeError if the portal cannot start.

    `new_password` resets the first administrator's password, so that it can be shown again.
    """
    with wakeup() as signals:
        serve_until_stopped(signals, addresses, say=say, new_password=new_password)


def serve_until_stopped(
    signals: Wakeup, addresses: Addresses, *, say: Say, new_password: bool = False
) -> None:
    """Serve like `serve`, for a process that already handles its signals."""
    check_ports(addresses)
    check_no_worker()
    try:
        assets.build()
    except assets.NotBuiltError as error:
        raise ServeError(str(error)) from error
    first = people.first_administrator(new_password=new_password)
    with (
        _bound(addresses.host, addresses.port, option="--port") as listener,
        running(_services(addresses, listener)) as keepers,
        _mlflow_door(addresses, keepers) as door,
    ):
        say(_("Starting the portal; Ctrl-C ends it. Running scripts are left alone."))
        deadline = time.monotonic() + READY_LIMIT_S
        is_ready = False
        while not signals.stop:
            next_look_s = door.look() if door is not None else math.inf
            wait_s = min(next_look_s, *(keeper.keep() for keeper in keepers))
            if not is_ready:
                is_ready = _answers(addresses.probe_url) or time.monotonic() > deadline
                wait_s = min(wait_s, 0.3)
                if is_ready:
                    for line in welcome(addresses, first):
                        say(line)
            signals.wait(
                wait_s, door=door.listener if door is not None and door.is_closed else None
            )
        say(_("Stopping ..."))


def check_ports(addresses: Addresses) -> None:
    """Raise ServeError if a port is in use or not permitted."""
    _check_port(addresses.host, addresses.port, option="--port")
    if addresses.serves_mlflow:
        _check_port(LOOPBACK, addresses.mlflow_port, option="--mlflow-port")


def check_no_worker() -> None:
    """Raise ServeError if a worker of this data directory is running."""
    home = Path(settings.GUARDIANFLOW_HOME)
    with locks.hold(home / parent.LOCK) as ours:
        if not ours:
            raise ServeError(
                _("A worker is running for {home} already; stop that one first.").format(home=home)
            )


def worker_service(environment: dict[str, str]) -> Service:
    return Service(name="worker", argv=_manage("worker"), environment=environment)


def _services(addresses: Addresses, listener: socket.socket) -> list[Service]:
    """Return the services to run; `listener` is the socket that all web server processes share."""
    environment = addresses.environment()
    descriptor = listener.fileno()
    argv = (sys.executable, "-m", "portal.serving.web_server", str(descriptor))
    services = [
        Service(name=name, argv=argv, environment=environment, descriptors=(descriptor,))
        for name in WEB_PROCESSES
    ]
    services.append(worker_service(environment))
    return services


@contextlib.contextmanager
def _mlflow_door(addresses: Addresses, keepers: list[Keeper]) -> Iterator[Door | None]:
    """Hold the address of MLflow's pages; their server becomes one of `keepers` when it is due."""
    if not addresses.serves_mlflow:
        yield None
        return
    listener = _bound(LOOPBACK, addresses.mlflow_port, option="--mlflow-port")
    descriptor = listener.fileno()
    service = Service(
        name="mlflow",
        argv=_manage("mlflow_ui", "--descriptor", str(descriptor)),
        environment=addresses.environment(),
        descriptors=(descriptor,),
    )
    with contextlib.closing(
        Door(listener, start=lambda: keepers.append(keeper_of(service)))
    ) as door:
        yield door


def _manage(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), *arguments)


def _check_port(host: str, port: int, *, option: str) -> None:
    _bound(host, port, option=option).close()


def _bound(host: str, port: int, *, option: str) -> socket.socket:
    """Return a socket bound to an address; raises ServeError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except (OSError, OverflowError) as error:
        listener.close()
        text = _("Port {port} of {host} cannot be used ({error}). Change {option}.")
        reason: object = "0-65535"
        if isinstance(error, OSError):
            reason = error.strerror
            if error.errno == errno.EADDRINUSE:
                text = _("Port {port} of {host} is in use. Give another one with {option}.")
        raise ServeError(text.format(port=port, host=host, option=option, error=reason)) from error
    return listener


def _answers(url: str) -> bool:
    """Whether the web server responds at all; any status counts, even unhealthy."""
    try:
        with urllib.request.urlopen(url, timeout=2):  # noqa: S310
            return True
    except urllib.error.HTTPError as error:
        error.close()
        return True
    except OSError:
        return False


def mlflow_is_open() -> str:
    """Return the warning about MLflow's own pages."""
    return _("MLflow has no log-in: every user of this machine can change what it shows.")


def welcome(addresses: Addresses, first: people.Administrator | None) -> Iterator[str]:
    """Yield what is said once the web server responds: addresses, the log-in, what comes next."""
    yield _("Portal:  {url}").format(url=addresses.web_url)
    if addresses.is_elsewhere:
        yield f"         {_elsewhere(addresses)}"
    if addresses.serves_mlflow:
        text = _("MLflow:  {url}  (starts when it is opened, within a minute)")
        yield text.format(url=addresses.mlflow_url)
        yield f"         {mlflow_is_open()}"
    else:
        yield f"MLflow:  {addresses.mlflow_url}"
    yield _("Logs:    {folder}").format(folder=Path(settings.GUARDIANFLOW_HOME) / "logs")
    if first is not None:
        yield _("Log in as {name} with the password {password}  (shown only once).").format(
            name=first.username, password=first.password
        )
    if not Experiment.objects.exists():
        yield _scan_hint()


def _elsewhere(addresses: Addresses) -> str:
    """Say where it listens, for an address on this machine that leads to another port."""
    return _(
        "It listens on {own}. Links use the port of GUARDIANFLOW_URL; if nothing forwards that "
        "port, end this and start it with --port {port}."
    ).format(own=addresses.own_url, port=urlsplit(addresses.web_url).port or 80)


def _scan_hint() -> str:
    roots = [Path(root) for root in settings.GUARDIANFLOW_ROOTS]
    if not any(root.is_dir() for root in roots):
        return _(
            "No folder of experiments exists: {roots}. Create it, or set GUARDIANFLOW_ROOTS."
        ).format(roots=", ".join(map(str, roots)))
    return _(
        "No experiments yet: press Scan now in the portal, or run `guardianflow scan --import`."
    )
