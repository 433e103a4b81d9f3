"""Signing the Log and proving it: every way to tamper with it shows, and the report says where."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace
from tests.fakes.fake_store import FakeStore

from tapestry.app._log import LogReport, sign_head, verify_log
from tapestry.app.ports import LogEntry, TreeHead
from tapestry.ledger import EMPTY_TREE, entry_leaf_hash, head_bytes, root_of
from tapestry.model import CustodyFault

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


class FakeSigner:
    def __init__(self, seed: int) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        self.public_key = self._key.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)


HUB = FakeSigner(1)
FORGER = FakeSigner(2)


async def signed_log() -> FakeStore:
    """Return a Log of 7 entries with heads at 0, 3 and 6."""
    store = FakeStore()
    for number in range(7):
        if number % 3 == 0:
            await sign_head(store, HUB, now=AT + timedelta(hours=number))
        await store.append_log(
            at=AT, actor="amal", action="view-movement", subject=f"movement/{number}", details={"n": number}
        )
    return store


def forged(entry: LogEntry, **changes: Any) -> LogEntry:
    """Return an entry that was changed together with its hash."""
    changed = replace(entry, **changes)
    fields = {name: getattr(changed, name) for name in ("at", "actor", "action", "subject", "details")}
    return replace(changed, leaf_hash=entry_leaf_hash(**fields))


async def broken(store: FakeStore, **arguments: Any) -> tuple[int | None, str]:
    report = await verify_log(store, **arguments)
    assert report.fault is not None
    return report.broken_seq, report.fault


async def test_a_log_that_nobody_touched_holds() -> None:
    store = await signed_log()
    seen: list[tuple[int, int]] = []
    report = await verify_log(
        store, trusted_key=HUB.public_key, on_progress=lambda done, total: seen.append((done, total))
    )
    assert report == LogReport(
        size=7,
        root_hash=root_of([entry.leaf_hash for entry in store.entries]),
        heads=3,
        public_keys=(HUB.public_key,),
    )
    assert seen == [(7, 7)]


async def test_an_empty_log_holds() -> None:
    assert await verify_log(FakeStore()) == LogReport(
        size=0, root_hash=EMPTY_TREE.root(), heads=0, public_keys=()
    )


async def test_a_head_covers_the_log_as_it_is_and_is_signed_anew_only_when_that_grew() -> None:
    store = await signed_log()
    head = await sign_head(store, HUB, now=AT + timedelta(hours=9))
    root = root_of([entry.leaf_hash for entry in store.entries])
    assert (head.size, head.root_hash, head.public_key) == (7, root, HUB.public_key)
    assert head.signature == HUB.sign(head_bytes(size=7, root_hash=root, signed_at=AT + timedelta(hours=9)))
    assert await sign_head(store, HUB, now=AT + timedelta(hours=10)) == head
    assert len(store.heads) == 4


async def test_a_log_shorter_than_its_head_is_not_signed() -> None:
    store = await signed_log()
    store.tree = EMPTY_TREE
    with pytest.raises(
        CustodyFault, match=r"^the Log has 0 entries, its newest signed head 6; entries were removed"
    ):
        await sign_head(store, HUB, now=AT)


async def test_a_changed_entry_is_named() -> None:
    store = await signed_log()
    store.entries[4] = replace(store.entries[4], actor="nobody")
    seq, fault = await broken(store)
    assert seq == 4
    assert fault.startswith("entry 4: its fields hash to ")
    assert fault.endswith("; it was changed")


async def test_an_entry_that_was_changed_with_its_hash_is_found_between_two_heads() -> None:
    store = await signed_log()
    store.entries[4] = forged(store.entries[4], actor="nobody")
    seq, fault = await broken(store)
    assert seq == 3
    assert fault.startswith("head of 6 entries signed at 2026-03-01T18:00:00+00:00: the entries give root ")
    assert fault.endswith("an entry from 3 to 5 was changed, removed or inserted with its hash")


async def test_an_entry_that_cannot_be_an_entry_is_named() -> None:
    store = await signed_log()
    store.entries[4] = replace(store.entries[4], at=datetime(2026, 3, 1, 12))
    assert await broken(store) == (
        4,
        "entry 4 cannot be hashed: log entry: time 2026-03-01T12:00:00 has no zone; give UTC",
    )


async def test_a_removed_entry_is_named() -> None:
    store = await signed_log()
    del store.entries[2]
    assert await broken(store) == (2, "entry 2 is missing: the next one there is 3")


async def test_a_removed_entry_after_which_the_others_were_counted_anew_is_found() -> None:
    store = await signed_log()
    del store.entries[2]
    store.entries = [replace(entry, seq=seq) for seq, entry in enumerate(store.entries)]
    seq, fault = await broken(store)
    assert seq == 0
    assert "an entry from 0 to 2 was changed, removed or inserted with its hash" in fault


async def test_swapped_entries_are_found() -> None:
    store = await signed_log()
    fourth, fifth = store.entries[4], store.entries[5]
    store.entries[4], store.entries[5] = replace(fifth, seq=4), replace(fourth, seq=5)
    assert (await broken(store))[0] == 3


async def test_an_inserted_entry_is_found() -> None:
    store = await signed_log()
    store.entries.insert(1, forged(store.entries[0], subject="movement/99"))
    store.entries = [replace(entry, seq=seq) for seq, entry in enumerate(store.entries)]
    assert (await broken(store))[0] == 0


async def test_entries_cut_from_the_end_are_missed() -> None:
    store = await signed_log()
    del store.entries[5:]
    assert await broken(store) == (
        5,
        "entry 5 is missing: the Log ends there, a head of 6 entries was signed; entries were removed from its end",
    )


async def test_a_forged_head_fails_by_its_signature() -> None:
    store = await signed_log()
    store.heads[1] = replace(store.heads[1], root_hash=bytes(32))
    seq, fault = await broken(store)
    assert seq is None
    assert fault.startswith("tree head of 3 entries, step 3: the signature does not belong to these fields")


async def test_a_head_that_a_forger_signed_fails_when_the_hubs_key_is_known() -> None:
    store = await signed_log()
    root = root_of([entry.leaf_hash for entry in store.entries])
    fields: dict[str, Any] = {"size": 7, "root_hash": root, "signed_at": AT}
    store.heads.append(
        TreeHead(**fields, signature=FORGER.sign(head_bytes(**fields)), public_key=FORGER.public_key)
    )
    seq, fault = await broken(store, trusted_key=HUB.public_key)
    assert seq is None
    assert fault.startswith("tree head of 7 entries, step 2: signed by key ")
    assert (await verify_log(store)).public_keys == (HUB.public_key, FORGER.public_key)


async def test_a_kept_tree_that_is_not_the_entries_is_told() -> None:
    store = await signed_log()
    store.tree = EMPTY_TREE.with_leaves(entry.leaf_hash for entry in store.entries[::-1])
    seq, fault = await broken(store)
    assert seq is None
    assert fault.startswith("the kept tree has 7 entries and root ")
    assert fault.endswith("; the kept tree was changed")
