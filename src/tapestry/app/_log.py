"""Signing the Log's tree heads, and proving the whole Log against them."""

from collections.abc import Callable
from datetime import datetime
from typing import Final, Protocol

import msgspec

from tapestry.app.ports import LogEntry, LogStore, TreeHead
from tapestry.ledger import EMPTY_TREE, Tree, entry_leaf_hash, head_bytes, verify_head
from tapestry.model import CustodyFault, Refused

PAGE_ENTRIES: Final = 2_000  # read at once: about 1 MB
MAX_HEADS: Final = 100_000  # proved in one run, the newest; each covers all entries before it


class Signer(Protocol):
    """Something that holds an Ed25519 key."""

    @property
    def public_key(self) -> bytes:
        """Return the public key, 32 bytes."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Return the signature of a message, 64 bytes."""
        ...


class LogReport(msgspec.Struct, frozen=True, kw_only=True):
    """What proving the Log found."""

    size: int  # entries that hold, from the first
    root_hash: bytes  # over those
    heads: int  # signed tree heads that hold
    public_keys: tuple[bytes, ...]  # that signed them, by first use
    broken_seq: int | None = (
        None  # first entry that may be wrong; None when all holds or a head alone is wrong
    )
    fault: str | None = None  # what is wrong, None when all holds


async def sign_head(log_store: LogStore, signer: Signer, *, now: datetime) -> TreeHead:
    """Sign the Log as it is now and keep the head; nothing new since the last head returns that one.

    It signs what the store keeps as the tree, without reading the entries: that is for `verify_log`.

    Raises:
        CustodyFault: The Log is shorter than its last signed head.
    """
    tree = await log_store.log_tree()
    newest = await log_store.tree_heads(limit=1)
    if newest and newest[0].size > tree.size:
        raise CustodyFault(
            f"the Log has {tree.size} entries, its newest signed head {newest[0].size}; "
            "entries were removed: run `tapestry log verify`, keep this database as evidence"
        )
    if newest and (newest[0].size, newest[0].root_hash) == (tree.size, tree.root()):
        return newest[0]
    message = head_bytes(size=tree.size, root_hash=tree.root(), signed_at=now)
    head = TreeHead(
        size=tree.size,
        root_hash=tree.root(),
        signed_at=now,
        signature=signer.sign(message),
        public_key=signer.public_key,
    )
    await log_store.put_tree_head(head)
    return head


async def verify_log(
    log_store: LogStore,
    *,
    trusted_key: bytes | None = None,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> LogReport:
    """Prove the Log, entry by entry, against all its signed heads.

    1. Every head is signed, by `trusted_key` when that is given.
    2. Entries are numbered from 0 without holes.
    3. Each entry's leaf hash is that of its fields.
    4. At each head's size the tree over the leaves has the head's root.
    5. No head is larger than the Log.
    6. The tree that the store keeps is the tree over the entries.

    Entries after the last head are proved by nothing but their own hashes: a head is signed to cover them.

    Args:
        trusted_key: The hub's public key, known from elsewhere. Without it a forger's own key passes.
        on_progress: Called with (entries proved, entries in all) after each page.
    """
    prover = _Prover()
    try:
        heads = sorted(
            await log_store.tree_heads(limit=MAX_HEADS), key=lambda head: (head.size, head.signed_at)
        )
        for head in heads:  # 1
            prover.check_signature(head, trusted_key)
        total = await log_store.log_size()
        prover.expect(heads)
        while page := await log_store.log_entries(start=prover.tree.size, limit=PAGE_ENTRIES):
            for entry in page:
                prover.take(entry)
            on_progress(prover.tree.size, max(total, prover.tree.size))
        prover.finish(await log_store.log_tree())
    except CustodyFault as fault:
        return prover.report(str(fault))
    return prover.report(None)


class _Prover:
    """The tree as far as it was proved."""

    def __init__(self) -> None:
        self.tree: Tree = EMPTY_TREE
        self._proved_size = 0  # of the last head that held: nothing before it can be wrong
        self._broken_seq: int | None = None
        self._heads: list[TreeHead] = []
        self._next = 0
        self._keys: dict[bytes, None] = {}

    def check_signature(self, head: TreeHead, trusted_key: bytes | None) -> None:
        fields = msgspec.structs.asdict(head)
        verify_head(**fields, trusted_key=trusted_key)
        self._keys.setdefault(head.public_key)

    def expect(self, heads: list[TreeHead]) -> None:
        self._heads = heads
        self._check_roots()  # heads of an empty Log

    def take(self, entry: LogEntry) -> None:
        if entry.seq != self.tree.size:  # 2
            self._broken_seq = self.tree.size
            raise CustodyFault(f"entry {self.tree.size} is missing: the next one there is {entry.seq}")
        try:
            leaf = entry_leaf_hash(
                at=entry.at,
                actor=entry.actor,
                action=entry.action,
                subject=entry.subject,
                details=entry.details,
            )
        except Refused as err:
            self._broken_seq = entry.seq
            raise CustodyFault(f"entry {entry.seq} cannot be hashed: {err}") from err
        if leaf != entry.leaf_hash:  # 3
            self._broken_seq = entry.seq
            raise CustodyFault(
                f"entry {entry.seq}: its fields hash to {leaf.hex()}, kept is {entry.leaf_hash.hex()}; "
                "it was changed"
            )
        self.tree = self.tree.with_leaf(leaf)
        self._check_roots()

    def _check_roots(self) -> None:  # 4
        while self._next < len(self._heads) and self._heads[self._next].size == self.tree.size:
            head = self._heads[self._next]
            if head.root_hash != self.tree.root():
                self._broken_seq = self._proved_size if self.tree.size else None
                raise CustodyFault(
                    f"head of {head.size} entries signed at {head.signed_at.isoformat()}: the entries give "
                    f"root {self.tree.root().hex()}, signed is {head.root_hash.hex()}; an entry from "
                    f"{self._proved_size} to {head.size - 1} was changed, removed or inserted with its hash"
                )
            self._proved_size = head.size
            self._next += 1

    def finish(self, kept: Tree) -> None:
        if self._next < len(self._heads):  # 5
            self._broken_seq = self.tree.size
            raise CustodyFault(
                f"entry {self.tree.size} is missing: the Log ends there, a head of {self._heads[-1].size} "
                "entries was signed; entries were removed from its end"
            )
        # 6; the kept tree may have grown while the entries were read
        if kept.size < self.tree.size or (kept.size == self.tree.size and kept != self.tree):
            raise CustodyFault(
                f"the kept tree has {kept.size} entries and root {kept.root().hex()}, there are "
                f"{self.tree.size} that give {self.tree.root().hex()}; the kept tree was changed"
            )

    def report(self, fault: str | None) -> LogReport:
        return LogReport(
            size=self.tree.size if self._broken_seq is None else self._broken_seq,
            root_hash=self.tree.root(),
            heads=self._next,
            public_keys=tuple(self._keys),
            broken_seq=self._broken_seq,
            fault=fault,
        )
