"""Pictures on their way to a style, led there by the student itself: where the optimizer that it serves will look.

Photographs do not show where a student differs from its teachers on the faint ripples that its own gradients make. So a
few pictures walk: at each visit one step of Adam brings them closer to another picture's style as the student sees it
now, and the student then learns what its teachers say of them. After LIFETIME steps a walker starts from a new picture.
"""

import numpy as np
import torch

from style import STYLE_LAYERS, grams
from student import Student

LIFETIME = 48
STEP_SIZE, BETAS = 0.02, (0.9, 0.99)


class Walkers:
    def __init__(self, count: int, size: int):
        shape = (count, 3, size, size)
        self.images, self.momentum, self.variance = (torch.zeros(shape) for _ in range(3))
        self.ages = np.full(count, LIFETIME)
        self.styles: list[dict[str, torch.Tensor]] = [{} for _ in range(count)]

    def walk(self, student: Student, starts: torch.Tensor, styles: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
        """One step on; `starts` and `styles` [count, 3, size, size] replace those that have walked long enough.

        Returns a copy of the walkers, [count, 3, size, size] in [0, 1].
        """
        student.eval()
        for i in np.flatnonzero(self.ages >= LIFETIME):
            # The first walkers get different lifetimes, so that a batch shows several ages ever after.
            self.ages[i] = 0 if self.styles[i] else rng.integers(LIFETIME)
            self.images[i] = starts[i]
            self.momentum[i], self.variance[i] = 0, 0
            with torch.no_grad():
                features = student(styles[i : i + 1], STYLE_LAYERS[-1])
            self.styles[i] = {layer: grams(features[layer])[0] for layer in STYLE_LAYERS}
        gradient = self.gradient(student)
        self.momentum.lerp_(gradient, 1 - BETAS[0])
        self.variance.lerp_(gradient.square(), 1 - BETAS[1])
        self.ages += 1
        for i, age in enumerate(self.ages):
            mean, variance = self.momentum[i] / (1 - BETAS[0] ** age), self.variance[i] / (1 - BETAS[1] ** age)
            self.images[i] -= STEP_SIZE * mean / (variance.sqrt() + 1e-12)
        student.train()
        return self.images.clamp_(0, 1).clone()

    def gradient(self, student: Student) -> torch.Tensor:
        images = self.images.clone().requires_grad_()
        features = student(images, STYLE_LAYERS[-1])
        loss = 0
        for layer in STYLE_LAYERS:
            wanted = torch.stack([style[layer] for style in self.styles])
            errors = (grams(features[layer]) - wanted).square().sum((1, 2)) / wanted.square().sum((1, 2))
            loss = loss + errors.sum()
        return torch.autograd.grad(loss, images)[0]
