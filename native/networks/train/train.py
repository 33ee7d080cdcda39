"""Trains quarter- and half-width students side by side, one pass of the teachers serving both. README.md has the recipe.

    python train.py --shared ../shared --out /tmp/train --minutes 75

Stops and goes on: run it again with the same --out. Ends by itself after --minutes of running time.
"""

import argparse
import json
import os
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from data import BATCHES, LABELS, Pictures, centered, decode, load_pictures, random_batch, to_images
from heads import Heads, Scales, normalized_targets
from networks import load_network
from start import thin_teachers
from student import Student, insert_norms
from teachers import Teachers, load_teachers

SIZES = tuple(BATCHES)
# Share of steps at 64, 96 and 128 px: labels and quick progress first, longer structures towards the end.
SIZES_AT_START, SIZES_AT_END = np.array([0.4, 0.4, 0.2]), np.array([0.15, 0.35, 0.5])
WIDTHS = {"slim": (16, 32, 64, 128, 128), "half": (32, 64, 128, 256, 256)}
# Half width costs 2.5 times as much a step and starts from better, so it takes part in every third one.
EVERY = {"slim": 1, "half": 3}
PEAK_STEP_SIZE, WARMUP_STEPS, LEAST_STEP_SIZE = 3e-3, 200, 1e-5
WEIGHT_DECAY = 1e-4
LABEL_WEIGHT = 0.1
EMA_DECAY = 0.995
START_PICTURES, START_PX = 160, 112
CHECKPOINT_SECONDS = 180
LOG_STEPS = 48


class Trainee(nn.Module):
    """A student with what only training needs: maps to the teachers, a classifier on conv5_4, averaged weights."""

    def __init__(self, student: Student, scales: Scales):
        super().__init__()
        self.student = student
        self.heads = Heads(student, scales)
        self.classifier = nn.Linear(student.widths[-1], LABELS)
        self.average = deepcopy(student)

    def trained(self) -> list[nn.Parameter]:
        return [p for part in (self.student, self.heads, self.classifier) for p in part.parameters()]

    @torch.no_grad()
    def follow(self, step: int) -> None:
        """Exponential moving average of the weights (not of the statistics, which export measures anew)."""
        decay = min(EMA_DECAY, (step + 1) / (step + 10))
        for kept, now in zip(self.average.parameters(), self.student.parameters()):
            kept.lerp_(now, 1 - decay)


def step_size(step: int, progress: float) -> float:
    """Linear warm-up, then half a cosine."""
    cosine = LEAST_STEP_SIZE + (PEAK_STEP_SIZE - LEAST_STEP_SIZE) * 0.5 * (1 + np.cos(np.pi * min(progress, 1)))
    return float(cosine * min(1, (step + 1) / WARMUP_STEPS))


def pick_size(seed: int, step: int, progress: float) -> int:
    shares = SIZES_AT_START + (SIZES_AT_END - SIZES_AT_START) * min(progress, 1)
    return int(np.random.default_rng((seed, step, 1)).choice(SIZES, p=shares))


def sample_images(pictures: Pictures, seed: int, count: int, size: int) -> torch.Tensor:
    chosen = np.random.default_rng((seed, 2)).choice(len(pictures.large), count, replace=False)
    return to_images([centered(decode(pictures.large[i]), size) for i in chosen])


def start_trainees(
    teachers: Teachers, scales: Scales, pictures: Pictures, quarter_file: Path, seed: int
) -> dict[str, Trainee]:
    quarter, images = load_network(quarter_file), sample_images(pictures, seed, START_PICTURES, START_PX)
    targets, trainees = teachers.targets(images), {}
    for name, widths in WIDTHS.items():
        thinned = thin_teachers(widths, teachers, quarter, scales, images, seed)
        trainees[name] = Trainee(insert_norms(thinned, images), scales)
        trainees[name].heads.solve(thinned.features(images), targets, scales)
    return trainees


def train_step(
    trainee: Trainee, images: torch.Tensor, labels: torch.Tensor, wanted: dict, shift: tuple[int, int]
) -> dict[str, float]:
    """Gradients of one student's loss; returns its terms."""
    with torch.autocast("cpu", torch.bfloat16):
        features = trainee.student(images)
        terms = trainee.heads.losses(features, wanted, shift)
        logits = trainee.classifier(features["5_4"].mean((2, 3)))
    terms["labels"] = F.cross_entropy(logits.float(), labels)
    total = sum(value for name, value in terms.items() if name != "labels") + LABEL_WEIGHT * terms["labels"]
    total.backward()
    return {name: value.item() for name, value in terms.items()}


