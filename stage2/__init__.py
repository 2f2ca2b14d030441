"""Stage two: re-balance the classifier on frozen features. The table of methods is `stage2.methods.METHODS`."""
