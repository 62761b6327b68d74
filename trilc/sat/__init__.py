"""Satisfiability: clauses of And-Inverter Graphs, the solvers, and what rests on them: sweeping and induction."""
