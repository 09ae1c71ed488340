"""How the field spells the names of networks: a class for `resnet` is called `ResNet`."""

from __future__ import annotations

import re
from typing import Final

_SPELLINGS: Final = (
    *(
        "AlexNet",
        "BC",
        "BERT",
        "BiLSTM",
        "BN",
        "CIFAR",
        "CLIP",
        "CNN",
        "ConvNet",
        "ConvNeXt",
        "DCGAN",
        "DeiT",
    ),
    *("DenseNet", "EfficientNet", "FCN", "FFN", "FPN", "GAN", "GoogLeNet", "GPT", "GRU", "HRNet"),
    *(
        "ImageNet",
        "LeNet",
        "LSTM",
        "MLP",
        "MNASNet",
        "MNIST",
        "MobileNet",
        "NiN",
        "PSPNet",
        "RegNet",
    ),
    *(
        "ResNet",
        "ResNeXt",
        "RNN",
        "SegNet",
        "SENet",
        "ShuffleNet",
        "SqueezeNet",
        "SSD",
        "TCN",
        "UNet",
    ),
    *("VAE", "VGG", "ViT", "WideResNet", "XceptionNet", "YOLO"),
)
"""The names as their papers, torchvision and PyTorch write them."""
_BY_LOWER_CASE: Final = {name.lower(): name for name in _SPELLINGS}


def spelled(word: str) -> str:
    """A word as part of the name of a class.

    >>> spelled("resnet"), spelled("densenet121"), spelled("v3"), spelled("myNet"), spelled("unet3d")
    ('ResNet', 'DenseNet121', 'V3', 'MyNet', 'UNet3d')
    """
    letters, rest = re.fullmatch(r"([^\d]*)(.*)", word, re.DOTALL).groups()  # type: ignore[union-attr]
    known = _BY_LOWER_CASE.get(letters) if word == word.lower() else None
    return known + rest if known else word[0].upper() + word[1:]
