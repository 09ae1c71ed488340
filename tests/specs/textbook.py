"""The networks of the gallery as one writes them in PyTorch by hand."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def lenet() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 6, kernel_size=5, padding=2), nn.Sigmoid(), nn.AvgPool2d(2, stride=2),
        nn.Conv2d(6, 16, kernel_size=5), nn.Sigmoid(), nn.AvgPool2d(2, stride=2), nn.Flatten(),
        nn.Linear(400, 120), nn.Sigmoid(), nn.Linear(120, 84), nn.Sigmoid(), nn.Linear(84, 10),
    )  # fmt: skip


class _InceptionA(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.branch1x1 = nn.Conv2d(channels, 16, kernel_size=1)
        self.branch5x5_1 = nn.Conv2d(channels, 16, kernel_size=1)
        self.branch5x5_2 = nn.Conv2d(16, 24, kernel_size=5, padding=2)
        self.branch3x3_1 = nn.Conv2d(channels, 16, kernel_size=1)
        self.branch3x3_2 = nn.Conv2d(16, 24, kernel_size=3, padding=1)
        self.branch3x3_3 = nn.Conv2d(24, 24, kernel_size=3, padding=1)
        self.branch_pool = nn.Conv2d(channels, 24, kernel_size=1)

    def forward(self, x: Tensor) -> Tensor:
        branch5x5 = self.branch5x5_2(self.branch5x5_1(x))
        branch3x3 = self.branch3x3_3(self.branch3x3_2(self.branch3x3_1(x)))
        branch_pool = self.branch_pool(F.avg_pool2d(x, kernel_size=3, stride=1, padding=1))
        return torch.cat([self.branch1x1(x), branch5x5, branch3x3, branch_pool], dim=1)


class _Inception(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 10, kernel_size=5)
        self.incep1 = _InceptionA(10)
        self.conv2 = nn.Conv2d(88, 20, kernel_size=5)
        self.incep2 = _InceptionA(20)
        self.mp = nn.MaxPool2d(2)
        self.fc = nn.Linear(1408, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.incep1(F.relu(self.mp(self.conv1(x))))
        x = self.incep2(F.relu(self.mp(self.conv2(x))))
        return self.fc(x.view(x.size(0), -1))


class _ResidualBlock(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, kernel_size=3, padding=1)
        self.conv2 = nn.Conv2d(channels, channels, kernel_size=3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.conv2(F.relu(self.conv1(x))))


class _Residual(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, kernel_size=5)
        self.rblock1 = _ResidualBlock(16)
        self.conv2 = nn.Conv2d(16, 32, kernel_size=5)
        self.rblock2 = _ResidualBlock(32)
        self.mp = nn.MaxPool2d(2)
        self.fc = nn.Linear(512, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.rblock1(self.mp(F.relu(self.conv1(x))))
        x = self.rblock2(self.mp(F.relu(self.conv2(x))))
        return self.fc(x.view(x.size(0), -1))


class _DenseBlock(nn.Module):
    def __init__(self, convs: int, channels: int, growth: int) -> None:
        super().__init__()
        self.net = nn.ModuleList(
            nn.Sequential(
                nn.BatchNorm2d(channels + i * growth),
                nn.ReLU(),
                nn.Conv2d(channels + i * growth, growth, kernel_size=3, padding=1),
            )
            for i in range(convs)
        )

    def forward(self, x: Tensor) -> Tensor:
        for block in self.net:
            x = torch.cat((x, block(x)), dim=1)
        return x


def densenet() -> nn.Module:
    net = nn.Sequential(
        nn.Conv2d(1, 64, kernel_size=7, stride=2, padding=3), nn.BatchNorm2d(64), nn.ReLU(),
        nn.MaxPool2d(kernel_size=3, stride=2, padding=1),
    )  # fmt: skip
    channels, growth = 64, 32
    for i in range(4):
        net.add_module(f"DenseBlock_{i}", _DenseBlock(4, channels, growth))
        channels += 4 * growth
        if i != 3:
            transition = nn.Sequential(
                nn.BatchNorm2d(channels), nn.ReLU(), nn.Conv2d(channels, channels // 2, 1),
                nn.AvgPool2d(kernel_size=2, stride=2),
            )  # fmt: skip
            net.add_module(f"transition_block_{i}", transition)
            channels //= 2
    net.add_module("BN", nn.BatchNorm2d(channels))
    net.add_module("relu", nn.ReLU())
    net.add_module("global_avg_pool", nn.AdaptiveAvgPool2d(1))
    net.add_module("fc", nn.Sequential(nn.Flatten(), nn.Linear(channels, 10)))
    return net


class _UNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        widths = [64, 128, 256, 512]
        self.down = nn.ModuleList(map(_double_conv, [1, *widths], [*widths, 1024]))
        self.up = nn.ModuleList()
        for width in reversed(widths):
            self.up.append(nn.ConvTranspose2d(2 * width, width, kernel_size=2, stride=2))
            self.up.append(_double_conv(2 * width, width))
        self.head = nn.Conv2d(64, 2, kernel_size=1)

    def forward(self, x: Tensor) -> Tensor:
        skips = []
        for level, convs in enumerate(self.down):
            x = convs(F.max_pool2d(x, 2) if level else x)
            skips.append(x)
        skips.pop()
        for up, convs in zip(self.up[::2], self.up[1::2], strict=True):
            x = convs(torch.cat([skips.pop(), up(x)], dim=1))
        return self.head(x)


def _double_conv(channels: int, out: int) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(channels, out, kernel_size=3, padding=1), nn.ReLU(),
        nn.Conv2d(out, out, kernel_size=3, padding=1), nn.ReLU(),
    )  # fmt: skip


def nin() -> nn.Module:
    def block(
        channels: int, out: int, kernel_size: int, stride: int = 1, padding: int = 0
    ) -> nn.Module:
        return nn.Sequential(
            nn.Conv2d(channels, out, kernel_size, stride, padding), nn.ReLU(),
            nn.Conv2d(out, out, kernel_size=1), nn.ReLU(),
            nn.Conv2d(out, out, kernel_size=1), nn.ReLU(),
        )  # fmt: skip

    return nn.Sequential(
        block(1, 96, 11, stride=4), nn.MaxPool2d(3, stride=2),
        block(96, 256, 5, padding=2), nn.MaxPool2d(3, stride=2),
        block(256, 384, 3, padding=1), nn.MaxPool2d(3, stride=2), nn.Dropout(0.5),
        block(384, 10, 3, padding=1), nn.AdaptiveAvgPool2d((1, 1)), nn.Flatten(),
    )  # fmt: skip


class _FourBranches(nn.Module):
    def __init__(
        self, channels: int, c1: int, c2: tuple[int, int], c3: tuple[int, int], c4: int
    ) -> None:
        super().__init__()
        self.b1_1 = nn.Conv2d(channels, c1, kernel_size=1)
        self.b2_1 = nn.Conv2d(channels, c2[0], kernel_size=1)
        self.b2_2 = nn.Conv2d(c2[0], c2[1], kernel_size=3, padding=1)
        self.b3_1 = nn.Conv2d(channels, c3[0], kernel_size=1)
        self.b3_2 = nn.Conv2d(c3[0], c3[1], kernel_size=5, padding=2)
        self.b4_1 = nn.MaxPool2d(kernel_size=3, stride=1, padding=1)
        self.b4_2 = nn.Conv2d(channels, c4, kernel_size=1)

    def forward(self, x: Tensor) -> Tensor:
        one = F.relu(self.b1_1(x))
        three = F.relu(self.b2_2(F.relu(self.b2_1(x))))
        five = F.relu(self.b3_2(F.relu(self.b3_1(x))))
        pooled = F.relu(self.b4_2(self.b4_1(x)))
        return torch.cat((one, three, five, pooled), dim=1)


def googlenet() -> nn.Module:
    def pool() -> nn.Module:
        return nn.MaxPool2d(kernel_size=3, stride=2, padding=1)

    return nn.Sequential(
        nn.Sequential(nn.Conv2d(1, 64, 7, stride=2, padding=3), nn.ReLU(), pool()),
        nn.Sequential(
            nn.Conv2d(64, 64, 1), nn.ReLU(), nn.Conv2d(64, 192, 3, padding=1), nn.ReLU(), pool()
        ),
        nn.Sequential(
            _FourBranches(192, 64, (96, 128), (16, 32), 32),
            _FourBranches(256, 128, (128, 192), (32, 96), 64),
            pool(),
        ),
        nn.Sequential(
            _FourBranches(480, 192, (96, 208), (16, 48), 64),
            _FourBranches(512, 160, (112, 224), (24, 64), 64),
            _FourBranches(512, 128, (128, 256), (24, 64), 64),
            _FourBranches(512, 112, (144, 288), (32, 64), 64),
            _FourBranches(528, 256, (160, 320), (32, 128), 128),
            pool(),
        ),
        nn.Sequential(
            _FourBranches(832, 256, (160, 320), (32, 128), 128),
            _FourBranches(832, 384, (192, 384), (48, 128), 128),
            nn.AdaptiveAvgPool2d((1, 1)),
            nn.Flatten(),
        ),
        nn.Linear(1024, 10),
    )


class _Residual18(nn.Module):
    def __init__(self, channels: int, out: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, out, kernel_size=3, padding=1, stride=stride)
        self.bn1 = nn.BatchNorm2d(out)
        self.conv2 = nn.Conv2d(out, out, kernel_size=3, padding=1)
        self.bn2 = nn.BatchNorm2d(out)
        changes = stride != 1 or channels != out
        self.conv3 = nn.Conv2d(channels, out, kernel_size=1, stride=stride) if changes else None

    def forward(self, x: Tensor) -> Tensor:
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + (x if self.conv3 is None else self.conv3(x)))


def resnet18() -> nn.Module:
    net = nn.Sequential(
        nn.Sequential(
            nn.Conv2d(1, 64, 7, stride=2, padding=3), nn.BatchNorm2d(64), nn.ReLU(),
            nn.MaxPool2d(3, stride=2, padding=1),
        )
    )  # fmt: skip
    channels = 64
    for out in (64, 128, 256, 512):
        stride = 1 if out == 64 else 2
        net.append(nn.Sequential(_Residual18(channels, out, stride), _Residual18(out, out, 1)))
        channels = out
    return net.append(nn.AdaptiveAvgPool2d((1, 1))).append(nn.Flatten()).append(nn.Linear(512, 10))


class _Bottleneck(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.BatchNorm2d(channels), nn.LeakyReLU(0.1), nn.Conv2d(channels, 48, 1),
            nn.BatchNorm2d(48), nn.LeakyReLU(0.1), nn.Conv2d(48, 12, 3, padding=1), nn.Dropout(0.2),
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([x, self.body(x)], dim=1)


def densenet_bc() -> nn.Module:
    net = nn.Sequential(nn.Conv2d(3, 24, 3, padding=1), nn.BatchNorm2d(24), nn.LeakyReLU(0.1))
    channels = 24
    for stage in range(3):
        for _ in range(12):
            net.append(_Bottleneck(channels))
            channels += 12
        if stage < 2:
            net.extend(
                [nn.BatchNorm2d(channels), nn.LeakyReLU(0.1), nn.Conv2d(channels, channels // 2, 1)]
            )
            net.append(nn.AvgPool2d(2))
            channels //= 2
    net.extend([nn.BatchNorm2d(channels), nn.AdaptiveAvgPool2d(1), nn.Flatten()])
    return net.extend([nn.Linear(channels, 10), nn.Softmax(dim=1)])


BY_NAME = {
    "lenet": lenet,
    "inception_mnist": _Inception,
    "residual_mnist": _Residual,
    "densenet": densenet,
    "nin": nin,
    "googlenet": googlenet,
    "resnet18": resnet18,
    "densenet_bc": densenet_bc,
    "unet": _UNet,
}
