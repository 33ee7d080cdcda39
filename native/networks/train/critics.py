"""What the detailer's pictures are held against while training: feature networks that say how far a style and a content are.

The judge of the finished detailer, vgg16-hed, is none of them.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path

import torch
import torch.nn.functional as F

from networks import LAYERS, Network, load_network
from precision import FAST_BFLOAT16, autocast
from transport import Moments, moments, relative_distances

# W2 is measured in as many random directions at most, other ones at each step: all of them in the mean, and the
# eigenvalue problems stay small.
DIRECTIONS = 64
RIDGE = 3e-4
# Layers whose positions are many enough for the statistics of a part of the picture.
LOCAL_LAYERS = ("1_1", "2_1", "3_1")


@dataclass(frozen=True)
class Window:
    """A part of a picture, shares of its sides."""

    top: float
    left: float
    side: float

    def of(self, maps: torch.Tensor) -> torch.Tensor:
        h, w = maps.shape[2:]
        y, x = round(self.top * h), round(self.left * w)
        return maps[:, :, y : y + round(self.side * h), x : x + round(self.side * w)]


@dataclass
class Critic:
    network: Network
    style_layers: tuple[str, ...]
    content_layer: str | None
    styles: dict[object, dict[str, Moments]] = field(default_factory=dict)  # seen before

    @property
    def last(self) -> str:
        return max((*self.style_layers, self.content_layer or "1_1"), key=LAYERS.index)

    def features(self, images: torch.Tensor) -> dict[str, torch.Tensor]:
        with autocast():
            return self.network.features(images, self.last)

    @torch.no_grad()
    def style(self, key: object, picture: torch.Tensor) -> dict[str, Moments]:
        if key not in self.styles:
            maps = self.features(picture)
            self.styles[key] = {layer: moments(maps[layer]) for layer in self.style_layers}
        return self.styles[key]

    def directions(self, layer: str) -> torch.Tensor | None:
        """A basis [K, C] to measure W2 in; None: all channels as they are."""
        linear = self.network.tensors.get(f"map{layer}.weight")
        channels = self.network.tensors[f"conv{layer}.bias"].shape[0] if linear is None else linear.shape[0]
        if channels <= DIRECTIONS and linear is None:
            return None
        basis = torch.linalg.qr(torch.randn(channels, DIRECTIONS))[0].T
        return basis if linear is None else basis @ linear.float()

    def compare(
        self,
        made: torch.Tensor,
        content: torch.Tensor,
        styles: list[dict[str, Moments]],
        carried: dict[str, torch.Tensor] | None = None,
        window: Window | None = None,
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, list[float]]:
        """Style loss to differentiate, content distance, the same loss within a window, and the style distances' values
        by layer. Within a window the picture is to say what the carried features say there, so that what they leave
        flat stays flat."""
        maps = self.features(made)
        with torch.no_grad():
            before = self.features(content)
        losses, values = [], []
        for layer in self.style_layers:
            wanted = Moments(*(torch.cat([getattr(s[layer], part) for s in styles]) for part in ("mean", "covariance")))
            loss, value = self.distance(layer, moments(maps[layer]), wanted, moments(before[layer]))
            losses.append(loss.mean())
            values.append(value.mean().item())
        moved, local = made.new_zeros(()), made.new_zeros(())
        if self.content_layer:
            moved = content_distance(maps[self.content_layer], before[self.content_layer])
        if window is not None and carried is not None:
            parts = [[moments(window.of(m[layer])) for m in (maps, carried, before)] for layer in LOCAL_LAYERS]
            local = torch.stack([self.distance(layer, *part)[0].mean() for layer, part in zip(LOCAL_LAYERS, parts)]).mean()
        return torch.stack(losses).mean(), moved, local, values

    def distance(self, layer: str, made: Moments, wanted: Moments, before: Moments) -> tuple[torch.Tensor, torch.Tensor]:
        basis = self.directions(layer)
        if basis is not None:
            made, wanted, before = made.project(basis), wanted.project(basis), before.project(basis)
        return relative_distances(made, wanted, before, RIDGE)


def normalized(maps: torch.Tensor) -> torch.Tensor:
    maps = maps.float()
    return (maps - maps.mean((2, 3), keepdim=True)) / maps.std((2, 3), keepdim=True).clamp_min(1e-3)


def content_distance(made: torch.Tensor, content: torch.Tensor) -> torch.Tensor:
    """Half the squared distance of features with mean 0 and deviation 1: 0 the same, 1 unrelated."""
    return (normalized(made) - normalized(content)).square().mean() / 2


def make_critic(path: Path, style_layers: tuple[str, ...], content_layer: str | None) -> Critic:
    network = load_network(path)
    padding = "reflect" if network.padding == "reflect" else "replicate"
    if FAST_BFLOAT16:
        tensors = {k: v.bfloat16() if k.startswith("conv") else v for k, v in network.tensors.items()}
        network = replace(network, tensors=tensors)
    return Critic(replace(network, padding=padding), style_layers, content_layer)


def make_critics(networks: Path, teachers: Path) -> dict[str, Critic]:
    own = ("1_1", "2_1", "3_1", "4_1", "5_1")
    return {
        "slim": make_critic(networks / "vgg19-slim.safetensors", own, "4_2"),
        "half": make_critic(networks / "vgg19-half.safetensors", own, "4_2"),
        "distilled": make_critic(teachers / "vgg19-quarter-cd.safetensors", own, "4_2"),
    }
