"""Benchmarks: speed and memory on this machine, each with a baseline."""
