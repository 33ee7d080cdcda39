"""Least squares from one network's channels to another's, a chunk of pictures at a time."""

import torch

RIDGE = 1e-4


class Regression:
    """Collects sums over samples s [M, c] and t [M, C]; solve() gives W [C, c] and b [C] with t ≈ s Wᵀ + b.

    A slight ridge (1e-4 of the mean variance) keeps channels that repeat each other from giving large opposite weights.
    """

    def __init__(self) -> None:
        self.count = 0
        self.s = self.t = self.ss = self.st = 0.0

    def add(self, s: torch.Tensor, t: torch.Tensor) -> None:
        self.count += len(s)
        self.s, self.t = self.s + s.sum(0).double(), self.t + t.sum(0).double()
        self.ss, self.st = self.ss + (s.T @ s).double(), self.st + (s.T @ t).double()

    def solve(self) -> tuple[torch.Tensor, torch.Tensor]:
        s_mean, t_mean = self.s / self.count, self.t / self.count
        covariance = self.ss / self.count - torch.outer(s_mean, s_mean)
        covariance += RIDGE * covariance.diagonal().mean() * torch.eye(len(covariance), dtype=covariance.dtype)
        cross = self.st / self.count - torch.outer(s_mean, t_mean)
        weight = torch.linalg.solve(covariance, cross).T
        return weight.float(), (t_mean - weight @ s_mean).float()
