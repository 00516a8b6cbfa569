"""`script/demo`: starts everything, says what to try, and stops what it started.

PostgreSQL and Valkey are `ror.embedded`'s affair (shared with `script/manage`); web, worker and beat are children of
this process. A child never outlives it: on `kill -9` the kernel sends them SIGTERM (Linux).
"""

import argparse
import contextlib
import ctypes
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from ror import embedded

ROOT = Path(__file__).resolve().parent.parent
LOGS = embedded.DATA / "logs"
PATIENCE = 60  # seconds for the web server to be ready, and the number of ports tried
GRACE = 10  # seconds for a child to end by itself
IS_LINUX = sys.platform == "linux"

WELCOME = """
  Le ROR est prêt : {url}

  Comptes de démonstration (mot de passe de tous : Demo-ROR-2026)
    pro@demo.ror         professionnel, lecture
    referent@demo.ror    référent d’une structure (referent2@ : la même, autre@ : une autre)
    support@demo.ror     support        admin@demo.ror  administration
    regulation@demo.ror  régulation, voit le niveau 3

  À essayer
    {url}recherche/       « 75010 », puis « appartement de coo » : choisissez une suggestion
                                        (avec un fichier FINESS, sans offre décrite : « act aurore »)
    {url}repertoire/      toutes les structures
    {url}demo/courrier/   les courriels que le portail a envoyés
    {url}admin/           l’administration (admin@demo.ror)

  Journaux : {logs}
  Commandes de gestion : script/manage …      Arrêt : Ctrl-C
"""


# Signals received. The handler only notes them: an exception raised from it could leave a lock of subprocess taken.
asked_to_stop: list[int] = []


def main(argv: list[str] | None = None) -> int:
    """Run the demo until a signal or the death of a child; the exit status."""
    options = parse(argv)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # before anything is started
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # ignored under nohup
            signal.signal(number, lambda number, frame: asked_to_stop.append(number))
    children: dict[str, subprocess.Popen] = {}
    with only_demo():
        try:
            status = run(options, children)
        finally:
            if asked_to_stop:
                say("\nArrêt demandé.")
            stop(children)
    say(f"Tout est arrêté ; les données restent dans {embedded.DATA}")
    return 0 if asked_to_stop else status


