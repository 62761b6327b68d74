"""Proofs: clauses with the earlier ones from which each follows by unit propagation."""

from .rejection import RejectedError, require


def numbers(line):
    """The numbers of a line."""
    try:
        return [int(field) for field in line.split()]
    except ValueError:
        raise RejectedError("a line that holds no numbers") from None


def dimacs(data):
    """The clauses of a DIMACS file, a line each."""
    clauses = []
    for line in data.split(b"\n"):
        if line[:1] in (b"c", b"p", b""):
            continue
        row = numbers(line)
        require(row and row[-1] == 0 and 0 not in row[:-1], "a clause that does not end in 0")
        clauses.append(row[:-1])
    return clauses


def refuted(formula, proof):
    """Raise :class:`RejectedError` unless an LRAT file leads from a formula's clauses to the empty one.

    A line is a clause's number, the clause, 0, numbers of clauses, 0: with all literals of the clause false, each of
    those has one literal left in its turn, which is true then, but for the last: that has none.
    """
    clauses = dict(enumerate(formula, 1))
    for line in proof.split(b"\n"):
        if not line:
            continue
        row = numbers(line)
        require(row.count(0) == 2 and row[-1] == 0 and row[0] != 0, "a line that is no clause with its reasons")
        number, middle = row[0], row.index(0)
        clause = row[1:middle]
        require(number not in clauses, f"clause {number} is there already")
        require(follows(clause, [clauses.get(k) for k in row[middle + 1 : -1]]), f"clause {number} does not follow")
        if not clause:
            return
        clauses[number] = clause
    raise RejectedError("the proof ends before the empty clause")


def follows(clause, reasons):
    """Whether a clause follows from others by unit propagation in their order; None among them is no clause."""
    false = set(clause)
    for reason in reasons:
        if reason is None:
            return False
        left = [literal for literal in reason if literal not in false]
        if not left:
            return True
        if len(left) > 1:
            return False
        false.add(-left[0])
    return False
