"""The Merkle tree of the Log: what makes a changed, removed or inserted line show (RFC 9162).

In: the fields of entries, leaf hashes, tree heads. Out: hashes, proofs, the bytes that are signed.
Never: a private key, a store, a clock.
"""

from tapestry.ledger._entry import canonical_details, canonical_entry, entry_leaf_hash
from tapestry.ledger._head import head_bytes, verify_head
from tapestry.ledger._proof import consistency_proof, inclusion_proof, verify_consistency, verify_inclusion
from tapestry.ledger._tree import EMPTY_TREE, Tree, leaf_hash, root_of

__all__ = [
    "EMPTY_TREE",
    "Tree",
    "canonical_details",
    "canonical_entry",
    "consistency_proof",
    "entry_leaf_hash",
    "head_bytes",
    "inclusion_proof",
    "leaf_hash",
    "root_of",
    "verify_consistency",
    "verify_head",
    "verify_inclusion",
]
