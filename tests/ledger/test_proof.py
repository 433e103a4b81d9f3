"""Inclusion and consistency, against the published reference tree and against every small forgery."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tapestry.ledger import (
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from tapestry.model import CustodyFault, Refused
from tests.ledger.vectors import CONSISTENCY, INCLUSION, LEAVES, ROOTS

HASHES = [leaf_hash(leaf) for leaf in LEAVES]
OTHER = leaf_hash(b"another entry")


@pytest.mark.parametrize(("index", "size", "path"), INCLUSION)
def test_an_inclusion_proof_is_the_published_one_and_holds(index: int, size: int, path: list[str]) -> None:
    proof = inclusion_proof(HASHES[:size], index)
    assert [node.hex() for node in proof] == path
    verify_inclusion(
        index=index, size=size, leaf=HASHES[index], proof=proof, root_hash=bytes.fromhex(ROOTS[size])
    )


@pytest.mark.parametrize(("first", "second", "path"), CONSISTENCY)
def test_a_consistency_proof_is_the_published_one_and_holds(first: int, second: int, path: list[str]) -> None:
    proof = consistency_proof(HASHES[:second], first)
    assert [node.hex() for node in proof] == path
    verify_consistency(
        first_size=first,
        first_root=bytes.fromhex(ROOTS[first]),
        second_size=second,
        second_root=bytes.fromhex(ROOTS[second]),
        proof=proof,
    )


@given(size=st.integers(1, 70), data=st.data())
@settings(max_examples=60, deadline=None)
def test_every_proof_of_every_tree_holds(size: int, data: st.DataObject) -> None:
    leaves = [leaf_hash(number.to_bytes(2, "big")) for number in range(size)]
    index = data.draw(st.integers(0, size - 1))
    verify_inclusion(
        index=index,
        size=size,
        leaf=leaves[index],
        proof=inclusion_proof(leaves, index),
        root_hash=root_of(leaves),
    )
    verify_consistency(
        first_size=index + 1,
        first_root=root_of(leaves[: index + 1]),
        second_size=size,
        second_root=root_of(leaves),
        proof=consistency_proof(leaves, index + 1),
    )


def check_inclusion(**changed: object) -> None:
    given_: dict[str, object] = {
        "index": 5,
        "size": 8,
        "leaf": HASHES[5],
        "proof": inclusion_proof(HASHES, 5),
        "root_hash": root_of(HASHES),
    }
    verify_inclusion(**(given_ | changed))  # type: ignore[arg-type]


def test_a_changed_entry_does_not_lead_to_the_root() -> None:
    with pytest.raises(
        CustodyFault, match=r"^inclusion, step 3: leaf 5 leads to root [0-9a-f]{64}, expected 5dc9"
    ):
        check_inclusion(leaf=OTHER)


def test_an_entry_does_not_hold_at_another_place() -> None:
    with pytest.raises(CustodyFault, match=r"^inclusion, step 3: leaf 4 leads"):
        check_inclusion(index=4)
    with pytest.raises(
        CustodyFault, match=r"^inclusion, step 1: leaf 8 in a tree of 8; there is no such leaf$"
    ):
        check_inclusion(index=8)


def test_a_proof_with_a_hash_too_few_or_too_many_fails() -> None:
    proof = inclusion_proof(HASHES, 5)
    with pytest.raises(
        CustodyFault, match=r"^inclusion, step 2: 2 hashes in the proof of leaf 5 of 8; too few$"
    ):
        check_inclusion(proof=proof[:-1])
    with pytest.raises(CustodyFault, match=r"^inclusion, step 2: 4 hashes in the proof, expected 3$"):
        check_inclusion(proof=[*proof, OTHER])


def check_consistency(**changed: object) -> None:
    given_: dict[str, object] = {
        "first_size": 6, "first_root": root_of(HASHES[:6]), "second_size": 8, "second_root": root_of(HASHES),
        "proof": consistency_proof(HASHES, 6),
    }  # fmt: skip
    verify_consistency(**(given_ | changed))  # type: ignore[arg-type]


def test_a_tree_whose_first_entries_were_changed_removed_swapped_or_inserted_is_not_consistent() -> None:
    forged_trees = [
        [*HASHES[:2], OTHER, *HASHES[3:]],  # changed
        [*HASHES[:2], *HASHES[3:], OTHER],  # removed
        [HASHES[1], HASHES[0], *HASHES[2:]],  # swapped
        [*HASHES[:2], OTHER, *HASHES[2:7]],  # inserted
    ]
    for forged in forged_trees:
        with pytest.raises(CustodyFault, match=r"^consistency, step 3: the proof gives first root"):
            check_consistency(second_root=root_of(forged), proof=consistency_proof(forged, 6))


def test_a_second_root_that_the_proof_does_not_give_fails() -> None:
    with pytest.raises(
        CustodyFault, match=r"^consistency, step 4: the proof gives second root 5dc9[0-9a-f]{60}, expected "
    ):
        check_consistency(second_root=OTHER)


def test_sizes_that_fall_and_equal_sizes_that_differ_fail() -> None:
    with pytest.raises(CustodyFault, match=r"^consistency, step 1: from 9 to 8 leaves; a log never shrinks"):
        check_consistency(first_size=9)
    with pytest.raises(
        CustodyFault, match=r"^consistency, step 1: two trees of 8 leaves differ; one of them is"
    ):
        check_consistency(first_size=8, first_root=OTHER, proof=[])


def test_a_consistency_proof_too_short_or_too_long_fails() -> None:
    proof = consistency_proof(HASHES, 6)
    with pytest.raises(CustodyFault, match=r"^consistency, step 2: from 6 to 8 leaves: the proof is empty$"):
        check_consistency(proof=[])
    with pytest.raises(CustodyFault, match=r"step 2: from 6 to 8 leaves: 2 hashes in the proof are too few$"):
        check_consistency(proof=proof[:-1])
    with pytest.raises(
        CustodyFault, match=r"step 2: from 6 to 8 leaves: 4 hashes in the proof are too many$"
    ):
        check_consistency(proof=[*proof, OTHER])


def test_proofs_of_leaves_that_do_not_exist_are_refused() -> None:
    with pytest.raises(Refused, match=r"^inclusion proof: leaf 8 of a tree of 8; leaves count from 0$"):
        inclusion_proof(HASHES, 8)
    with pytest.raises(
        Refused, match=r"^consistency proof: from 0 to 8 leaves; the first size counts from 1$"
    ):
        consistency_proof(HASHES, 0)
