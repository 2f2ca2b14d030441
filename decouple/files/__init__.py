"""Everything that touches the disk: atomic writes, tensors, cached features, run folders."""
