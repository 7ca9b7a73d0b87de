"""Runs under the Python that Samba was made for: keeps a database equal to the objects that it is told.

Each line of input is a command as JSON, each line of output its answer: {"error": sentence}, empty if it worked.
Objects that are not wanted any more are put aside outside the company, for a deleted one would keep its GUID.
"""

import json
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

import ldb  # type: ignore[import-not-found]
from samba.auth import system_session  # type: ignore[import-not-found]
from samba.dcerpc import security  # type: ignore[import-not-found]
from samba.ndr import ndr_pack  # type: ignore[import-not-found]
from samba.param import LoadParm  # type: ignore[import-not-found]
from samba.samdb import SamDB  # type: ignore[import-not-found]
from samba.sd_utils import SDUtils  # type: ignore[import-not-found]

Json = dict[str, Any]
FIXED = ("objectClass", "objectSid", "groupType")  # never change


class Loader:
    """Holds one database open; `known` is what it wrote, by GUID."""

    def __init__(self, config: str, database: str, aside: str) -> None:
        settings = LoadParm()
        settings.load(config)
        self._db = SamDB(url=database, session_info=system_session(), lp=settings)
        self._aside = aside
        self._file = Path(database).with_name("known.json")
        self._known: dict[str, Json] = json.loads(self._file.read_text()) if self._file.exists() else {}
        self._descriptors: dict[str, str] = {}

    def obey(self, command: Json) -> None:
        """Carry out one command, wholly or not at all."""
        self._db.transaction_start()
        try:
            getattr(self, f"do_{command.pop('do')}")(**command)
        except BaseException:
            self._db.transaction_cancel()
            raise
        self._db.transaction_commit()

    def do_add(self, objects: list[Json]) -> None:
        """Add objects that are not the company's."""
        for one in objects:
            self._db.add({"dn": one["dn"], **one["attributes"]})

    def do_modify(self, dn: str, attributes: dict[str, list[str]]) -> None:
        """Replace attributes of any object; an empty list removes one."""
        self._db.modify(self._changes(dn, attributes))

    def do_password(self, account: str, password: str) -> None:
        """Set an account's password."""
        self._db.setpassword(f"(sAMAccountName={ldb.binary_encode(account)})", password)

    def do_deny(self, account: str, dns: list[str], rights: str, attribute: str = "") -> None:
        """Deny an account rights on objects (as SDDL names them), on one attribute or property set if one is given."""
        tool = SDUtils(self._db)
        sid = tool.get_object_sid(account)
        for dn in dns:
            self._descriptors.setdefault(dn, tool.get_sd_as_sddl(dn))
            tool.dacl_prepend_aces(dn, f"(OD;;{rights};{attribute};;{sid})" if attribute else f"(D;;{rights};;;{sid})")

    def do_restore(self) -> None:
        """Put every access control list back."""
        for dn, sddl in self._descriptors.items():
            descriptor = security.descriptor.from_sddl(sddl, security.dom_sid(self._db.get_domain_sid()))
            SDUtils(self._db).modify_sd_on_dn(dn, descriptor)
        self._descriptors.clear()

    def do_save(self) -> None:
        """Write beside the database what is in it, for whoever opens a copy of it."""
        self._file.write_text(json.dumps(self._known))

    def do_load(self, objects: list[Json]) -> None:
        """Make the company's objects these."""
        wanted = {one["guid"]: one for one in objects}
        for guid in self._known.keys() - wanted.keys():
            self._put_aside(guid)
        for guid in self._known.keys() & wanted.keys():
            # Whatever takes a name gives up its own first: two may have changed places.
            if self._known[guid]["dn"] != wanted[guid]["dn"]:
                self._rename(guid, f"CN=moving-{guid},{self._aside}")
        for guid, one in wanted.items():
            self._write(guid, one)
        for guid, one in wanted.items():
            self._set_members(guid, one["members"])

    def _put_aside(self, guid: str) -> None:
        known = self._known[guid]
        if known.get("aside") or "objectSid" in known["attributes"]:
            return  # somebody of another domain stays where they are
        self._set_members(guid, [])
        kept = {name: known["attributes"][name] for name in FIXED if name in known["attributes"]}
        self._replace(guid, {**kept, "sAMAccountName": [f"aside{guid.replace('-', '')[:14]}"]})
        self._rename(guid, f"CN={guid},{self._aside}")
        known["aside"] = True

    def _write(self, guid: str, one: Json) -> None:
        if guid not in self._known:
            values = {name: _packed(name, found) for name, found in one["attributes"].items()}
            own = UUID(guid).bytes_le
            # Foreign principals are made when a trust brings them, or when a domain is provisioned.
            controls = ["relax:0", *(["provision:0"] if "objectSid" in values else [])]
            self._db.add({"dn": one["dn"], "objectGUID": own, **values}, controls=controls)
            self._known[guid] = {"dn": one["dn"], "attributes": one["attributes"], "members": []}
            return
        self._replace(guid, one["attributes"])
        self._rename(guid, one["dn"])
        self._known[guid]["aside"] = False

    def _replace(self, guid: str, attributes: dict[str, list[str]]) -> None:
        known = self._known[guid]
        names = {*known["attributes"], *attributes} - set(FIXED)
        changed = {n: attributes.get(n, []) for n in names if known["attributes"].get(n) != attributes.get(n)}
        # What SAM itself must have is left as it is.
        changed = {
            n: values for n, values in changed.items() if values or n not in {"userAccountControl", "accountExpires"}
        }
        if changed:
            self._db.modify(self._changes(known["dn"], changed))
        known["attributes"] = {**attributes}

    def _rename(self, guid: str, dn: str) -> None:
        known = self._known[guid]
        if known["dn"] != dn:
            self._db.rename(known["dn"], dn)
            known["dn"] = dn

    def _set_members(self, guid: str, members: list[str]) -> None:
        known = self._known[guid]
        before, after = set(known["members"]), set(members)
        message = ldb.Message(ldb.Dn(self._db, known["dn"]))
        for flag, guids in ((ldb.FLAG_MOD_DELETE, before - after), (ldb.FLAG_MOD_ADD, after - before)):
            if guids:
                names = [f"<GUID={one}>" for one in sorted(guids)]
                message.add(ldb.MessageElement(names, flag, "member"))
                self._db.modify(message)
                message = ldb.Message(ldb.Dn(self._db, known["dn"]))
        known["members"] = list(members)

    def _changes(self, dn: str, attributes: dict[str, list[str]]) -> Any:
        message = ldb.Message(ldb.Dn(self._db, dn))
        for name, values in attributes.items():
            flag = ldb.FLAG_MOD_REPLACE if values else ldb.FLAG_MOD_DELETE
            message[name] = ldb.MessageElement(values, flag, name)
        return message


def _packed(name: str, values: list[str]) -> Any:
    return ndr_pack(security.dom_sid(values[0])) if name == "objectSid" else values


def main() -> None:
    """Obey until the input ends."""
    loader = Loader(*sys.argv[1:4])
    for line in sys.stdin:
        error = ""
        try:
            loader.obey(json.loads(line))
        except Exception as exc:  # noqa: BLE001 # whoever asked raises it
            error = f"{type(exc).__name__}: {exc}"
        print(json.dumps({"error": error}), flush=True)  # noqa: T201 # it is the answer


if __name__ == "__main__":
    main()
