"""Reference vectors for the style statistics: value and gradient in float64, from the papers, by autograd.

    python test/vectors/make-statistics.py test/vectors

Sizes are odd and small; nothing is shared with the engines but the definition of what they draw by chance.
"""

import sys
from pathlib import Path

import numpy as np
import torch
from reference import Features, picture, save

LAYERS = ("relu1_1", "relu2_1", "relu3_1")
LEVELS = 1024


class Random:
    """SplitMix64 (Steele, Lea & Flood 2014), normal numbers by Box & Muller."""

    def __init__(self, seed: int) -> None:
        self.state = seed

    def uniform(self) -> float:
        """In (0, 1]."""
        mask = 2**64 - 1
        self.state = (self.state + 0x9E3779B97F4A7C15) & mask
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        return (((z ^ (z >> 31)) >> 11) + 1) / 2**53

    def normal(self) -> float:
        radius = np.sqrt(-2 * np.log(self.uniform()))
        return radius * np.cos(2 * np.pi * self.uniform())


def energy(style: torch.Tensor) -> torch.Tensor:
    """E |y|²"""
    return (style**2).sum() / style.shape[1]


def covariance(features: torch.Tensor) -> torch.Tensor:
    centered = features - features.mean(dim=1, keepdim=True)
    return centered @ centered.T / features.shape[1]


def w2(features: torch.Tensor, style: torch.Tensor) -> torch.Tensor:
    """Between Gaussians (Olkin & Pukelsheim 1982), over E |y|²; both covariances with a ridge of the style's largest."""
    wanted = covariance(style)
    ridge = 1e-3 * torch.linalg.eigvalsh(wanted)[-1] * torch.eye(len(style))
    values, vectors = torch.linalg.eigh(wanted + ridge)
    root = vectors @ torch.diag(values.sqrt()) @ vectors.T
    ours = covariance(features) + ridge
    common = torch.linalg.eigvalsh(root @ ours @ root).sqrt().sum()
    means = ((features.mean(dim=1) - style.mean(dim=1)) ** 2).sum()
    return (means + ours.trace() + values.sum() - 2 * common) / energy(style)


def gram_normalized(features: torch.Tensor, style: torch.Tensor) -> torch.Tensor:
    """|G − Gₜ|² / |Gₜ|², G = E x xᵀ."""
    gram = lambda maps: maps @ maps.T / maps.shape[1]
    return ((gram(features) - gram(style)) ** 2).sum() / (gram(style) ** 2).sum()


def bn(features: torch.Tensor, style: torch.Tensor) -> torch.Tensor:
    """Li et al. 2017, eq. 11, over E |y|²; variances with a ridge of a ten-thousandth of a channel's energy."""
    ridge = 1e-4 * energy(style) / len(style)
    deviation = lambda maps: (maps.var(dim=1, correction=0) + ridge).sqrt()
    means = ((features.mean(dim=1) - style.mean(dim=1)) ** 2).sum()
    return (means + ((deviation(features) - deviation(style)) ** 2).sum()) / energy(style)


def mmd_linear(features: torch.Tensor, style: torch.Tensor) -> torch.Tensor:
    """Li et al. 2017, eq. 8 with the linear kernel, over E |y|²."""
    return ((features.mean(dim=1) - style.mean(dim=1)) ** 2).sum() / energy(style)


def bandwidth(style: torch.Tensor) -> torch.Tensor:
    """σ²: the median square of distances of 1024 pairs."""
    random = Random(2)
    draw = lambda: min(int(random.uniform() * style.shape[1]), style.shape[1] - 1)
    pairs = np.array([(draw(), draw()) for _ in range(1024)])
    squares = ((style[:, pairs[:, 0]] - style[:, pairs[:, 1]]) ** 2).sum(dim=0)
    return squares.sort().values[512]


