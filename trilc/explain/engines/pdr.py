"""Property-directed reachability: IC3 (Bradley 2011) as Eén, Mishchenko and Brayton (2011) made it.

Frames ``F_1 ⊆ F_2 ⊆ …`` over-approximate the states that can be reached in so many steps, each given by the cubes
that it excludes. A state from which something bad comes is an obligation: it must be excluded, for which its
predecessors must be. Cubes are generalised by unsatisfiable cores and by dropping literals, with counterexamples to
generalisation excluded on the way (ctgDown: Hassan, Bradley, Somenzi 2013). Where two frames become equal, that is an
invariant, which is then checked by a solver that knows nothing of all this.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush

import numpy as np

from trilc.aig import AIG
from trilc.explain.engines.induction import Proved, Working
from trilc.explain.engines.step import Cube, Step, is_invariant
from trilc.prove.search import Found
from trilc.sat.solver import SatSolver

SOLVER = "glucose4"
"""It takes many small questions with many assumptions well."""

MOST_ANSWERED = 4000
"""Questions with a clause of their own, after which the solver is made anew: what they leave is in the way."""

ATTEMPTS = 3
"""Literals that may fail to be dropped, one after the other, before a cube is taken as it is."""

MOST_OBSTACLES, MOST_JOINS, DEEPEST = 3, 2, 1
"""Counterexamples to generalisation that are excluded for one literal; joins; and cubes within cubes."""


@dataclass(frozen=True)
class Pdr:
    """Decides whether a machine is ever bad; a worker's task.

    Yields :class:`Working`, and at last :class:`Proved` with its invariant, or a :class:`trilc.prove.search.Found` run,
    which need not be the shortest.
    """

    aig: AIG

    def __call__(self) -> Iterator[Working | Proved | Found]:
        """Decide."""
        search = _Search(self.aig)
        try:
            for level in search.run():
                excluded = sum(map(len, search.frames))
                yield Working(f"frame {level} of property-directed reachability, {excluded:,} cubes")
        finally:
            search.close()
        if search.found is not None:
            yield search.found
            return
        cubes = search.invariant
        yield Working(f"check of an invariant of {len(cubes):,} cubes")
        if not is_invariant(self.aig, cubes):
            raise RuntimeError("property-directed reachability gave an invariant that is none")
        names = self.aig.register_names
        yield Proved(
            f"by an invariant of {len(cubes):,} clauses over the registers, checked by another solver",
            tuple(tuple("!" * (x < 0) + names[abs(x) - 1] for x in cube) for cube in cubes),
        )


@dataclass(frozen=True, eq=False)
class _Obligation:
    """A cube from all states of which something bad comes."""

    cube: Cube
    inputs: list[int]
    """(inputs,) bits that lead from each of its states on."""
    successor: _Obligation | None = field(repr=False)


class _Search:
    def __init__(self, aig: AIG) -> None:
        self.step = Step(aig)
        self.frames: list[list[Cube]] = [[], []]
        """The cubes that each frame excludes and the next does not."""
        self.found: Found | None = None
        self.invariant: list[Cube] = []
        self._activity = np.zeros(aig.num_registers + 1)
        self._main: SatSolver | None = None
        self._lifting: SatSolver | None = None
        self._open_main()
        self._open_lifting()

    def close(self) -> None:
        """Free the solvers."""
        for solver in (self._main, self._lifting):
            if solver is not None:
                solver.close()

    def run(self) -> Iterator[int]:
        """Work; yields the frame it is at."""
        yield 0
        while True:
            level = len(self.frames) - 1
            for at in ((0, level) if level == 1 else (level,)):
                while self._solve(at, [self.step.bad]):
                    yield level
                    state, inputs = self._model()
                    if at == 0:
                        self.found = self._trace(_Obligation(tuple(state), inputs, None))
                        return
                    cube = self._lifted(state, inputs, [self.step.bad])
                    for _ in self._block(_Obligation(cube, inputs, None), level):
                        yield level
                    if self.found is not None:
                        return
            self.frames.append([])
            self._act.append(self._fresh())
            for k in range(1, level + 1):
                for cube in list(self.frames[k]):
                    if self._blocked(cube, k) is not None:
                        self._exclude(cube, k + 1)
                yield level
                if not self.frames[k]:
                    self.invariant = [cube for frame in self.frames[k + 1 :] for cube in frame]
                    return

    # Obligations ---------------------------------------------------------------------------------------

    def _block(self, obligation: _Obligation, level: int) -> Iterator[None]:
        """Exclude the cube from a frame, or find a run; yields now and then."""
        queue: list[tuple[int, int, _Obligation]] = [(level, 0, obligation)]
        count = 0
        while queue:
            yield
            at, order, now = heappop(queue)
            if not self.step.excludes_reset(now.cube):
                self.found = self._trace(now)
                return
            if self._is_excluded(now.cube, at):
                if at < level:
                    heappush(queue, (at + 1, order, now))
                continue
            core = self._blocked(now.cube, at - 1)
            if core is None:
                state, inputs = self._model()
                before = self._lifted(state, inputs, self.step.next(now.cube))
                count += 1
                heappush(queue, (at - 1, -count, _Obligation(before, inputs, now)))
                heappush(queue, (at, order, now))
                continue
            cube = self._generalised(core, at, 0)
            while at < level and (core := self._blocked(cube, at)) is not None:
                cube, at = core, at + 1
            self._exclude(cube, at)
            if at < level:
                heappush(queue, (at + 1, order, now))

    def _trace(self, obligation: _Obligation) -> Found:
        steps: list[list[int]] = []
        first = obligation
        now: _Obligation | None = obligation
        while now is not None:
            steps.append(now.inputs)
            now = now.successor
        fixed = {abs(x): int(x > 0) for x in first.cube}
        reset = self.step.aig.reset.tolist()
        return Found(steps, [fixed.get(k + 1, 0) if bit > 1 else bit for k, bit in enumerate(reset)])

    def _is_excluded(self, cube: Cube, level: int) -> bool:
        own = frozenset(cube)
        return any(own.issuperset(other) for frame in self.frames[level:] for other in frame)

    def _exclude(self, cube: Cube, level: int) -> None:
        own = frozenset(cube)
        for k in range(1, level + 1):
            self.frames[k] = [other for other in self.frames[k] if not own.issubset(other)]
        self.frames[level].append(cube)
        assert self._main is not None
        self._main.add([[-self._act[level], *(-x for x in self.step.present(cube))]])
        self._activity *= 0.99
        self._activity[[abs(x) for x in cube]] += 1

    # Generalisation ------------------------------------------------------------------------------------

    def _generalised(self, cube: Cube, level: int, depth: int) -> Cube:
        """A part of a cube that can still be excluded from a frame, with as few literals as is cheap (MIC)."""
        failed = 0
        for literal in sorted(cube, key=lambda x: (self._activity[abs(x)], abs(x))):
            if literal not in cube:
                continue
            smaller = self._down(tuple(x for x in cube if x != literal), level, depth)
            if smaller is not None:
                cube, failed = smaller, 0
            else:
                failed += 1
                if failed >= ATTEMPTS:
                    break
        return cube

    def _down(self, cube: Cube, level: int, depth: int) -> Cube | None:
        """A part of a cube that can be excluded, other cubes being excluded on the way where that helps (ctgDown)."""
        obstacles = joins = 0
        while self.step.excludes_reset(cube):
            core = self._blocked(cube, level - 1)
            if core is not None:
                return core
            if depth >= DEEPEST:
                return None
            state, inputs = self._model()
            obstacle = self._lifted(state, inputs, self.step.next(cube))
            if obstacles < MOST_OBSTACLES and level > 1 and self.step.excludes_reset(obstacle):
                core = self._blocked(obstacle, level - 2)
                if core is not None:
                    obstacles += 1
                    at = level - 1
                    while at < len(self.frames) - 1 and self._blocked(core, at) is not None:
                        at += 1
                    self._exclude(self._generalised(core, at, depth + 1), at)
                    continue
            if joins >= MOST_JOINS:
                return None
            obstacles, joins = 0, joins + 1
            have = frozenset(state)
            cube = tuple(x for x in cube if x in have)
        return None

    # Questions -----------------------------------------------------------------------------------------

    def _blocked(self, cube: Cube, level: int) -> Cube | None:
        """The part of a cube for which it has no predecessor outside of itself in a frame; None where it has one."""
        if self._answered >= MOST_ANSWERED:
            self._open_main()
        assert self._main is not None
        outside = self._fresh()
        self._answered += 1
        self._main.add([[-outside, *(-x for x in self.step.present(cube))]])
        following = self.step.next(cube)
        if self._solve(level, [outside, *following]):
            return None
        core = set(self._main.core())
        self._main.add([[-outside]])
        part = [x for x, literal in zip(cube, following, strict=True) if literal in core]
        if not self.step.excludes_reset(part):
            part.append(next(x for x in cube if self.step.differs_from_reset(x)))
        return tuple(sorted(part, key=abs))

    def _solve(self, level: int, literals: Sequence[int]) -> bool:
        """Whether a step from a frame can be such."""
        assert self._main is not None
        return bool(self._main.solve([*self._act[level:], *literals]))

    def _model(self) -> tuple[list[int], list[int]]:
        """The state (as a cube of all registers) and the inputs of the step that was found."""
        assert self._main is not None
        model = self._main.model()
        state = [k + 1 if model[x] else -k - 1 for k, x in enumerate(self.step.state)]
        return state, [int(model[x]) for x in self.step.inputs]

    def _lifted(self, state: Sequence[int], inputs: Sequence[int], target: Sequence[int]) -> Cube:
        """A part of a state from which the same inputs lead to the target: a core (Chockler et al. 2011)."""
        assert self._lifting is not None
        if self._lifted_so_far >= MOST_ANSWERED:
            self._open_lifting()
        self._lifted_so_far += 1
        fails = self._lifting_first + self._lifted_so_far
        self._lifting.add([[-fails, *(-x for x in [*target, *self.step.constraints])]])
        read = [x if bit else -x for x, bit in zip(self.step.inputs, inputs, strict=True)]
        cube = list(state)
        for _ in range(2):
            present = self.step.present(cube)
            assert not self._lifting.solve([fails, *read, *present])
            core = set(self._lifting.core())
            cube = [x for x, literal in zip(cube, present, strict=True) if literal in core][::-1]
        self._lifting.add([[-fails]])
        return tuple(sorted(cube, key=abs))

    def _fresh(self) -> int:
        self._last += 1
        return self._last

    def _open_main(self) -> None:
        """Begin anew with a solver that knows the frames."""
        if self._main is not None:
            self._main.close()
        self._main = self.step.solver(SOLVER)
        self._last = self.step.variables
        self._answered = 0
        self._act = [self._fresh() for _ in self.frames]
        self._main.add([[-self._act[0], *unit] for unit in self.step.reset_units()])
        for act, frame in zip(self._act, self.frames, strict=True):
            self._main.add([[-act, *(-x for x in self.step.present(cube))] for cube in frame])

    def _open_lifting(self) -> None:
        if self._lifting is not None:
            self._lifting.close()
        self._lifting = SatSolver(self.step.clauses, SOLVER)
        self._lifting_first = self.step.variables
        self._lifted_so_far = 0
