"""The ledgers of one identity store as one file: a section for each deployment that writes the store.

    {"version": 2, "store_id": "d-…", "deployments": {"sso-sync": {"users": …, "groups": …, …}}}

Version 1 had no sections; it becomes the section of whoever reads it.
"""

from collections.abc import Mapping
from typing import Any, Final, Literal

import msgspec
from msgspec import Struct

from sso_sync.core.ledger import Ledger

VERSION: Final = 2
Section = dict[str, Any]
NOT_OF_A_SECTION = ("store_id", "others")


class LedgerFile(Struct, kw_only=True):
    """What the file holds; sections are kept as they are until one is asked for."""

    version: Literal[2]
    store_id: str
    deployments: dict[str, Section]


def decode(body: bytes, deployment: str) -> LedgerFile:
    """Read a file; raises msgspec.MsgspecError or UnicodeDecodeError if it is damaged, ValueError if it is too new."""
    raw = msgspec.json.decode(body, type=dict[str, Any])
    version = raw.get("version")
    if isinstance(version, int) and version > VERSION:
        raise ValueError(f"has version {version}, and this program knows {VERSION}; use the newer program")
    if version == 1 and version is not True:
        section = {name: value for name, value in raw.items() if name not in {"version", "store_id"}}
        raw = {"version": VERSION, "store_id": raw.get("store_id"), "deployments": {deployment: section}}
    return msgspec.convert(raw, LedgerFile)


def ledger_of(file: LedgerFile, deployment: str) -> Ledger:
    """Return one deployment's ledger, an empty one if it has none.

    Raises msgspec.MsgspecError if a section is damaged, and ValueError if two source ids share an object.
    """
    ledgers = {name: _ledger(file.store_id, section) for name, section in file.deployments.items()}
    own = ledgers.pop(deployment, None) or Ledger(store_id=file.store_id)
    own.others = {
        entry.aws_id: name
        for name, ledger in sorted(ledgers.items())
        for entry in (*ledger.users.values(), *ledger.groups.values())
    }
    for entries in (own.users, own.groups):
        aws_ids = {entry.aws_id for entry in entries.values()}
        if "" in aws_ids:
            raise ValueError("is damaged: an entry has no AWS id; restore an older version")
        if len(aws_ids) != len(entries):
            raise ValueError("is damaged: two source ids share an AWS id; restore an older version")
        if shared := aws_ids & own.others.keys():
            owner = own.others[min(shared)]
            raise ValueError(f"is damaged: {owner} manages an object that is ours, too; restore an older version")
    return own


def _ledger(store_id: str, section: Section) -> Ledger:
    known = {name: value for name, value in section.items() if name not in NOT_OF_A_SECTION}
    return msgspec.convert(known | {"store_id": store_id}, Ledger)


def encode(ledger: Ledger, deployment: str, others: Mapping[str, Section]) -> bytes:
    """Write a deployment's ledger beside the sections of `others`."""
    section = {k: v for k, v in msgspec.to_builtins(ledger).items() if k not in NOT_OF_A_SECTION}
    sections = {**others, deployment: section}
    file = LedgerFile(version=VERSION, store_id=ledger.store_id, deployments=sections)
    return msgspec.json.format(msgspec.json.encode(file, order="deterministic"), indent=1)
