"""The detailer: a draft and its content at twice the size → the picture in the style's statistics, in one pass.

native/networks/README.md says exactly what it computes; this is the form for training.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors import safe_open
from torch import nn

from networks import Network
from resampling import resize
from transport import Moments, carry, moments


@dataclass(frozen=True)
class Level:
    """Of the decoder: takes in a layer's carried features at that layer's size."""

    layer: str
    channels: int
    convolutions: int
    noise: int


@dataclass(frozen=True)
class Plan:
    """Deep to shallow; each level's maps are twice as large as the one before."""

    levels: tuple[Level, ...]
    mix: float  # share of the content's own detail that is put on the enlarged draft
    ridge: float

    def to_json(self) -> str:
        levels = [
            {"layer": f"relu{v.layer}", "channels": v.channels, "convolutions": v.convolutions, "noise": v.noise}
            for v in self.levels
        ]
        return json.dumps({"version": 1, "mix": self.mix, "ridge": self.ridge, "levels": levels})


def read_plan(text: str) -> Plan:
    read = json.loads(text)
    levels = [Level(v["layer"].removeprefix("relu"), v["channels"], v["convolutions"], v["noise"]) for v in read["levels"]]
    return Plan(tuple(levels), read["mix"], read["ridge"])


PLANS = {
    "slim": Plan(
        (
            Level("3_1", 64, 2, 8),
            Level("2_1", 16, 2, 0),
            Level("1_1", 24, 1, 0),
        ),
        mix=0.6,
        ridge=3e-4,
    ),
}
LAYERS = [level.layer for level in PLANS["slim"].levels]
MULTIPLE = 16  # four poolings


def pad_up(images: torch.Tensor) -> torch.Tensor:
    """To multiples of 16 px, the outermost pixels repeated at the right and below."""
    h, w = images.shape[2:]
    return F.pad(images, (0, -w % MULTIPLE, 0, -h % MULTIPLE), mode="replicate")


def enlarge(draft: torch.Tensor, content: torch.Tensor, mix: float) -> torch.Tensor:
    """The draft at the content's size with `mix` of what the content loses by shrinking to the draft's."""
    small, large = tuple(draft.shape[2:]), tuple(content.shape[2:])
    detail = content - resize(resize(content, small), large)
    return (resize(draft, large) + mix * detail).clamp(0, 1)


def mix_bits(value: np.ndarray) -> np.ndarray:
    """A permutation of 32-bit numbers that scatters them (C. Wellons' lowbias32)."""
    value = value ^ (value >> np.uint32(16))
    value = value * np.uint32(0x7FEB352D)
    value = value ^ (value >> np.uint32(15))
    value = value * np.uint32(0x846CA68B)
    return value ^ (value >> np.uint32(16))


def noise(seed: int, level: int, channels: int, h: int, w: int) -> torch.Tensor:
    """[1, channels, h, w], uniform with mean 0 and deviation 1: a function of seed and place, so tiles see the same."""
    value = np.full((1, 1, 1), seed, np.uint32)
    for part in (np.full((1, 1, 1), level), np.arange(channels)[:, None, None], np.arange(h)[:, None], np.arange(w)):
        value = mix_bits(value + part.astype(np.uint32) + np.uint32(0x9E3779B9))
    unit = ((value >> np.uint32(8)).astype(np.float64) + 0.5) / 2**24
    return torch.from_numpy((12**0.5 * (unit - 0.5)).astype(np.float32))[None]


