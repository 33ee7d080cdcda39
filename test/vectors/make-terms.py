"""Reference vectors for the terms beside the feature statistics: float64, from the papers, by autograd or dense matrices.

    python test/vectors/make-terms.py test/vectors

Sizes are odd and small; nothing is shared with the engines.
"""

import sys
from pathlib import Path

import numpy as np
import torch

from reference import Features, picture, save


def matting_laplacian(content: np.ndarray, epsilon: float = 1e-5) -> np.ndarray:
    """Levin et al. 2008, eq. 12, as a dense matrix."""
    _, height, width = content.shape
    colors = content.astype(np.float64).reshape(3, -1).T
    laplacian = np.zeros((height * width, height * width))
    for y in range(1, height - 1):
        for x in range(1, width - 1):
            window = [(y + v) * width + x + u for v in (-1, 0, 1) for u in (-1, 0, 1)]
            deviations = colors[window] - colors[window].mean(axis=0)
            covariance = deviations.T @ deviations / 9 + epsilon / 9 * np.eye(3)
            affinity = (1 + deviations @ np.linalg.solve(covariance, deviations.T)) / 9
            laplacian[np.ix_(window, window)] += np.eye(9) - affinity
    return laplacian


def matting(folder: Path) -> None:
    content, image = picture(1, 7, 9), picture(2, 7, 9)
    laplacian = torch.tensor(matting_laplacian(content))
    x = torch.tensor(image.astype(np.float64), requires_grad=True)
    flat = x.reshape(3, -1)
    value = torch.einsum("ci,ij,cj->", flat, laplacian, flat) / flat.shape[1]
    value.backward()
    save(folder / "matting", content=content, image=image, value=value, gradient=x.grad)


def laplacian_loss(folder: Path) -> None:
    """Li et al. 2017: 4 × 4 and 16 × 16 pools, channels added up, relative to the content's."""
    content, image = picture(3, 53, 67), picture(4, 53, 67)
    kernel = torch.tensor([[0.0, -1, 0], [-1, 4, -1], [0, -1, 0]]).reshape(1, 1, 3, 3)

    def edges(values: torch.Tensor, pool: int) -> torch.Tensor:
        pooled = torch.nn.functional.avg_pool2d(values[None].sum(dim=1, keepdim=True), pool)
        return torch.nn.functional.conv2d(pooled, kernel)

    x = torch.tensor(image.astype(np.float64), requires_grad=True)
    wanted = torch.tensor(content.astype(np.float64))
    value = 0.5 * sum(
        ((edges(x, pool) - edges(wanted, pool)) ** 2).sum() / (edges(wanted, pool) ** 2).sum() for pool in (4, 16)
    )
    value.backward()
    save(folder / "laplacian", content=content, image=image, value=value, gradient=x.grad)


def self_similarity(features: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Kolkin et al. 2019, eq. 7, at all positions; columns are divided by their sum and 0.001 of their number."""

    def distances(maps: torch.Tensor) -> torch.Tensor:
        flat = maps.reshape(maps.shape[0], -1)
        unit = flat / torch.sqrt((flat**2).sum(dim=0) + 1e-8)
        distance = 1 - unit.T @ unit
        return distance / (distance.sum(dim=0) + 1e-3 * len(distance))

    return (distances(features) - distances(wanted)).abs().sum() / features.shape[1] / features.shape[2]


def nearest(features: torch.Tensor, style: torch.Tensor) -> torch.Tensor:
    """Kolkin et al. 2022, eq. 2, with cosines about the style's mean."""
    center = style.reshape(style.shape[0], -1).mean(dim=1, keepdim=True)
    unit = lambda maps: torch.nn.functional.normalize(maps.reshape(maps.shape[0], -1) - center, dim=0)
    return (1 - (unit(features).T @ unit(style)).max(dim=1).values).mean()


def patches(features: torch.Tensor, style: torch.Tensor) -> torch.Tensor:
    """Li & Wand 2016, eq. 2 and 3: a mean over positions of patches, relative to the style's mean square."""
    cut = lambda maps: torch.nn.functional.unfold(maps[None], 3)[0].T
    ours, theirs = cut(features), cut(style)
    best = (ours @ torch.nn.functional.normalize(theirs, dim=1).T).argmax(dim=1)
    square = (theirs**2).sum() / len(theirs) / 9
    return ((ours - theirs[best]) ** 2).sum() / 9 / len(ours) / square


def feature_terms(folder: Path) -> None:
    network = Features(folder / "vgg19-eighth.safetensors")
    content, style, image = picture(5, 37, 45), picture(6, 41, 35), picture(7, 37, 45)
    results = {"content": content, "style": style, "image": image}
    for term, other in ((self_similarity, content), (nearest, style), (patches, style)):
        x = torch.tensor(image.astype(np.float64), requires_grad=True)
        wanted = network.at("relu3_1", torch.tensor(other.astype(np.float64)))
        value = term(network.at("relu3_1", x), wanted)
        value.backward()
        name = term.__name__.replace("_", "-")
        results |= {f"value.{name}": value, f"gradient.{name}": x.grad}
    save(folder / "feature-terms", **results)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    matting(folder)
    laplacian_loss(folder)
    feature_terms(folder)
