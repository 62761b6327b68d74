"""The NPN classes of the functions of four inputs."""

from __future__ import annotations

import numpy as np

from trilc.aig import npn


def test_there_are_222_classes_and_their_representatives_are_least():
    classes = npn.classes()
    assert len(classes.representative) == 222
    assert (classes.representative[classes.kind] <= np.arange(65536)).all()
    assert (classes.kind[classes.representative] == np.arange(222)).all()


def test_each_function_is_what_its_transform_makes_of_its_representative():
    classes = npn.classes()
    transform = classes.transform[:, None].astype(int)  # against (functions, minterms)
    x = np.arange(16) >> npn.PERMUTATIONS[classes.transform >> 5].astype(int)[..., None] & 1
    y = sum((x[:, i] ^ (transform >> 1 + i & 1)) << i for i in range(4))
    values = (classes.representative[classes.kind][:, None].astype(int) >> y & 1) ^ (transform & 1)
    assert ((values << np.arange(16)).sum(axis=1) == np.arange(65536)).all()


def test_a_class_is_closed_under_its_operations():
    index = npn.classes().kind
    function = np.arange(65536)
    assert (index == index[function ^ 0xFFFF]).all()
    minterm = np.arange(16)
    negated = minterm ^ 1
    swapped = minterm & 12 | minterm >> 1 & 1 | (minterm & 1) << 1
    rotated = minterm << 1 & 15 | minterm >> 3
    for moved in (negated, swapped, rotated):
        image = ((function[:, None] >> moved & 1) << minterm).sum(axis=1)
        assert (index == index[image]).all()
