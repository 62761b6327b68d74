"""The page as a file: nothing in it breaks out, and nothing in it asks for more."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from importlib.resources import files

import pytest

from tests.report.conftest import HOSTILE
from trilc.report import assembly, json_text

DATA = re.compile(r'<script type="application/json" id="data">(.*?)</script>', re.DOTALL)


def test_the_data_stand_in_the_page_as_they_are(html, data):
    text = html.decode()
    (found,) = DATA.findall(text)
    assert found == json_text(data)
    assert json.loads(found)["title"] == HOSTILE
    assert not set("<>&") & set(found)


def test_no_name_becomes_a_part_of_the_page(html):
    text = html.decode()
    assert HOSTILE not in text
    assert text.count("<script") == text.count("</script>") == 2
    assert "{{" not in DATA.sub("", text)


def test_the_policy_names_what_may_run_and_forbids_the_rest(html):
    text = html.decode()
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)[1]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for tag in ('script type="module"', "style"):
        (body,) = re.findall(rf"<{tag}>(.*?)</{tag.split()[0]}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert not re.findall(r"https?://(?!www\.w3\.org/2000/svg)", DATA.sub("", text))


def test_every_file_of_the_page_is_in_it(html):
    text = html.decode()
    for file in files("trilc.report").joinpath("page").iterdir():
        first = file.read_text(encoding="utf-8").splitlines()[0]
        assert first in text, file.name
    assert not re.search(r"^(import|export) ", text, re.MULTILINE)


def test_modules_that_import_one_another_are_refused(monkeypatch):
    sources = {"a.js": 'import { b } from "./b.js";\nexport const a = b;\n', "b.js": 'import { a } from "./a.js";\n'}
    monkeypatch.setattr(assembly, "_own", sources.get)
    with pytest.raises(ValueError, match=r"a\.js → b\.js → a\.js"):
        assembly._linked("a.js")
