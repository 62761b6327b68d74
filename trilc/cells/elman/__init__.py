"""The Elman cell: a threshold of the old state and the input (Elman 1990)."""
