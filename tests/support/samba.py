"""A domain controller for tests, where there can be one."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sandbox.active_directory.domain_controller import DomainController, why_not


@contextmanager
def domain_controller(folder: Path) -> Iterator[DomainController]:
    """Run Samba; TESTS_NEED_SAMBA=1 makes its absence a failure instead of a skip.

    Every process of the tests has an address of its own: LDAP's ports cannot be chosen.
    """
    if problem := why_not():
        if os.environ.get("TESTS_NEED_SAMBA"):
            pytest.fail(f"no Active Directory: {problem}, and TESTS_NEED_SAMBA is set")
        pytest.skip(f"no Active Directory: {problem}")
    with DomainController(folder, address=free_address()) as controller:
        yield controller


def free_address() -> str:
    """Choose a loopback address that no other process of this machine has chosen."""
    number = os.getpid()
    return f"127.{10 + (number >> 16) % 200}.{(number >> 8) % 256}.{number % 254 + 1}"
