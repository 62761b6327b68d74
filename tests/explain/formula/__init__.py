"""Formulas of neurons, evaluated outside of trilc."""
