"""The word-level engine: a model's sums straight from its ternary weights, without gates in between.

The fastest way to run one stream, and the fast reference for big models. ``bank`` lays sums out, ``layout`` a whole
model, ``vectors`` has the vector instructions, ``kernel`` the steps, ``engine`` the machine around them.
"""