def random_features(features: torch.Tensor, style: torch.Tensor, count: int) -> torch.Tensor:
    """|E z(x) − E z(y)|², z(x) = √(2/D) cos(W x + b) of Rahimi & Recht 2007."""
    random = Random(1)
    waves = [([random.normal() for _ in style], 2 * np.pi * random.uniform()) for _ in range(count)]
    frequencies = torch.tensor(np.array([frequency for frequency, _ in waves])) / bandwidth(style).sqrt()
    phases = torch.tensor([phase for _, phase in waves])[:, None]
    mean = lambda maps: torch.cos(frequencies @ maps + phases).mean(dim=1)
    return 2 * ((mean(features) - mean(style)) ** 2).mean()


def mmd_gaussian(features: torch.Tensor, style: torch.Tensor) -> torch.Tensor:
    """Li et al. 2017, eq. 8 with exp(−|x − y|² / 2σ²), by a few random features; with many it is the kernel's."""
    kernel = lambda a, b: torch.exp(-(torch.cdist(a.T, b.T) ** 2) / 2 / bandwidth(style)).mean()
    with torch.no_grad():
        exact = kernel(features, features) - 2 * kernel(features, style) + kernel(style, style)
        assert abs(random_features(features, style, 8192) / exact - 1) < 0.1
    return random_features(features, style, min(256, max(64, 2 * len(style))))


def quantiles(values: np.ndarray) -> np.ndarray:
    """At the levels (k + ½) / K, between values whose levels are (i + ½) / n."""
    levels = (np.arange(len(values)) + 0.5) / len(values)
    return np.interp((np.arange(LEVELS) + 0.5) / LEVELS, levels, np.sort(values))


def transport(rows: torch.Tensor, style: torch.Tensor) -> torch.Tensor:
    """Σ over rows of the mean square of y less the style's quantile at y's rank."""
    places = (np.arange(rows.shape[1]) + 0.5) / rows.shape[1]
    total = torch.zeros(())
    for row, theirs in zip(rows, style):
        table = quantiles(theirs.detach().numpy())
        wanted = np.interp(places, (np.arange(LEVELS) + 0.5) / LEVELS, table)
        total = total + ((row.sort().values - torch.tensor(wanted)) ** 2).mean()
    return total


def sliced(features: torch.Tensor, style: torch.Tensor) -> torch.Tensor:
    """Heitz et al. 2021, eq. 6: the mean over unit directions, as much as the sum over as many axes, over E |y|²."""
    channels = len(style)
    random = Random(1)
    directions = np.array([[random.normal() for _ in range(channels)] for _ in range(min(channels, 128))])
    directions = torch.tensor(directions / np.linalg.norm(directions, axis=1, keepdims=True))
    return transport(directions @ features, directions @ style) * channels / len(directions) / energy(style)


def histogram(features: torch.Tensor, style: torch.Tensor) -> torch.Tensor:
    """Risser et al. 2017, eq. 3: the square of features less their remapped selves, over E |y|²."""
    return transport(features, style) / energy(style)


def main(folder: Path) -> None:
    network = Features(folder / "vgg19-eighth.safetensors")
    style, image = picture(6, 41, 35), picture(7, 37, 45)
    results = {"style": style, "image": image}
    flat = lambda maps: maps.reshape(maps.shape[0], -1)
    wanted = {layer: flat(network.at(layer, torch.tensor(style.astype(np.float64)))) for layer in LAYERS}
    for statistic in (w2, gram_normalized, bn, mmd_linear, mmd_gaussian, sliced, histogram):
        x = torch.tensor(image.astype(np.float64), requires_grad=True)
        value = sum(statistic(flat(network.at(layer, x)), wanted[layer]) for layer in LAYERS) / len(LAYERS)
        value.backward()
        name = statistic.__name__.replace("_", "-")
        results |= {f"value.{name}": value, f"gradient.{name}": x.grad.float()}
    save(folder / "statistics", **results)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
