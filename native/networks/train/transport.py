"""Optimal transport between Gaussians: moments of feature maps, the map that carries one onto the other, W2 distances."""

from dataclasses import dataclass

import torch


@dataclass
class Moments:
    mean: torch.Tensor  # [N, C, 1]
    covariance: torch.Tensor  # [N, C, C]

    def __getitem__(self, chosen: list[int]) -> "Moments":
        return Moments(self.mean[chosen], self.covariance[chosen])

    def project(self, basis: torch.Tensor) -> "Moments":
        """Of the features basis [K, C] @ f."""
        return Moments(basis @ self.mean, basis @ self.covariance @ basis.T)


def moments(maps: torch.Tensor) -> Moments:
    """[N, C, h, w] → over all positions, in float32, or in float64 if the maps are."""
    # A view where channels come last in memory. Features are of order 1, so nothing is lost by subtracting at the end.
    flat = maps.permute(0, 2, 3, 1).flatten(1, 2)
    flat = flat if flat.dtype == torch.float64 else flat.float()
    mean = flat.mean(1).unsqueeze(2)
    return Moments(mean, flat.transpose(1, 2) @ flat / flat.shape[1] - mean @ mean.transpose(1, 2))


def joined(many: list[Moments]) -> Moments:
    return Moments(torch.cat([m.mean for m in many]), torch.cat([m.covariance for m in many]))


def trace(matrices: torch.Tensor) -> torch.Tensor:
    return matrices.diagonal(dim1=1, dim2=2).sum(1)


def roots(matrices: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Σ^½ and Σ^-½ of symmetric positive matrices."""
    values, vectors = torch.linalg.eigh(matrices)
    values = values.clamp_min(torch.finfo(values.dtype).tiny).sqrt().unsqueeze(1)
    return (vectors * values) @ vectors.transpose(1, 2), (vectors / values) @ vectors.transpose(1, 2)


@torch.no_grad()
def transport(source: Moments, target: Moments, ridge: float) -> torch.Tensor:
    """T [N, C, C] = S^-½ (S^½ Z S^½)^½ S^-½ with S = Σsource + ε, Z = Σtarget + ε, ε = ridge · (tr Σsource + tr Σtarget).

    ε on both sides: where neither varies, T leaves things as they are, and T is at most 1/√(2 ridge), about.
    """
    epsilon = ridge * (trace(source.covariance) + trace(target.covariance)).clamp_min(1e-12)
    identity = epsilon.view(-1, 1, 1) * torch.eye(source.covariance.shape[1], dtype=epsilon.dtype)
    root, inverse = roots(source.covariance + identity)
    middle, _ = roots(root @ (target.covariance + identity) @ root)
    return inverse @ middle @ inverse


def carry(maps: torch.Tensor, source: Moments, target: Moments, ridge: float, share: float = 1.0) -> torch.Tensor:
    """Feature maps moved `share` of the way from their own Gaussian to the target's; the map is made in double."""
    double = lambda m: Moments(m.mean.double(), m.covariance.double())  # noqa: E731
    matrix = transport(double(source), double(target), ridge).float()
    matrix = (1 - share) * torch.eye(matrix.shape[1]) + share * matrix
    offset = (1 - share) * source.mean + share * target.mean - matrix @ source.mean
    flat = maps.permute(0, 2, 3, 1).flatten(1, 2)
    moved = torch.baddbmm(offset.transpose(1, 2), flat, matrix.transpose(1, 2))
    return moved.unflatten(1, maps.shape[2:]).permute(0, 3, 1, 2)


def squared_distances(a: Moments, b: Moments, matrix: torch.Tensor) -> torch.Tensor:
    """[N]: W2² between Gaussians, `matrix` being the transport from a to b. Its gradient with respect to a's moments is
    the distance's own, since the optimum's first variation vanishes: see `slopes` in relative_distances."""
    means = (a.mean - b.mean).square().sum((1, 2))
    return means + trace(a.covariance) + trace(b.covariance) - 2 * trace(matrix @ a.covariance)


def relative_distances(made: Moments, wanted: Moments, before: Moments, ridge: float) -> tuple[torch.Tensor, torch.Tensor]:
    """W2² from `made` to `wanted` over that from `before` to `wanted`: [N] to differentiate, and [N] the values.

    d W2² = tr((I - T) dΣ) for T held at its optimum; the value is another number with another constant.
    """
    with torch.no_grad():
        matrix = transport(made, wanted, ridge)
        base = squared_distances(before, wanted, transport(before, wanted, ridge))
        base = base.maximum(0.02 * trace(wanted.covariance)).clamp_min(1e-6)
        value = squared_distances(made, wanted, matrix) / base
    slopes = torch.eye(matrix.shape[1]) - matrix
    means = (made.mean - wanted.mean).square().sum((1, 2))
    return (means + (slopes * made.covariance).sum((1, 2))) / base, value
