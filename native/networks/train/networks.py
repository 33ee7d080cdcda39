"""VGG19-topology networks as plain tensors: reading, writing (byte for byte reproducible) and running them.

File format: native/networks/README.md. Images: [N, 3, H, W] float, sRGB in [0, 1].
"""

import json
import struct
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors import safe_open

DEPTHS = (2, 2, 4, 4, 4)
LAYERS = [f"{block}_{i}" for block, depth in enumerate(DEPTHS, 1) for i in range(1, depth + 1)]


def starts_block(layer: str) -> bool:
    """True for 2_1, 3_1, 4_1 and 5_1: a pool stands before them."""
    return layer.endswith("_1") and layer != "1_1"


def layers_to(last: str) -> list[str]:
    return LAYERS[: LAYERS.index(last) + 1]


@dataclass
class Network:
    """Weights [out, in, 3, 3] and biases [out] by name ("conv1_1.weight"), float32, and what its file says of it."""

    name: str
    tensors: dict[str, torch.Tensor]
    mean: torch.Tensor
    std: torch.Tensor
    pooling: str = "avg"
    padding: str = "zero"
    metadata: dict[str, str] = field(default_factory=dict)

    @property
    def layers(self) -> list[str]:
        return [layer for layer in LAYERS if f"conv{layer}.weight" in self.tensors]

    def normalize(self, images: torch.Tensor) -> torch.Tensor:
        return (images - self.mean) / self.std

    def pool(self, maps: torch.Tensor) -> torch.Tensor:
        return F.avg_pool2d(maps, 2) if self.pooling == "avg" else F.max_pool2d(maps, 2)

    def convolve(self, layer: str, maps: torch.Tensor) -> torch.Tensor:
        weight, bias = self.tensors[f"conv{layer}.weight"], self.tensors[f"conv{layer}.bias"]
        if self.padding == "zero":
            return F.conv2d(maps, weight, bias, padding=1)
        return F.conv2d(F.pad(maps, (1, 1, 1, 1), mode=self.padding), weight, bias)

    def features(self, images: torch.Tensor, last: str | None = None, before_relu: bool = False) -> dict[str, torch.Tensor]:
        """Layer name → [N, C, h, w] after ReLU (or before it), for every layer up to `last`."""
        maps, result = self.normalize(images), {}
        have = self.layers
        for layer in layers_to(last or have[-1]):
            if layer not in have:
                continue  # VGG16 lacks some that VGG19 has
            if starts_block(layer):
                maps = self.pool(maps)
            linear = self.convolve(layer, maps)
            maps = F.relu(linear)
            result[layer] = linear if before_relu else maps
        return result


def load_network(path: Path) -> Network:
    with safe_open(path, "pt") as file:
        metadata = file.metadata()
        tensors = {key: file.get_tensor(key).float() for key in file.keys()}
    for key, tensor in tensors.items():
        if tensor.dim() == 4:
            tensors[key] = tensor.contiguous(memory_format=torch.channels_last)
    mean, std = (torch.tensor(json.loads(metadata[key])).view(1, 3, 1, 1) for key in ("mean", "std"))
    pooling, padding = metadata.get("pooling", "avg"), metadata.get("padding", "zero")
    return Network(metadata.get("name", path.stem), tensors, mean, std, pooling, padding, metadata)


def write_tensors(path: Path, tensors: dict[str, np.ndarray], metadata: dict[str, str]) -> None:
    """safetensors, keys in the order given, written by hand: the library's own writer orders metadata by a random hash,
    and the file's SHA-256 has to be the same at each export."""
    header: dict[str, object] = {"__metadata__": dict(sorted(metadata.items()))}
    chunks, offset = [], 0
    for key, array in tensors.items():
        data = np.ascontiguousarray(array).tobytes()
        kind = {"float16": "F16", "float32": "F32"}[array.dtype.name]
        header[key] = {"dtype": kind, "shape": list(array.shape), "data_offsets": [offset, offset + len(data)]}
        chunks.append(data)
        offset += len(data)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(chunks))


def to_half(key: str, tensor: torch.Tensor) -> np.ndarray:
    half = tensor.detach().to(torch.float16)
    if not half.isfinite().all():
        raise ValueError(f"{key} holds values that fp16 cannot: nothing was written")
    return half.contiguous(memory_format=torch.contiguous_format).numpy()


def save_network(path: Path, network: Network) -> None:
    """fp16, layers in order."""
    keys = [f"conv{layer}.{part}" for layer in network.layers for part in ("weight", "bias")]
    write_tensors(path, {key: to_half(key, network.tensors[key]) for key in keys}, network.metadata)
