"""What the reference vectors are made of: pictures, a float64 VGG19, and how they are kept."""

import json
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open
from safetensors.numpy import save_file

torch.set_default_dtype(torch.float64)


def picture(seed: int, height: int, width: int) -> np.ndarray:
    """Smooth colors with an edge and some grain, float32 within 0 … 1."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    waves = [0.5 + 0.25 * np.sin(0.7 * x + seed + c) * np.cos(0.5 * y - c) for c in range(3)]
    edge = 0.15 * (x + y > (height + width) / 2)
    grain = 0.05 * random.standard_normal((3, height, width))
    return np.clip(np.stack(waves) + edge + grain, 0, 1).astype(np.float32)


class Features:
    """VGG19's topology (Simonyan & Zisserman 2014) with the weights of a file: zero padding, average pools."""

    def __init__(self, path: Path) -> None:
        with safe_open(path, "numpy") as file:
            self.mean = torch.tensor(json.loads(file.metadata()["mean"])).reshape(3, 1, 1)
            self.std = torch.tensor(json.loads(file.metadata()["std"])).reshape(3, 1, 1)
            self.tensors = {name: torch.tensor(file.get_tensor(name).astype(np.float64)) for name in file.keys()}

    def at(self, layer: str, pixels: torch.Tensor) -> torch.Tensor:
        """[C, h, w] after ReLU."""
        current = ((pixels - self.mean) / self.std)[None]
        for block, count in enumerate((2, 2, 4, 4, 4), 1):
            if block > 1:
                current = torch.nn.functional.avg_pool2d(current, 2)
            for number in range(1, count + 1):
                weight, bias = (self.tensors[f"conv{block}_{number}.{part}"] for part in ("weight", "bias"))
                current = torch.relu(torch.nn.functional.conv2d(current, weight, bias, padding=1))
                if layer == f"relu{block}_{number}":
                    return current[0]
        raise ValueError(layer)


def save(path: Path, **tensors: np.ndarray | torch.Tensor) -> None:
    arrays = {name: np.ascontiguousarray(torch.as_tensor(value).detach().numpy()) for name, value in tensors.items()}
    save_file({name: np.atleast_1d(array) for name, array in arrays.items()}, path.with_suffix(".safetensors"))
