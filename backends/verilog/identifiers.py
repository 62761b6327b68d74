"""Names as Verilog identifiers, and bits that are named alike as vectors."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from backends.names import Namespace

RESERVED = frozenset(
    # SystemVerilog (IEEE 1800-2017), since that is what many tools read a .v file as
    """accept_on alias always always_comb always_ff always_latch and assert assign assume automatic before
    begin bind bins binsof bit break buf bufif0 bufif1 byte case casex casez cell chandle checker class
    clocking cmos config const constraint context continue cover covergroup coverpoint cross deassign default
    defparam design disable dist do edge else end endcase endchecker endclass endclocking endconfig
    endfunction endgenerate endgroup endinterface endmodule endpackage endprimitive endprogram endproperty
    endsequence endspecify endtable endtask enum event eventually expect export extends extern final
    first_match for force foreach forever fork forkjoin function generate genvar global highz0 highz1 if iff
    ifnone ignore_bins illegal_bins implements implies import incdir include initial inout input inside
    instance int integer interconnect interface intersect join join_any join_none large let liblist library
    local localparam logic longint macromodule matches medium modport module nand negedge nettype new
    nexttime nmos nor noshowcancelled not notif0 notif1 null or output package packed parameter pmos posedge
    primitive priority program property protected pull0 pull1 pulldown pullup pulsestyle_ondetect
    pulsestyle_onevent pure rand randc randcase randsequence rcmos real realtime ref reg reject_on release
    repeat restrict return rnmos rpmos rtran rtranif0 rtranif1 s_always s_eventually s_nexttime s_until
    s_until_with scalared sequence shortint shortreal showcancelled signed small soft solve specify specparam
    static string strong strong0 strong1 struct super supply0 supply1 sync_accept_on sync_reject_on table
    tagged task this throughout time timeprecision timeunit tran tranif0 tranif1 tri tri0 tri1 triand trior
    trireg type typedef union unique unique0 unsigned until until_with untyped use uwire var vectored virtual
    void wait wait_order wand weak weak0 weak1 while wildcard wire with within wor xnor xor""".split()  # noqa: SIM905
)


@dataclass(frozen=True)
class Signal:
    """A scalar, or a vector with the bits 0 … width−1, as it is declared."""

    name: str
    width: int | None
    """None for a scalar."""
    first: int
    """The position of its (lowest) bit among the bits of its kind."""

    @property
    def identifier(self) -> str:
        """The name as Verilog writes it, escaped where it must be."""
        return identifier(self.name)

    def declared(self, keyword: str) -> str:
        """``input [3:0] tok``, with ``keyword`` before."""
        span = "" if self.width is None else f" [{self.width - 1}:0]"
        return f"{keyword}{span} {self.identifier}"

    def bits(self) -> Iterator[str]:
        """The Verilog expression for every bit."""
        if self.width is None:
            yield self.identifier
        else:
            yield from (f"{self.identifier}[{k}]" for k in range(self.width))

    def bit_names(self) -> Iterator[str]:
        """The name under which the reader meets every bit."""
        if self.width is None:
            yield self.name
        else:
            yield from (f"{self.name}[{k}]" for k in range(self.width))


def signals(names: Sequence[str], space: Namespace) -> list[Signal]:
    """Signals for some bits: a run ``base[0], base[1], …`` is a vector, anything else a scalar."""
    found: list[Signal] = []
    at = 0
    while at < len(names):
        base = names[at][:-3] if names[at].endswith("[0]") else ""
        width = 0
        while base and at + width < len(names) and names[at + width] == f"{base}[{width}]":
            width += 1
        name = space.take(legal(base if width else names[at]))
        found.append(Signal(name, width or None, at))
        at += max(width, 1)
    return found


def identifier(name: str) -> str:
    """A legal name as Verilog writes it: escaped, with the space that ends it, where it must be."""
    plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_$]*", name) and name not in RESERVED
    return name if plain else f"\\{name} "


def legal(name: str) -> str:
    """A name with everything that some tool may stumble over, even when escaped, replaced by underscores."""
    return re.sub(r"[^A-Za-z0-9_$\[\].:]", "_", name)


def module_name(wish: str) -> str:
    """A plain identifier for a module; ``trilc`` where nothing of the wish can be kept."""
    name = re.sub(r"[^A-Za-z0-9_]", "_", wish)
    if not name.strip("_"):
        return "trilc"
    return f"m_{name}" if name[0].isdigit() or name in RESERVED else name
