"""An exported file in a few lines."""

from decouple.deploy.export import ExportedFile
from decouple.reporting.names import printable

_MEGABYTE = 1e6


def export_summary(exported: ExportedFile) -> list[str]:
    """Return what was written, what it takes and gives, and how it was checked."""
    size, classes = exported.image_size, exported.classes
    method = "stage one's classifier" if exported.method == "none" else exported.method
    return [
        f"{printable(exported.path)}: {exported.bytes / _MEGABYTE:.1f} MB, {method} on the {exported.weights} weights",
        f"images of {size} x {size} pixels to probabilities of {classes:,} classes; "
        f"prior: {printable(exported.prior)}, temperature {exported.temperature:.3g}",
        f"checked on {exported.checked_on}: differs from PyTorch by at most {exported.difference:.1g}",
    ]
