"""A student with what only training needs: maps to the teachers, a classifier on conv5_4, averaged weights."""

from copy import deepcopy

import torch
from torch import nn

from data import LABELS
from heads import Heads, Scales
from networks import Network
from student import Student, insert_norms
from teachers import Teachers

WIDTHS = {"slim": (16, 32, 64, 128, 128), "half": (32, 64, 128, 256, 256)}
EMA_DECAY = 0.995


class Trainee(nn.Module):
    def __init__(self, student: Student, scales: Scales):
        super().__init__()
        self.student = student
        self.heads = Heads(student, scales)
        self.classifier = nn.Linear(student.widths[-1], LABELS)
        # From zero on it pulls at the student only once it knows something.
        nn.init.zeros_(self.classifier.weight)
        self.average = deepcopy(student)

    def trained(self) -> list[nn.Parameter]:
        return [p for part in (self.student, self.heads, self.classifier) for p in part.parameters()]

    @torch.no_grad()
    def follow(self, step: int) -> None:
        """Exponential moving average of the weights (not of the statistics, which export measures anew)."""
        decay = min(EMA_DECAY, (step + 1) / (step + 10))
        for kept, now in zip(self.average.parameters(), self.student.parameters()):
            kept.lerp_(now, 1 - decay)


def start_trainee(network: Network, teachers: Teachers, scales: Scales, images: torch.Tensor) -> Trainee:
    """Computes what `network` computes, with the best maps from it to the teachers."""
    trainee = Trainee(insert_norms(network, images), scales)
    trainee.heads.solve(network, teachers, images, scales)
    return trainee
