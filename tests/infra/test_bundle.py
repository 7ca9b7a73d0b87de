"""The function's code as it is deployed: complete in itself, small, and for the right machine."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from sso_sync_stack.bundling import AWS, Bundle, BundlingError, Platform, build_bundle, this_machine

ENTRY_POINTS = ("handler", "crash")
MAX_ZIPPED = 15 * 1024 * 1024  # bytes
# Everything that is imported only when it is needed, so that a missing dependency shows here and not there.
LAZY = (
    "sso_sync.bootstrap",
    "sso_sync.sources.ad_sync",
    "sso_sync.sources.google_workspace",
    "sso_sync.sources.okta",
    "sso_sync.targets.scim",
    "googleapiclient.discovery",
)


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return build_bundle(this_machine(), tmp_path_factory.mktemp("local"))


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return build_bundle(AWS, tmp_path_factory.mktemp("deployed"))


def run_alone(bundle: Bundle, code: str) -> str:
    """Run code with the standard library and the bundle, and nothing of this environment."""
    begin = f"import sys; sys.dont_write_bytecode = True; sys.path.insert(0, {str(bundle.folder)!r}); "
    done = subprocess.run([sys.executable, "-I", "-S", "-c", begin + code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_can_be_imported_where_nothing_else_is(local: Bundle) -> None:
    names = [*(f"sso_sync.entrypoints.function.{name}" for name in ENTRY_POINTS), *LAZY]
    code = f"import importlib; [importlib.import_module(n) for n in {names!r}]; "
    code += "files = [getattr(m, '__file__', '') or '' for m in sys.modules.values()]; "
    assert run_alone(local, code + "print([f for f in files if 'site-packages' in f])") == "[]\n"


def test_it_holds_the_one_document_of_google_that_is_used(local: Bundle) -> None:
    code = "from googleapiclient.discovery_cache import get_static_doc; "
    code += "print(bool(get_static_doc('admin', 'directory_v1')), get_static_doc('drive', 'v3'))"
    assert run_alone(local, code) == "True None\n"


def test_it_holds_the_services_of_aws_that_are_used(local: Bundle) -> None:
    code = "from sso_sync.http.boto import Aws; from sso_sync.http.governor import RateGovernor; "
    code += "from sso_sync.http.patience import Patience; g, p, aws = RateGovernor(1), Patience(), Aws('eu-west-1'); "
    code += "aws.identity_store(g, 1), aws.sso_admin(), aws.organizations(g, p), aws.events(), aws.sts(), aws.s3(); "
    code += "aws.secrets_manager(), aws.ssm(), aws.cloudformation(), aws.kms(); "
    assert run_alone(local, code + "print('made')") == "made\n"


def test_the_answer_to_cloudformation_needs_nothing_but_boto3(local: Bundle) -> None:
    code = "import sso_sync.entrypoints.function.crash; "
    code += "print(sorted({m.split('.')[0] for m in sys.modules} & {'msgspec', 'google', 'jinja2', 'requests'}))"
    assert run_alone(local, code) == "[]\n"


def test_the_command_line_is_not_deployed(deployed: Bundle) -> None:
    assert not (deployed.folder / "sso_sync" / "entrypoints" / "cli").exists()
    assert not list(deployed.folder.glob("typer*"))


def test_it_is_built_for_the_processor_of_the_function_and_its_python(deployed: Bundle) -> None:
    compiled = list(deployed.folder.rglob("*.so"))
    assert compiled
    foreign = [path.name for path in compiled if "x86_64" in path.name]
    assert foreign == []
    assert any("cpython-314-aarch64" in path.name for path in compiled)
    machine = (deployed.folder / "msgspec").glob("*.so")
    assert {path.read_bytes()[18] for path in machine} == {183}, "183 is AArch64 in an ELF header"


def test_it_is_small_and_without_bytecode(deployed: Bundle, tmp_path: Path) -> None:
    archive = tmp_path / "bundle.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zipped:
        for path in deployed.folder.rglob("*"):
            assert path.suffix != ".pyc"
            zipped.write(path, path.relative_to(deployed.folder))
    assert archive.stat().st_size <= MAX_ZIPPED


def test_building_it_twice_gives_the_same(local: Bundle, tmp_path: Path) -> None:
    again = build_bundle(this_machine(), tmp_path)

    def content(bundle: Bundle) -> dict[str, bytes]:
        files = [path for path in bundle.folder.rglob("*") if path.is_file()]
        return {str(path.relative_to(bundle.folder)): path.read_bytes() for path in files}

    assert content(again) == content(local)


def test_two_platforms_never_share_a_folder() -> None:
    arm = Platform("aarch64-manylinux2014", "3.11", "arm64")
    arm_here = Platform("", "3.11", "arm64")
    assert len({arm.name, arm_here.name, AWS.name, Platform("", "3.11", "x86_64").name}) == 4


def test_a_platform_without_packages_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BundlingError, match="The function's dependencies cannot be installed"):
        build_bundle(Platform("aarch64-manylinux2014", "3.2", "arm64"), tmp_path)
