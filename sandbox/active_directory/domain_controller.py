"""A Samba Active Directory domain controller of this machine: provisioned, loaded with a company, run, ended."""

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sandbox.active_directory.certificates import Authority
from sandbox.active_directory.objects import COMPANY, DOMAIN, GROUPS, PEOPLE, objects_of

Json = dict[str, Any]
ADDRESS = "127.0.0.2"  # LDAP's ports cannot be chosen, so that it has an address of its own
HOST = "dc1.corp.example.test"
ACCOUNT, PASSWORD = "svc-sso-sync", "Read-0nly-Passw0rd!"  # of a domain that nobody else can reach
SERVICE = f"OU=Service,{DOMAIN}"
ASIDE = f"OU=Aside,{DOMAIN}"
UNITS = (COMPANY, PEOPLE, GROUPS, SERVICE, ASIDE)
ACCOUNT_OBJECT: Json = {
    "dn": f"CN={ACCOUNT},{SERVICE}",
    "attributes": {
        "objectClass": ["user"],
        "sAMAccountName": [ACCOUNT],
        "userPrincipalName": [f"{ACCOUNT}@corp.example.test"],
    },
}
START_TIMEOUT = 30.0  # seconds
MANY = 300  # objects that are not taken out one by one: a fresh copy is quicker
PACKAGES = "samba samba-ad-dc samba-ad-provision samba-dsdb-modules winbind python3-samba"


def why_not() -> str:
    """Say why no domain controller can run here, or nothing."""
    missing = [name for name in ("samba", "samba-tool") if shutil.which(name) is None]
    if missing:
        return f"there is no {' and no '.join(missing)} on this machine; install the packages {PACKAGES}"
    return "" if os.geteuid() == 0 else "only root can run a domain controller, whose ports are below 1024"


