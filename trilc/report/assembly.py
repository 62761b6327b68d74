"""One HTML file of the data and of the page's own files, with nothing left to fetch."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

STYLES = ("theme.css", "frame.css", "parts.css")
MAIN = "main.js"

_IMPORT = re.compile(r'^import (\{[^}]*\}) from "\./([a-z-]+\.js)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:function|class|const) (\w+))", re.MULTILINE)


def json_text(data: Mapping[str, Any]) -> str:
    """The data as one line of JSON that may stand in any element of a page: no ``<``, ``>`` or ``&`` in it."""
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def page(data: Mapping[str, Any]) -> bytes:
    """The whole page, in UTF-8.

    A policy in its head forbids every connection, and every script and style but its own two, which are named by their
    hashes: what a name in the data may say, it is never run.
    """
    script, style = _linked(MAIN), "\n".join(_own(name) for name in STYLES)
    filled = {
        "title": html.escape(str(data["title"])),
        "policy": (
            f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; img-src data: blob:; "
            "base-uri 'none'; form-action 'none'"
        ),
        "style": style,
        "data": json_text(data),
        "script": script,
    }
    template = _own("page.html")
    return re.sub(r"\{\{(\w+)\}\}", lambda found: filled[found[1]], template).encode(errors="replace")


def _linked(main: str) -> str:
    """A module and all that it imports as one script, each in a scope of its own, after what it needs."""
    done: dict[str, str] = {}

    def visit(name: str, above: tuple[str, ...]) -> None:
        if name in above:
            raise ValueError(f"modules of the page import one another: {' → '.join([*above, name])}")
        if name in done:
            return
        text = _own(name)
        for _, needed in _IMPORT.findall(text):
            visit(needed, (*above, name))
        exported = ", ".join(named for _, named in _EXPORT.findall(text))
        body = _EXPORT.sub(r"\1", _IMPORT.sub(r'const \1 = modules["\2"];', text))
        done[name] = f'modules["{name}"] = (() => {{\n{body}return {{ {exported} }};\n}})();\n'

    visit(main, ())
    return "const modules = {};\n" + "".join(done.values())


def _own(name: str) -> str:
    return files("trilc.report").joinpath("page", name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """As a Content Security Policy names a text (W3C, CSP Level 3)."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
