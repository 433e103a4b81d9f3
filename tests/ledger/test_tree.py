"""Hashes and the growing tree, against the published reference tree."""

import pytest

from tapestry.ledger import EMPTY_TREE, Tree, leaf_hash, root_of
from tapestry.model import CustodyFault
from tests.ledger.vectors import LEAVES, ROOTS


@pytest.mark.parametrize("size", range(9))
def test_the_root_of_each_size_is_the_published_one(size: int) -> None:
    assert root_of([leaf_hash(leaf) for leaf in LEAVES[:size]]).hex() == ROOTS[size]


def test_a_tree_that_grows_leaf_by_leaf_has_the_published_roots() -> None:
    tree = EMPTY_TREE
    roots = [tree.root().hex()]
    for leaf in LEAVES:
        tree = tree.with_leaf(leaf_hash(leaf))
        roots.append(tree.root().hex())
    assert roots == ROOTS


def test_a_tree_of_13_leaves_keeps_the_roots_of_8_4_and_1_leaves() -> None:
    leaves = [leaf_hash(bytes([number])) for number in range(13)]
    tree = EMPTY_TREE.with_leaves(leaves)
    assert tree == Tree(size=13, peaks=(root_of(leaves[:8]), root_of(leaves[8:12]), leaves[12]))
    assert tree.root() == root_of(leaves)


def test_leaves_added_together_or_one_by_one_give_the_same_tree() -> None:
    leaves = [leaf_hash(bytes([number])) for number in range(100)]
    one_by_one = EMPTY_TREE
    for size, leaf in enumerate(leaves, start=1):
        one_by_one = one_by_one.with_leaf(leaf)
        assert one_by_one == EMPTY_TREE.with_leaves(leaves[:size])
        assert one_by_one.root() == root_of(leaves[:size])


def test_a_kept_state_whose_peaks_do_not_fit_its_size_is_refused() -> None:
    with pytest.raises(
        CustodyFault, match=r"^tree of 3 leaves: 1 peaks, expected 2; the kept state of the Log"
    ):
        Tree(size=3, peaks=(b"x" * 32,))
    with pytest.raises(CustodyFault, match=r"^tree of -1 leaves: 0 peaks, expected 0"):
        Tree(size=-1, peaks=())
