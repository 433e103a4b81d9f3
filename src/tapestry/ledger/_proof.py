"""Proofs that an entry is in a tree (RFC 9162, 2.1.3), and that a tree only added to an older one (2.1.4)."""

from collections.abc import Sequence

from tapestry.ledger._tree import node_hash, root_of, split_of
from tapestry.model import CustodyFault, Refused


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return the hashes that lead from leaf `index` to the root, from the leaf upwards.

    Raises:
        Refused: There is no such leaf.

    Source: RFC 9162, 2.1.3.1 (PATH).
    """
    if not 0 <= index < len(leaves):
        raise Refused(f"inclusion proof: leaf {index} of a tree of {len(leaves)}; leaves count from 0")
    path: list[bytes] = []
    low, high = 0, len(leaves)
    while high - low > 1:
        middle = low + split_of(high - low)
        if index < middle:
            path.append(root_of(leaves[middle:high]))
            high = middle
        else:
            path.append(root_of(leaves[low:middle]))
            low = middle
    return path[::-1]


def consistency_proof(leaves: Sequence[bytes], first_size: int) -> list[bytes]:
    """Return the hashes which show that the first `first_size` leaves did not change.

    Raises:
        Refused: `first_size` is not between 1 and the number of leaves.

    Source: RFC 9162, 2.1.4.1 (SUBPROOF). The proof from a tree to itself is empty.
    """
    if not 1 <= first_size <= len(leaves):
        raise Refused(
            f"consistency proof: from {first_size} to {len(leaves)} leaves; the first size counts from 1"
        )
    path: list[bytes] = []
    low, high, whole = 0, len(leaves), True
    while first_size != high:
        middle = low + split_of(high - low)
        if first_size <= middle:
            path.append(root_of(leaves[middle:high]))
            high = middle
        else:
            path.append(root_of(leaves[low:middle]))
            low, whole = middle, False
    if not whole:
        path.append(root_of(leaves[low:high]))
    return path[::-1]


def verify_inclusion(*, index: int, size: int, leaf: bytes, proof: Sequence[bytes], root_hash: bytes) -> None:
    """Check that `leaf` is leaf `index` of the tree of `size` leaves with this root.

    1. The index lies inside the tree.
    2. The hashes of the proof, joined to the leaf, do not run out early and are not too many.
    3. What they give is the root.

    Args:
        index: Of the leaf, from 0.
        size: Number of leaves under `root_hash`.
        leaf: The leaf's hash.

    Raises:
        CustodyFault: A step fails; the message names it.

    Source: RFC 9162, 2.1.3.2.
    """
    if not 0 <= index < size:  # 1
        raise CustodyFault(f"inclusion, step 1: leaf {index} in a tree of {size}; there is no such leaf")
    position, last, node = index, size - 1, leaf
    for used, sibling in enumerate(proof):  # 2
        if last == 0:
            raise CustodyFault(f"inclusion, step 2: {len(proof)} hashes in the proof, expected {used}")
        if position & 1 or position == last:
            node = node_hash(sibling, node)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        position, last = position >> 1, last >> 1
    if last != 0:
        raise CustodyFault(
            f"inclusion, step 2: {len(proof)} hashes in the proof of leaf {index} of {size}; too few"
        )
    if node != root_hash:  # 3
        raise CustodyFault(
            f"inclusion, step 3: leaf {index} leads to root {node.hex()}, expected {root_hash.hex()}; "
            "the entry is not the one that was logged"
        )


def verify_consistency(
    *, first_size: int, first_root: bytes, second_size: int, second_root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that the tree of `second_size` leaves has the tree of `first_size` as its beginning.

    1. The sizes rise, from 1; equal sizes have equal roots and an empty proof.
    2. The proof is neither too short nor too long.
    3. The first root follows from it.
    4. The second root follows from it.

    Raises:
        CustodyFault: A step fails; the message names it.

    Source: RFC 9162, 2.1.4.2.
    """
    sizes = f"from {first_size} to {second_size} leaves"
    if not 1 <= first_size <= second_size:  # 1
        raise CustodyFault(
            f"consistency, step 1: {sizes}; a log never shrinks and the first tree is not empty"
        )
    if first_size == second_size:
        if proof or first_root != second_root:
            raise CustodyFault(
                f"consistency, step 1: two trees of {first_size} leaves differ; one of them is forged"
            )
        return
    path = list(proof)
    if first_size & (first_size - 1) == 0:
        path.insert(0, first_root)
    if not path:  # 2
        raise CustodyFault(f"consistency, step 2: {sizes}: the proof is empty")
    position, last = first_size - 1, second_size - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    first = second = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise CustodyFault(f"consistency, step 2: {sizes}: {len(proof)} hashes in the proof are too many")
        if position & 1 or position == last:
            first, second = node_hash(sibling, first), node_hash(sibling, second)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            second = node_hash(second, sibling)
        position, last = position >> 1, last >> 1
    if last != 0:
        raise CustodyFault(f"consistency, step 2: {sizes}: {len(proof)} hashes in the proof are too few")
    if first != first_root:  # 3
        raise CustodyFault(
            f"consistency, step 3: the proof gives first root {first.hex()}, expected {first_root.hex()}; "
            "entries of the first tree were changed"
        )
    if second != second_root:  # 4
        raise CustodyFault(
            f"consistency, step 4: the proof gives second root {second.hex()}, expected {second_root.hex()}; "
            "the second tree is not the first one with entries added"
        )
