"""Automata: the finite state machine that a net is, and nets that are a given machine.

``explore`` finds every state that a model can reach, ``walk`` that a netlist can, ``minimise`` makes the smallest
machine of them, ``certificate`` shows that it is the model's; ``difference`` compares machines; ``realise`` goes the
other way. ``trilc.automata.symbolic`` counts states that are too many to list.

>>> from trilc.automata import extract, realise
>>> machine = extract(trilc.load("model.npz"))           # doctest: +SKIP
>>> net = realise(machine)                               # doctest: +SKIP
>>> trilc.save("again.npz", net.header(), net.tensors()) # doctest: +SKIP
"""

from trilc.automata.bounded import bounded
from trilc.automata.certificate import certificate, check
from trilc.automata.compare import difference
from trilc.automata.explore import Reached, bytes_per_state, explore
from trilc.automata.extract import extract
from trilc.automata.formats import dot_text, json_text, read_automaton, write_automaton
from trilc.automata.machine import UNSAID, Machine
from trilc.automata.minimise import minimise
from trilc.automata.netlist import Walked, walk
from trilc.automata.observe import Observation, observation
from trilc.automata.realise import Net, realise
from trilc.automata.splitting import splitting_tree

__all__ = [
    "UNSAID", "Machine", "Net", "Observation", "Reached", "Walked", "bounded", "bytes_per_state", "certificate",
    "check", "difference", "dot_text", "explore", "extract", "json_text", "minimise", "observation", "read_automaton",
    "realise", "splitting_tree", "walk", "write_automaton",
]  # fmt: skip