def save(path: Path, state: dict) -> None:
    torch.save(state, path.with_suffix(".part"))
    os.replace(path.with_suffix(".part"), path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--out", type=Path, required=True, help="checkpoint, log and pid go here")
    parser.add_argument("--from", dest="quarter", type=Path, help="quarter-width network that starting borrows channels from")
    parser.add_argument("--minutes", type=float, default=75)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    quarter_file = args.quarter or args.shared / "networks" / "vgg19-slim.safetensors"
    (args.out / "pid").write_text(str(os.getpid()))
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    checkpoint = args.out / "checkpoint.pt"

    pictures = load_pictures(args.shared / "data")
    teachers = load_teachers(args.shared / "teachers")
    scales = Scales(teachers)
    state = torch.load(checkpoint) if checkpoint.exists() else None
    if state:
        scales.load_state_dict(state["scales"])
        trainees = {name: Trainee(Student(widths), scales) for name, widths in WIDTHS.items()}
    else:
        scales.measure(teachers, sample_images(pictures, args.seed + 1, START_PICTURES, START_PX))
        trainees = start_trainees(teachers, scales, pictures, quarter_file, args.seed)
    optimizers = {
        name: torch.optim.AdamW(trainee.trained(), weight_decay=WEIGHT_DECAY) for name, trainee in trainees.items()
    }
    step, elapsed = 0, 0.0
    if state:
        for name, optimizer in optimizers.items():
            trainees[name].load_state_dict(state["trainees"][name])
            optimizer.load_state_dict(state["optimizers"][name])
        step, elapsed = state["step"], state["elapsed"]
    print(f"ready at step {step}, {elapsed / 60:.1f} minutes", flush=True)

    began, saved = time.monotonic() - elapsed, -CHECKPOINT_SECONDS
    sums: dict[str, float] = defaultdict(float)
    with ThreadPoolExecutor(1) as worker, (args.out / "log.jsonl").open("a") as log:

        def prepare(step: int, progress: float) -> tuple:
            rng = np.random.default_rng((args.seed, step, 0))
            images, labels = random_batch(pictures, rng, pick_size(args.seed, step, progress))
            shift = tuple(rng.integers(12, size=2).tolist())
            with torch.autocast("cpu", torch.bfloat16):
                targets = teachers.targets(images)
            return images, labels, normalized_targets(targets, scales, shift), shift

        # The teachers work a step ahead on a thread of their own. With --threads 1 this is the only parallelism, and on
        # a machine that others use too it beats threads that wait for each other inside every operator.
        pending = worker.submit(prepare, step, elapsed / 60 / args.minutes)
        done = False
        while not done:
            elapsed = time.monotonic() - began
            progress = elapsed / 60 / args.minutes
            images, labels, wanted, shift = pending.result()
            pending = worker.submit(prepare, step + 1, progress)
            for name, trainee in trainees.items():
                if step % EVERY[name]:
                    continue
                optimizer = optimizers[name]
                optimizer.param_groups[0]["lr"] = step_size(step, progress)
                optimizer.zero_grad(set_to_none=True)
                for term, value in train_step(trainee, images, labels, wanted, shift).items():
                    sums[f"{name} {term}"] += value * EVERY[name]
                optimizer.step()
                trainee.follow(step)
            step += 1
            done = progress >= 1
            if step % LOG_STEPS == 0:
                record = {"step": step, "minutes": round(elapsed / 60, 2), "stepSize": step_size(step, progress)}
                record |= {key: round(value / LOG_STEPS, 4) for key, value in sums.items()}
                log.write(json.dumps(record) + "\n")
                log.flush()
                sums.clear()
            if done or time.monotonic() - saved > CHECKPOINT_SECONDS:
                state = {"step": step, "elapsed": elapsed, "scales": scales.state_dict()}
                state["trainees"] = {name: trainee.state_dict() for name, trainee in trainees.items()}
                state["optimizers"] = {name: optimizer.state_dict() for name, optimizer in optimizers.items()}
                save(checkpoint, state)
                saved = time.monotonic()


if __name__ == "__main__":
    main()
