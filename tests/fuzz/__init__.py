"""Mutated files for every reader: each must give a valid object or one clear line, in bounded time and memory."""
