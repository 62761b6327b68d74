"""A model laid open in one page: what it is, what it does on a text, and what is proved of it.

``gather`` makes the data, a value that JSON holds; ``page`` makes one HTML file of them, which needs no network. Each
other module gathers one section; the page itself is in the folder ``page``.

>>> import trilc
>>> from trilc.report import Wishes, gather, page
>>> data = gather(trilc.load("model.npz"), None, Wishes(title="model.npz"))       # doctest: +SKIP
>>> open("report.html", "wb").write(page(data))                                   # doctest: +SKIP
"""

from trilc.report.assembly import json_text, page
from trilc.report.gather import Wishes, gather

__all__ = ["Wishes", "gather", "json_text", "page"]