def parse(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/demo", description="Le portail ROR complet, sur cette machine.")
    parser.add_argument("--port", type=int, default=8000, help="port web (8000 ; s’il est pris, le suivant)")
    parser.add_argument("--reset", action="store_true", help="efface les données de la démonstration d’abord")
    parser.add_argument(
        "--finess",
        nargs="+",
        metavar="FICHIER",
        default=[],
        help="importe ces fichiers FINESS au lieu des établissements inventés",
    )
    options = parser.parse_args(argv)
    start = Path(os.environ.get("ROR_CALLED_FROM") or Path.cwd())  # the script changes folder
    options.finess = [str((start / file).resolve()) for file in options.finess]
    for file in options.finess:
        if not Path(file).is_file():
            parser.error(f"fichier introuvable : {file}")
    return options


def run(options: argparse.Namespace, children: dict[str, subprocess.Popen]) -> int:
    started = time.monotonic()
    os.environ["DJANGO_SETTINGS_MODULE"] = "ror.settings.dev"  # `ror.celery` has already said production
    say("→ PostgreSQL et Valkey")
    embedded.provide(os.environ)
    port = free_port(options.port)
    os.environ["SITE_URL"] = f"http://localhost:{port}"  # what links in messages begin with, those of the seed too
    prepare = [sys.executable, "manage.py", "prepare_demo"]
    prepare += ["--reset"] if options.reset else []
    prepare += ["--finess", *options.finess] if options.finess else []
    children["prepare"] = spawn(prepare)
    while children["prepare"].poll() is None and not asked_to_stop:
        time.sleep(0.1)
    if asked_to_stop or children["prepare"].returncode:
        return 1
    del children["prepare"]

    port = free_port(options.port)
    if port != options.port:
        say(f"  le port {options.port} est pris : je prends le {port}")
    url = f"http://localhost:{port}/"
    os.environ["SITE_URL"] = url.rstrip("/")  # what links in messages begin with
    say("→ serveur web, tâches de fond")
    LOGS.mkdir(exist_ok=True)
    for name, command in commands(port).items():
        (LOGS / f"{name}.log").unlink(missing_ok=True)
        children[name] = spawn(command, LOGS / f"{name}.log")
    if not wait_ready(port, children):
        return 1
    say(WELCOME.format(url=url, logs=LOGS) + f"  Démarré en {time.monotonic() - started:.0f} s\n")
    while children["web"].poll() is None and not asked_to_stop:
        time.sleep(0.5)
        revive(port, children)
    all_live(children)
    return 1


def revive(port: int, children: dict[str, subprocess.Popen]) -> None:
    """Start a dead worker or beat again, as an operating system's service manager would: pages do not need them."""
    for name in ("worker", "beat"):
        if children[name].poll() is not None:
            say(f"Le processus « {name} » s’est arrêté (voir {LOGS / name}.log) : je le relance.")
            children[name] = spawn(commands(port)[name], LOGS / f"{name}.log")


def commands(port: int) -> dict[str, list[str]]:
    """The three kinds of process of a real installation, at the size of a laptop."""
    web = f"granian --interface wsgi --host 127.0.0.1 --port {port} --workers 1 --blocking-threads 4 --no-ws"
    worker = "celery -A ror worker --queues celery,mail --concurrency 1 --loglevel INFO"
    beat = ["--loglevel", "INFO", "--pidfile=", "--schedule", str(embedded.DATA / "beat-schedule")]
    python = [sys.executable, "-m"]
    return {
        "web": [*python, *web.split(), "ror.wsgi:application"],
        "worker": [*python, *worker.split()],
        "beat": [*python, "celery", "-A", "ror", "beat", *beat],
    }


def spawn(command: list[str], log: Path | None = None) -> subprocess.Popen:
    """Start a child in a session of its own (Ctrl-C reaches us alone), which dies with us."""
    parent = os.getpid()

    def die_with_parent() -> None:
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG
        if os.getppid() != parent:  # already gone
            os._exit(1)

    with log.open("a") if log else contextlib.nullcontext() as output:
        return subprocess.Popen(  # noqa: S603
            command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if log else None,
            start_new_session=True,
            preexec_fn=die_with_parent if IS_LINUX else None,  # noqa: PLW1509 - we have no thread
        )


def wait_ready(port: int, children: dict[str, subprocess.Popen]) -> bool:
    """Wait until the site says it is ready; False when a child died or patience is over."""
    started = told = time.monotonic()
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # whatever http_proxy says
    while time.monotonic() < started + PATIENCE:
        if asked_to_stop or not all_live(children):
            return False
        with contextlib.suppress(OSError), direct.open(f"http://127.0.0.1:{port}/pret/", timeout=5):  # 503 raises
            return True
        if time.monotonic() > told + 2:
            told = time.monotonic()
            say(f"    … {told - started:.0f} s")
        time.sleep(0.1)
    say(f"Le site ne répond pas après {PATIENCE} s : voir {LOGS}")
    return False


def all_live(children: dict[str, subprocess.Popen]) -> bool:
    for name, child in children.items():
        if child.poll() is not None:
            log = LOGS / f"{name}.log"
            say(f"\nLe processus « {name} » s’est arrêté. La fin de {log} :")
            say("\n".join(log.read_text(errors="replace").splitlines()[-20:]))
            return False
    return True


def stop(children: dict[str, subprocess.Popen]) -> None:
    """Ask every child to end, then insist with its whole session."""
    for child in children.values():
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + GRACE
    for child in children.values():
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(max(0.1, deadline - time.monotonic()))
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


@contextlib.contextmanager
def only_demo() -> Iterator[None]:
    """One demo per data directory: two would share its tasks and its mails."""
    embedded.make(embedded.DATA)
    with (embedded.DATA / "demo.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SystemExit(
                "La démonstration tourne déjà dans ce dossier. Pour une seconde, à part : ROR_DATA_DIR=/autre/dossier"
            ) from None
        yield


def free_port(wanted: int) -> int:
    """`wanted`, or the first free port after it."""
    for port in range(wanted, wanted + PATIENCE):
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            try:  # browsers try this address of localhost too, even first
                socket.create_connection(("::1", port), timeout=0.5).close()
            except OSError:
                return port
    raise SystemExit(f"Aucun port libre entre {wanted} et {wanted + PATIENCE} : essayez --port")


def say(text: str) -> None:
    # The terminal may be gone (SIGHUP): nobody to tell, but everything still to stop.
    with contextlib.suppress(OSError):
        print(text, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
