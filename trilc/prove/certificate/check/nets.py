"""Nets that files define in any order."""

from .rejection import require


def build(roots, reads, make, literals):
    """Make what some nets are, each after all that it reads, without recursion.

    ``reads`` has, by net, the nets that each reads; ``make`` gives its literal once theirs are in ``literals``.
    """
    for root in roots:
        path, under_way = [root], set()
        while path:
            net = path[-1]
            if net in literals:
                path.pop()
                continue
            require(net in reads, f"nothing drives {net}")
            missing = [name for name in reads[net] if name not in literals]
            if missing:
                require(net not in under_way, f"a loop through {net}")
                under_way.add(net)
                path += missing
                continue
            literals[net] = make(net)
            path.pop()
