"""From scores to figures: metrics, statistics, calibration, comparison of classifiers."""
