"""Numbers without rounding: from stored tensors to integers, rationals and exact products."""
