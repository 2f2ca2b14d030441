"""Figures with a baseline beside them: speed and memory, measured on the machine at hand."""