class DomainController:
    """Runs while the context lasts, in a folder; `load` puts a company in place, while it runs, too.

    Raises OSError with a sentence if this machine cannot, and RuntimeError if Samba does not do as it should.
    """

    def __init__(self, folder: Path, *, address: str = ADDRESS) -> None:
        if problem := why_not():
            raise OSError(f"No Active Directory domain controller can run: {problem}.")
        self.folder, self.address = folder, address
        self.url = f"ldaps://{address}"
        self.credentials = {"user": f"{ACCOUNT}@corp.example.test", "password": PASSWORD}
        self.authority = Authority()
        self._data, self._snapshots = folder / "dc", folder / "snapshots"
        self._server: subprocess.Popen[bytes] | None = None
        self._loader: subprocess.Popen[str] | None = None
        self._people: dict[str, str] = {}  # what is loaded, by guid

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            self._provision()
            self._start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()
        for folder in (self._data, self._snapshots):
            shutil.rmtree(folder, ignore_errors=True)

    def load(self, company: Mapping[str, Any]) -> None:
        """Put a company in place of what is there; raises ValueError for what Active Directory cannot hold."""
        objects = objects_of(company)
        users = [one for one in objects if one["attributes"]["objectClass"] == ["user"]]
        people = {one["guid"]: json.dumps(one, sort_keys=True) for one in users}
        less, more = self._people.keys() - people.keys(), people.keys() - self._people.keys()
        if len(less) > MANY or (len(more) > MANY and self._snapshot(people).exists()):
            self._go_back(people)
        try:
            self.command("restore")
            self.command("load", objects=users)
            self._people = people
            if len(people) > MANY:
                self._keep(people)
            self.command("load", objects=objects)
        except RuntimeError:
            self._go_back({})
            raise

    def deny(self, dns: Sequence[str], rights: str, attribute: str = "") -> None:
        """Take rights on objects away from the account that reads, until the next company is loaded."""
        self.command("deny", account=ACCOUNT_OBJECT["dn"], dns=list(dns), rights=rights, attribute=attribute)

    def change_account(self, **attributes: str) -> None:
        """Change the account that reads."""
        self.command("modify", dn=ACCOUNT_OBJECT["dn"], attributes={n: [value] for n, value in attributes.items()})

    def command(self, do: str, **how: Any) -> None:
        """Let the loader do something; raises RuntimeError."""
        assert self._loader
        assert self._loader.stdin
        assert self._loader.stdout
        self._loader.stdin.write(json.dumps({"do": do, **how}) + "\n")
        self._loader.stdin.flush()
        line = self._loader.stdout.readline()
        error = json.loads(line)["error"] if line else "the loader has ended"
        if error:
            raise RuntimeError(f"Samba could not {do}: {error}")

    def _provision(self) -> None:
        options = ["interfaces=lo", "bind interfaces only=yes", "vfs objects=dfs_samba4 acl_xattr xattr_tdb"]
        command = [
            *("samba-tool", "domain", "provision", f"--targetdir={self._data}"),
            *("--realm=CORP.EXAMPLE.TEST", "--domain=CORP", "--host-name=dc1", "--host-ip=127.0.0.1"),
            *("--adminpass=Adm1n-Passw0rd!", "--server-role=dc", "--dns-backend=NONE", "--quiet"),
            *(f"--option={option}" for option in options),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=_environment())  # noqa: S603
        if done.returncode:
            raise RuntimeError(f"samba-tool cannot provision a domain: {done.stderr[-500:]}")
        self.authority.issue(self.folder / "tls", [HOST, "localhost", self.address])
        (self.folder / "tls" / "ca.pem").write_text(self.authority.pem)
        self._start_loader()
        units = [{"dn": dn, "attributes": {"objectClass": ["organizationalUnit"]}} for dn in UNITS]
        self.command("add", objects=[*units, ACCOUNT_OBJECT])
        self.command("password", account=ACCOUNT, password=PASSWORD)
        self.command("modify", dn=ACCOUNT_OBJECT["dn"], attributes={"userAccountControl": ["512"]})
        self._keep({})
        self._stop_loader()

    def _start(self) -> None:
        self._start_loader()
        self.run_server()

    def _start_loader(self) -> None:
        program = Path(str(shutil.which("samba-tool"))).read_text(encoding="utf-8").partition("\n")[0]
        python = program.removeprefix("#!").split()[0]
        command = [python, str(Path(__file__).with_name("loader.py")), str(self._config), str(self._database), ASIDE]
        self._loader = subprocess.Popen(  # noqa: S603 # our own module
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=(self.folder / "loader.log").open("ab"),
            text=True,
            env=_environment(),
        )

    def run_server(self) -> None:
        """Start the server, and wait until it answers."""
        tls = self.folder / "tls"
        options = {
            "server services": "ldap",
            "interfaces": f"{self.address}/8",
            "bind interfaces only": "yes",
            "log file": str(self.folder / "log.samba"),
            "pid directory": str(self.folder),
            "tls certfile": str(tls / "cert.pem"),
            "tls keyfile": str(tls / "key.pem"),
            "tls cafile": str(tls / "ca.pem"),
        }
        command = ["samba", "-F", "--no-process-group", "-M", "single", "-s", str(self._config)]
        command += [f"--option={name}={value}" for name, value in options.items()]
        log = self.folder / "samba.out"
        self._server = subprocess.Popen(  # noqa: S603
            command, stdin=subprocess.DEVNULL, stdout=log.open("ab"), stderr=subprocess.STDOUT, env=_environment()
        )
        deadline = time.monotonic() + START_TIMEOUT
        while not self._answers():
            if self._server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"Samba did not start: {log.read_text(errors='replace')[-500:]}")
            time.sleep(0.02)

    def end_server(self) -> None:
        """End the server at once: nothing that it holds is wanted any more."""
        if self._server:
            self._server.kill()
            self._server.wait(10)
            self._server = None

    def _answers(self) -> bool:
        try:
            with socket.create_connection((self.address, 636), timeout=1):
                return True
        except OSError:
            return False

    def _stop(self) -> None:
        self.end_server()
        self._stop_loader()

    def _stop_loader(self) -> None:
        if self._loader and self._loader.stdin:
            self._loader.stdin.close()
            self._loader.wait(10)
        self._loader = None

    def _keep(self, people: Mapping[str, str]) -> None:
        """Keep a copy of the database with these people, to come back to it."""
        place = self._snapshot(people)
        if not place.exists():
            self.command("save")
            shutil.copytree(self._data, place, ignore=shutil.ignore_patterns("msg.*", "ldapi", "ldap_priv"))

    def _go_back(self, people: Mapping[str, str]) -> None:
        """Put a copy in place that holds these people, or nobody."""
        self._stop()
        self._people = dict(people) if self._snapshot(people).exists() else {}
        shutil.rmtree(self._data)
        shutil.copytree(self._snapshot(self._people), self._data)
        self._start()

    def _snapshot(self, people: Mapping[str, str]) -> Path:
        return self._snapshots / str(hash(frozenset(people.items())))

    @property
    def _config(self) -> Path:
        return self._data / "etc" / "smb.conf"

    @property
    def _database(self) -> Path:
        return self._data / "private" / "sam.ldb"


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "TDB_NO_FSYNC": "1", "LC_ALL": "C.UTF-8"}
