"""The usual script for frozen features: timm's model and transform, a DataLoader, scikit-learn's classifier."""

import sys
from pathlib import Path

import numpy as np
import timm
import torch
from PIL import Image
from sklearn.linear_model import LogisticRegression
from timm.data.transforms_factory import create_transform
from torch.utils.data import DataLoader, Dataset

from stage1.backbones.packaged_weights import read_packaged_weights

MODEL, SIZE, BATCH = "tf_efficientnet_lite0", 128, 64


class _Folder(Dataset[tuple[torch.Tensor, int]]):
    def __init__(self, root: Path) -> None:
        names = sorted(path.name for path in root.iterdir())
        self.files = [(path, label) for label, name in enumerate(names) for path in sorted((root / name).iterdir())]
        half = (0.5, 0.5, 0.5)
        self.transform = create_transform((3, SIZE, SIZE), mean=half, std=half, crop_pct=1.0)

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        path, label = self.files[index]
        return self.transform(Image.open(path).convert("RGB")), label


def main(root: Path) -> None:
    """Print the balanced accuracy of logistic regression on a fifth of the images of each class."""
    model = timm.create_model(MODEL, num_classes=0).eval()
    model.load_state_dict(read_packaged_weights(MODEL, model.state_dict()))
    with torch.no_grad():
        batches = [(model(images), labels) for images, labels in DataLoader(_Folder(root), BATCH)]
    features = torch.cat([rows for rows, _ in batches]).numpy()
    labels = torch.cat([labels for _, labels in batches]).numpy()
    test = np.arange(len(labels)) % 5 == 0
    classifier = LogisticRegression(max_iter=1000, class_weight="balanced").fit(features[~test], labels[~test])
    correct = classifier.predict(features[test]) == labels[test]
    recalls = [correct[labels[test] == label].mean() for label in np.unique(labels[test])]
    print(f"balanced accuracy {100 * np.mean(recalls):.1f} %")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
