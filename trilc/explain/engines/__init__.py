"""Ways to decide whether the output of a machine can ever be true: each yields what it finds, as a worker's task."""
