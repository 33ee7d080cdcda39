"""Gram matrices, and how far apart pictures are by them: what style transfer minimizes, so what has to agree."""

import torch

from normalize import level
from teachers import Target

STYLE_TARGETS = [
    Target("real", "1_1"),
    Target("real", "2_1"),
    Target("real", "3_1"),
    Target("mapped", "4_1"),
    Target("mapped", "5_1"),
]
STYLE_LAYERS = [target.layer for target in STYLE_TARGETS]
LEAST_DISTANCE = 1e-4


def grams(maps: torch.Tensor) -> torch.Tensor:
    """[N, C, h, w] → [N, C, C]: canonical Gram matrices F Fᵀ / (h w)."""
    flat = maps.flatten(2)
    return flat @ flat.transpose(1, 2) / flat.shape[2]


def log_distances(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """[N, C, C] twice → [N]: logarithms of |A - B|² / (|A|² + |B|²), which no scale of the features changes."""
    distances = (a - b).square().sum((1, 2)) / (a.square().sum((1, 2)) + b.square().sum((1, 2)))
    return distances.clamp_min(LEAST_DISTANCE).log()


def leveled(maps: torch.Tensor) -> torch.Tensor:
    """Each channel's root mean square over the batch made the same, as export does it over photographs."""
    return maps / level(maps.square().mean((0, 2, 3), keepdim=True).sqrt()).clamp_min(1e-6)


def neighbor_distances(maps: torch.Tensor) -> torch.Tensor:
    """[N, C, h, w] → [N]: each picture of a batch and the next one, the last and the first."""
    g = grams(maps)
    return log_distances(g, g.roll(1, 0))
