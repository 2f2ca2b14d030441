"""Figures of experiments: what `decouple figure NAME` draws, from formulas, from runs and from sweeps."""
