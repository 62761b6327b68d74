"""What checks a certificate: knows nothing but the files in its directory, and needs Python alone.

    python check                 (where this package lies in the certificate's directory)

It reads the machines, makes of every two neighbours the formula that says "some output or next state differs" itself,
compares that with the file, and goes through the proof that it can't be satisfied, which is an LRAT file: each clause
comes with the earlier ones that it follows from by unit propagation, up to the empty one (Cruz-Filipe, Heule, Hunt,
Kaufmann, Schneider-Kamp 2017). Verified checkers of others take both files too.

Why that is enough. For machines A and B, registers of the same name are equal at reset, and those that the manifest
calls removed are what it says, a constant, a register of B or its complement. Call that the relation. Where it
holds and the constraints do, the formula ``step`` says that it holds of the next states, and that the outputs are
equal; the formula ``constraints``, that those of A hold just where those of B do. Where the manifest names invariants,
pairs of registers of A that are never true together, ``step`` is asked where they hold; they hold at reset, and the
formula ``invariants`` says that they hold of the next state where they do of this one. So by induction over the steps
the machines put out the same on all inputs; and what holds of neighbours in a row holds of the ends.

Where registers don't correspond, the manifest names pairs of nodes of both machines side by side that are equal at
every step. The formula ``base`` says that they are in the first one, ``induction`` that they are in a step if they were
in the one before, and ``outputs`` that outputs are equal where they are; in all of this the constraints of A hold, and
the formula ``constraints`` says that those of B then do, in any state of both.

Where a number of tokens is given, tokens below it are read, and no others; else each netlist's own constraints count.
If both have some, each is ``sealed``: it stands still and says nothing from the step on in which its constraints do not
hold, and says whether they do. If one has, these must be on inputs alone, and both are ``under`` them.

Exit codes: 0 accepted; 1 rejected, with a reason; 3 where all that is there is right, but proofs are missing.
"""
