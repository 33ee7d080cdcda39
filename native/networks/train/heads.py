"""One learned 1x1 map per target, from the student's channels to the teacher's, and the unexplained variance after it.

Teacher channels are centered and divided by their own standard deviation, so each counts the same. If t = Q s holds, the
teacher's Gram matrix is Q G Q^T of ours: matching our statistics matches the teacher's.
"""

import torch
import torch.nn.functional as F
from torch import nn

from networks import Network
from regression import Regression
from student import Student
from teachers import TARGETS, Target, Teachers

CHUNK = 40
# Positions of large maps are thinned: neighbors say nearly the same, and the maps of block 1 would cost most of a step.
STRIDES = {"1": 4, "2": 3, "3": 2, "4": 1, "5": 1}


def positions(maps: torch.Tensor, target: Target, shift: tuple[int, int] = (0, 0)) -> torch.Tensor:
    """[N, C, h, w] → [M, C]: without the 1 px border, which padding rules, thinned from `shift` on."""
    stride = STRIDES[target.layer[0]]
    inner = maps[:, :, 1 + shift[0] % stride : -1 : stride, 1 + shift[1] % stride : -1 : stride]
    return inner.permute(0, 2, 3, 1).flatten(0, 2)


class Scales(nn.Module):
    """Mean and standard deviation of every teacher channel; measured once, then kept with the checkpoint."""

    def __init__(self, teachers: Teachers):
        super().__init__()
        for name, maps in teachers.targets(torch.zeros(1, 3, 32, 32)).items():
            self.register_buffer(f"{name}_mean", torch.zeros(maps.shape[1]))
            self.register_buffer(f"{name}_std", torch.ones(maps.shape[1]))

    @torch.no_grad()
    def measure(self, teachers: Teachers, images: torch.Tensor) -> "Scales":
        for name, maps in teachers.targets(images).items():
            inner = maps[:, :, 1:-1, 1:-1]
            std = inner.std((0, 2, 3))
            getattr(self, f"{name}_mean").copy_(inner.mean((0, 2, 3)))
            # A channel that is silent on photographs must not be blown up by its own tiny deviation.
            getattr(self, f"{name}_std").copy_(std.clamp_min(0.05 * std.mean()))
        return self

    def normalize(self, t: torch.Tensor, target: Target) -> torch.Tensor:
        """[M, C] → [M, C], mean 0 and variance 1."""
        return (t.float() - getattr(self, f"{target.name}_mean")) / getattr(self, f"{target.name}_std")


def normalized_targets(
    targets: dict[str, torch.Tensor], scales: Scales, shift: tuple[int, int]
) -> dict[str, torch.Tensor]:
    """Target name → [M, C] at the positions that `shift` picks."""
    return {
        target.name: scales.normalize(positions(targets[target.name], target, shift), target) for target in TARGETS
    }


class Heads(nn.Module):
    """The 1x1 maps of one student."""

    def __init__(self, student: Student, scales: Scales):
        super().__init__()
        self.maps = nn.ModuleDict(
            {
                target.name: nn.Linear(student.widths[int(target.layer[0]) - 1], getattr(scales, f"{target.name}_std").numel())
                for target in TARGETS
            }
        )

    @torch.no_grad()
    def solve(self, network: Network, teachers: Teachers, images: torch.Tensor, scales: Scales) -> None:
        """Starts the maps at their least-squares solution."""
        regressions = {target.name: Regression() for target in TARGETS}
        for chunk in images.split(CHUNK):
            features, targets = network.features(chunk), teachers.targets(chunk)
            for target in TARGETS:
                s = positions(features[target.layer], target)
                t = scales.normalize(positions(targets[target.name], target), target)
                regressions[target.name].add(s, t)
        for name, regression in regressions.items():
            weight, bias = regression.solve()
            self.maps[name].weight.copy_(weight)
            self.maps[name].bias.copy_(bias)

    def losses(
        self, features: dict[str, torch.Tensor], wanted: dict[str, torch.Tensor], shift: tuple[int, int]
    ) -> dict[str, torch.Tensor]:
        """Target name → unexplained share of the teacher's variance (scalars). `wanted`: from normalized_targets."""
        result = {}
        for target in TARGETS:
            predicted = self.maps[target.name](positions(features[target.layer], target, shift))
            result[target.name] = F.mse_loss(predicted.float(), wanted[target.name])
        return result
