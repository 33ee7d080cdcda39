"""Resizing as the engine does it (native/image/resize.cc, Filter::kBicubic): Catmull-Rom, stretched when shrinking, the
outermost pixels repeated. Two matrix products, differentiable."""

from functools import lru_cache

import numpy as np
import torch


def catmull_rom(x: np.ndarray) -> np.ndarray:
    x = np.abs(x)
    near, far = (1.5 * x - 2.5) * x * x + 1, ((-0.5 * x + 2.5) * x - 4) * x + 2
    return np.where(x < 1, near, np.where(x < 2, far, 0))


@lru_cache(maxsize=64)
def resizing(source: int, target: int) -> torch.Tensor:
    """[target, source]: each row sums to 1."""
    scale = source / target
    stretch = max(1.0, scale)
    centers = (np.arange(target) + 0.5) * scale - 0.5
    reach = int(np.ceil(2 * stretch)) + 1
    taps = np.floor(centers)[:, None].astype(int) + np.arange(-reach, reach + 1)
    weights = catmull_rom((taps - centers[:, None]) / stretch)
    matrix = np.zeros((target, source))
    np.add.at(matrix, (np.arange(target)[:, None], taps.clip(0, source - 1)), weights)
    return torch.from_numpy(matrix / matrix.sum(1, keepdims=True)).float()


def resize(images: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
    """[N, C, h, w] → [N, C, *size]. Values may leave 0 … 1."""
    h, w = images.shape[2:]
    return resizing(h, size[0]) @ images @ resizing(w, size[1]).T
