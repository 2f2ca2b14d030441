"""Two-stage (decoupled) training of image classifiers on long-tailed data: the ground and the commands."""
