"""Hashes of leaves and nodes, and a tree that grows by one leaf at a time.

A tree of n leaves is kept as its *peaks*: the roots of the whole subtrees that n splits into, from left to
right, one for each bit that is set in n (13 leaves: subtrees of 8, 4 and 1). A new leaf merges with the peaks
of its own size like a carry in binary addition, so appending costs O(log n) at worst and 2 hashes on average,
and the peaks are all that has to be kept.

Source: RFC 9162, section 2.1.1; peaks: Crosby and Wallach, "Efficient Data Structures for Tamper-Evident
Logging", 2009.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from tapestry.model import CustodyFault

HASH_SIZE_BYTES: Final = 32
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()  # RFC 9162, 2.1.1: the hash of an empty list


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of one entry: SHA-256 of 0x00 and the entry (RFC 9162, 2.1.1)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash over two subtrees: SHA-256 of 0x01, left and right.

    The first byte differs from a leaf's, so that no entry can be given out as a node (RFC 9162, 2.1.1).
    """
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree(msgspec.Struct, frozen=True, kw_only=True):
    """A tree of `size` leaves as its peaks."""

    size: int  # number of leaves
    peaks: tuple[bytes, ...]  # roots of the whole subtrees, from left (the largest) to right

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.peaks) != self.size.bit_count():
            expected = max(self.size, 0).bit_count()
            raise CustodyFault(
                f"tree of {self.size} leaves: {len(self.peaks)} peaks, expected {expected}; "
                "the kept state of the Log was changed: run `tapestry log verify`"
            )

    def with_leaf(self, leaf: bytes) -> "Tree":
        """Return the tree that has this leaf hash at its end."""
        return self.with_leaves((leaf,))

    def with_leaves(self, leaves: Iterable[bytes]) -> "Tree":
        """Return the tree that has these leaf hashes, in their order, at its end."""
        size, peaks = self.size, list(self.peaks)
        for leaf in leaves:
            node = leaf
            carry = size
            while carry & 1:
                node = node_hash(peaks.pop(), node)
                carry >>= 1
            peaks.append(node)
            size += 1
        return Tree(size=size, peaks=tuple(peaks))

    def root(self) -> bytes:
        """Return the root hash over all leaves, 32 bytes."""
        if not self.peaks:
            return EMPTY_ROOT
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = node_hash(peak, root)
        return root


EMPTY_TREE: Final = Tree(size=0, peaks=())


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Return the root hash over leaf hashes, by the definition of RFC 9162, 2.1.1."""
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    split = split_of(len(leaves))
    return node_hash(root_of(leaves[:split]), root_of(leaves[split:]))


def split_of(size: int) -> int:
    """Return the largest power of two below `size`, which is 2 or more: how many leaves go left."""
    return 1 << ((size - 1).bit_length() - 1)
