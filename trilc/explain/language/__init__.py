"""The language that questions are asked in: see ``QUESTIONS.md`` beside this package."""

from trilc.explain.language.parser import parse
from trilc.explain.language.terms import Terms

__all__ = ["Terms", "parse"]
