"""Where training stands, on disk: what export reads and what training goes on from."""

import os
from dataclasses import dataclass
from pathlib import Path

import torch

from heads import Scales
from student import Student
from teachers import Teachers
from trainee import WIDTHS, Trainee

WEIGHT_DECAY = 1e-4


@dataclass
class Course:
    """All that changes while training, but for the walkers, which start anew."""

    scales: Scales
    trainees: dict[str, Trainee]
    step: int = 0
    seconds: float = 0.0  # of running time

    def __post_init__(self) -> None:
        self.optimizers = {
            name: torch.optim.AdamW(trainee.trained(), weight_decay=WEIGHT_DECAY) for name, trainee in self.trainees.items()
        }

    def save(self, path: Path) -> None:
        """Whole or not at all."""
        state = {"step": self.step, "elapsed": self.seconds, "scales": self.scales.state_dict()}
        state["trainees"] = {name: trainee.state_dict() for name, trainee in self.trainees.items()}
        state["optimizers"] = {name: optimizer.state_dict() for name, optimizer in self.optimizers.items()}
        torch.save(state, path.with_suffix(".part"))
        os.replace(path.with_suffix(".part"), path)


def load_course(path: Path, teachers: Teachers) -> Course:
    state = torch.load(path)
    scales = Scales(teachers)
    scales.load_state_dict(state["scales"])
    trainees = {name: Trainee(Student(widths), scales) for name, widths in WIDTHS.items()}
    course = Course(scales, trainees, state["step"], state["elapsed"])
    for name, trainee in trainees.items():
        trainee.load_state_dict(state["trainees"][name])
        course.optimizers[name].load_state_dict(state["optimizers"][name])
    return course


def averaged_student(path: Path, name: str) -> Student:
    """The student of that name with averaged weights; the statistics of its normalizations still have to be measured."""
    state, prefix, student = torch.load(path)["trainees"][name], "average.", Student(WIDTHS[name])
    student.load_state_dict({key.removeprefix(prefix): value for key, value in state.items() if key.startswith(prefix)})
    return student
