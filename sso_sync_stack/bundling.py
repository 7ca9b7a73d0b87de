"""The function's code as one folder: the program, and its dependencies for the platform it runs on. No Docker."""

import platform
import shutil
import subprocess
import sys
from pathlib import Path

import uv
from msgspec import Struct

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "lambda" / "sso_sync"
REQUIREMENTS = ROOT / "lambda" / "requirements.txt"
# What the program never opens: Google's documents and botocore's data weigh more than everything else.
GOOGLE_DOCUMENTS = {"admin.directory_v1.json"}
AWS_SERVICES = {
    "cloudformation",
    "events",
    "identitystore",
    "kms",
    "organizations",
    "s3",
    "secretsmanager",
    "ssm",
    "sso-admin",
    "sts",
}
# Of a distribution's metadata, what is read at run time; the rest differs from machine to machine.
METADATA = {"METADATA", "entry_points.txt", "top_level.txt"}
NOT_DEPLOYED = ("cli", "__pycache__")


class BundlingError(Exception):
    """The bundle could not be built; says why."""


class Platform(Struct, frozen=True):
    """What the code is built for: as uv calls it (empty: this machine), and as Lambda does."""

    uv_name: str
    python: str
    architecture: str

    @property
    def name(self) -> str:
        """Name the platform for a folder; one of this machine is never taken for another's."""
        where = "" if self.uv_name else "-local"
        return f"{self.architecture}-python{self.python.replace('.', '-')}{where}"  # a dot would look like a suffix


class Bundle(Struct, frozen=True):
    """Code in a folder, and what it runs on."""

    folder: Path
    platform: Platform


AWS = Platform("aarch64-manylinux2014", "3.14", "arm64")


def this_machine() -> Platform:
    """Return the platform of a local AWS, which runs functions with this very Python."""
    arm = platform.machine().lower() in {"arm64", "aarch64"}
    return Platform("", f"{sys.version_info.major}.{sys.version_info.minor}", "arm64" if arm else "x86_64")


def build_bundle(target: Platform, build: Path) -> Bundle:
    """Build the bundle anew, in a folder under `build`; equal sources and pins give equal bytes.

    Raises BundlingError.
    """
    folder = build / target.name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    _install(target, folder)
    _prune(folder)
    shutil.copytree(PROGRAM, folder / "sso_sync", ignore=shutil.ignore_patterns(*NOT_DEPLOYED))
    return Bundle(folder, target)


def _install(target: Platform, folder: Path) -> None:
    foreign = ["--python-platform", target.uv_name, "--only-binary", ":all:"] if target.uv_name else []
    command = [
        *(uv.find_uv_bin(), "pip", "install", "--quiet", "--no-deps", "--target", str(folder)),
        *("--python-version", target.python, "--requirement", str(REQUIREMENTS), *foreign),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 # a command of our own
    if done.returncode:
        raise BundlingError(f"The function's dependencies cannot be installed: {done.stderr.strip()}")


def _prune(folder: Path) -> None:
    documents = folder / "googleapiclient" / "discovery_cache" / "documents"
    services = folder / "botocore" / "data"
    unused = [path for path in documents.iterdir() if path.name not in GOOGLE_DOCUMENTS]
    unused += [path for path in services.iterdir() if path.is_dir() and path.name not in AWS_SERVICES]
    unused += [path for info in folder.glob("*.dist-info") for path in info.iterdir() if path.name not in METADATA]
    unused += [*folder.rglob("__pycache__"), *folder.rglob("*.pyi"), folder / "bin", folder / "boto3" / "data"]
    unused += [folder / name for name in ("boto3/examples", ".lock", "pycparser")]
    for path in unused:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
