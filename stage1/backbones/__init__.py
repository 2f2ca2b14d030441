"""The backbones by name: the ResNets for small images here, everything else from timm."""
