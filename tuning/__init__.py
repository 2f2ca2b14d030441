"""Hyper-parameter search: one objective per target, one study for all."""