class Detailer(nn.Module):
    def __init__(self, plan: Plan, widths: dict[str, int], scales: dict[str, float]) -> None:
        super().__init__()
        self.plan, self.widths, self.scales = plan, widths, scales
        self.levels = nn.ModuleList()
        below = 0
        for level in plan.levels:
            incoming = below + widths[level.layer] + level.noise + (3 if level.layer == "1_1" else 0)
            channels = [incoming, *[level.channels] * level.convolutions]
            self.levels.append(nn.ModuleList(nn.Conv2d(a, b, 3) for a, b in zip(channels, channels[1:])))
            below = level.channels
        self.out = nn.Conv2d(below, 3, 3)
        self.to(memory_format=torch.channels_last)

    def decode(self, carried: dict[str, torch.Tensor], mixed: torch.Tensor, seed: int | None) -> torch.Tensor:
        """Carried features, mixed picture → the picture. Without a seed the noise is another each time (training)."""
        maps = None
        for level, convolutions in zip(self.plan.levels, self.levels):
            own = carried[level.layer] / self.scales[level.layer]
            n, _, h, w = own.shape
            parts = [own]
            if maps is not None:
                parts.insert(0, F.interpolate(maps, scale_factor=2, mode="bilinear", align_corners=False))
            if level.noise and seed is None:
                parts.append(12**0.5 * (torch.rand(n, level.noise, h, w) - 0.5))
            elif level.noise:
                parts.append(noise(seed, 5 - block_of(level), level.noise, h, w).expand(n, -1, -1, -1))
            if level.layer == "1_1":
                parts.append(mixed - 0.5)
            maps = torch.cat(parts, 1).contiguous(memory_format=torch.channels_last)
            for convolution in convolutions:
                maps = F.relu(convolution(F.pad(maps, (1, 1, 1, 1), mode="replicate")))
        return self.out(F.pad(maps, (1, 1, 1, 1), mode="replicate")).float() + 0.5

    @property
    def layers(self) -> list[str]:
        return [level.layer for level in self.plan.levels]

    @torch.no_grad()
    def carried(self, encoder: Network, mixed: torch.Tensor, style: dict[str, Moments], share: float = 1.0) -> dict[str, torch.Tensor]:
        maps = encoder.features(mixed, self.layers[0])
        return {layer: carry(maps[layer], moments(maps[layer]), style[layer], self.plan.ridge, share) for layer in self.layers}

    def forward(
        self,
        encoder: Network,
        draft: torch.Tensor,
        content: torch.Tensor,
        style: dict[str, Moments],
        mix: float | None = None,
        seed: int | None = None,
        share: float = 1.0,
    ) -> torch.Tensor:
        """One step: the picture at the content's size, not yet limited to 0 … 1."""
        h, w = content.shape[2:]
        mixed = pad_up(enlarge(draft, content, self.plan.mix if mix is None else mix))
        made = self.decode(self.carried(encoder, mixed, style, share), mixed, seed)
        return made[:, :, :h, :w]


@torch.no_grad()
def style_moments(encoder: Network, pictures: torch.Tensor, layers: list[str]) -> dict[str, Moments]:
    """`layers` deep to shallow."""
    maps = encoder.features(pad_up(pictures), layers[0])
    return {layer: moments(maps[layer]) for layer in layers}


def load_detailer(path: Path, encoder: Network) -> Detailer:
    """A file as the product reads it: the features' scales are in the filters."""
    with safe_open(path, "pt") as file:
        plan = read_plan(file.metadata()["plan"])
        tensors = {key: file.get_tensor(key).float() for key in file.keys()}
    layers = [level.layer for level in plan.levels]
    widths = {layer: encoder.tensors[f"conv{layer}.bias"].shape[0] for layer in layers}
    detailer = Detailer(plan, widths, {layer: 1.0 for layer in layers})
    detailer.load_state_dict({name: tensors[file_name(name, plan)] for name in detailer.state_dict()})
    return detailer


def block_of(level: Level) -> int:
    return int(level.layer[0])


def file_name(parameter: str, plan: Plan) -> str:
    """levels.0.1.weight → level3.conv2.weight: named after the blocks whose features they take in."""
    if parameter.startswith("out"):
        return parameter
    _, level, convolution, kind = parameter.split(".")
    return f"level{block_of(plan.levels[int(level)])}.conv{int(convolution) + 1}.{kind}"
