"""Checkpoints: files in, models in integers out."""

from trilc.checkpoint.load import load
from trilc.checkpoint.save import save

__all__ = ["load", "save"]
