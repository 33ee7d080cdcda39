"""Trains quarter- and half-width students side by side, one pass of the teachers serving both. README.md has the recipe.

    python train.py --shared ../shared --out /tmp/train --minutes 75                  # from thinned teachers
    python train.py --shared ../shared --out /tmp/train --minutes 75 --continue ..    # from the files in this folder

Stops and goes on: run it again with the same --out. Ends by itself after --minutes of running time.
"""

import argparse
import json
import time
from collections import defaultdict
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from checkpoint import Course, load_course
from data import BATCHES, UNLABELED, Pictures, centered, decode, load_pictures, random_batch, to_images
from heads import Scales, normalized_targets
from networks import load_network
from precision import autocast
from start import thin_teachers
from student import Student
from style import STYLE_TARGETS, leveled, neighbor_distances
from teachers import Teachers, load_teachers
from trainee import WIDTHS, Trainee, start_trainee
from walkers import Walkers

SIZES = tuple(BATCHES)
# Share of steps at 64, 96 and 128 px: labels and quick progress first, longer structures towards the end.
SIZES_AT_START, SIZES_AT_END = np.array([0.25, 0.35, 0.4]), np.array([0.1, 0.3, 0.6])
# Half width costs three times as much a step, so it takes part in every second one. Its filters are smaller numbers and
# bear smaller steps.
EVERY = {"slim": 1, "half": 2}
PEAK_STEP_SIZES, WARMUP_STEPS, LEAST_SHARE = {"slim": 1e-3, "half": 5e-4}, 100, 0.01
LABEL_WEIGHT, STYLE_WEIGHT = 0.1, 0.2
START_PICTURES, START_PX = 160, 112
WALKERS, WALKERS_PX = 2, 128
CHECKPOINT_SECONDS = 180
LOG_STEPS = 48


@dataclass
class Batch:
    """Pictures, and what the teachers say of them."""

    images: torch.Tensor  # [N, 3, size, size] in [0, 1]
    labels: torch.Tensor  # [N]
    shift: tuple[int, int]  # where `wanted` begins in the maps
    wanted: dict[str, torch.Tensor]  # target → [M, C], normalized
    distances: dict[str, torch.Tensor]  # style target → [N], logarithms of style distances of neighbors


def step_share(step: int, progress: float) -> float:
    """Of the peak step size: linear warm-up, then half a cosine."""
    cosine = LEAST_SHARE + (1 - LEAST_SHARE) * 0.5 * (1 + np.cos(np.pi * min(progress, 1)))
    return float(cosine * min(1, (step + 1) / WARMUP_STEPS))


def pick_size(seed: int, step: int, progress: float) -> int:
    shares = SIZES_AT_START + (SIZES_AT_END - SIZES_AT_START) * min(progress, 1)
    return int(np.random.default_rng((seed, step, 1)).choice(SIZES, p=shares))


def sample_images(pictures: Pictures, seed: int) -> torch.Tensor:
    chosen = np.random.default_rng((seed, 2)).choice(len(pictures.large), START_PICTURES, replace=False)
    return to_images([centered(decode(pictures.large[i]), START_PX) for i in chosen])


def start_course(pictures: Pictures, teachers: Teachers, files: Path | None, quarter_file: Path, seed: int) -> Course:
    """From the network files in `files`, or else from thinned teachers."""
    scales = Scales(teachers).measure(teachers, sample_images(pictures, seed + 1))
    images = sample_images(pictures, seed)
    trainees = {}
    for name, widths in WIDTHS.items():
        if files:
            network = load_network(files / f"vgg19-{name}.safetensors")
        else:
            network = thin_teachers(widths, teachers, load_network(quarter_file), scales, images, seed)
        trainees[name] = start_trainee(network, teachers, scales, images)
    return Course(scales, trainees)


def draw_batch(
    pictures: Pictures, step: int, progress: float, seed: int, student: Student, walkers: Walkers
) -> tuple[torch.Tensor, torch.Tensor]:
    """Images and labels of one step. At the walkers' size the last pictures are walkers instead."""
    rng = np.random.default_rng((seed, step, 0))
    size = pick_size(seed, step, progress)
    images, labels = random_batch(pictures, rng, size)
    if size == WALKERS_PX:
        images[-WALKERS:] = walkers.walk(student, images[-WALKERS:], images[:WALKERS], rng)
        labels[-WALKERS:] = UNLABELED
    return images, labels


@torch.no_grad()
def ask_teachers(teachers: Teachers, scales: Scales, images: torch.Tensor, labels: torch.Tensor, step: int) -> Batch:
    with autocast():
        targets = teachers.targets(images)
    shift = tuple(np.random.default_rng((step, 3)).integers(12, size=2).tolist())
    distances = {target.name: neighbor_distances(targets[target.name].float()) for target in STYLE_TARGETS}
    return Batch(images, labels, shift, normalized_targets(targets, scales, shift), distances)


def train_step(trainee: Trainee, batch: Batch) -> dict[str, float]:
    """Gradients of one student's loss; returns its terms."""
    with autocast():
        features = trainee.student(batch.images)
        terms = trainee.heads.losses(features, batch.wanted, batch.shift)
        logits = trainee.classifier(features["5_4"].mean((2, 3)))
    total = sum(terms.values())
    terms["labels"] = F.cross_entropy(logits.float(), batch.labels)
    total = total + LABEL_WEIGHT * terms["labels"]
    for target in STYLE_TARGETS:
        distances = neighbor_distances(leveled(features[target.layer].float()))
        terms[f"style {target.name}"] = F.mse_loss(distances, batch.distances[target.name])
        total = total + STYLE_WEIGHT * terms[f"style {target.name}"]
    total.backward()
    return {name: value.item() for name, value in terms.items()}


def train(course: Course, pictures: Pictures, teachers: Teachers, out: Path, minutes: float, seed: int) -> None:
    walkers = {name: Walkers(WALKERS, WALKERS_PX) for name in WIDTHS}
    began, saved = time.monotonic() - course.seconds, time.monotonic()
    sums, logged = defaultdict(float), course.step
    with ThreadPoolExecutor(1) as worker, (out / "log.jsonl").open("a") as log:

        # The teachers work a step ahead on a thread of their own. With --threads 1 this is the only parallelism, and on
        # a machine that others use too it beats threads that wait for each other inside every operator.
        def prepare(step: int, progress: float) -> Future[Batch]:
            name = "slim" if step % EVERY["half"] else "half"
            student = course.trainees[name].student
            images, labels = draw_batch(pictures, step, progress, seed, student, walkers[name])
            return worker.submit(ask_teachers, teachers, course.scales, images, labels, step)

        progress = course.seconds / 60 / minutes
        pending = prepare(course.step, progress)
        while progress < 1:
            course.seconds = time.monotonic() - began
            progress = course.seconds / 60 / minutes
            batch = pending.result()
            pending = prepare(course.step + 1, progress)
            share = step_share(course.step, progress)
            for name, trainee in course.trainees.items():
                if course.step % EVERY[name]:
                    continue
                optimizer = course.optimizers[name]
                optimizer.param_groups[0]["lr"] = share * PEAK_STEP_SIZES[name]
                optimizer.zero_grad(set_to_none=True)
                for term, value in train_step(trainee, batch).items():
                    sums[f"{name} {term}"] += value * EVERY[name]
                optimizer.step()
                trainee.follow(course.step)
            course.step += 1
            if course.step % LOG_STEPS == 0:
                record = {"step": course.step, "minutes": round(course.seconds / 60, 2), "stepShare": round(share, 4)}
                # The first record after a stop covers fewer steps.
                record |= {key: round(value / (course.step - logged), 4) for key, value in sums.items()}
                log.write(json.dumps(record) + "\n")
                log.flush()
                sums.clear()
                logged = course.step
            if progress >= 1 or time.monotonic() - saved > CHECKPOINT_SECONDS:
                course.save(out / "checkpoint.pt")
                saved = time.monotonic()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--out", type=Path, required=True, help="checkpoint and log go here")
    parser.add_argument("--continue", dest="files", type=Path, help="folder of network files to go on from")
    parser.add_argument("--from", dest="quarter", type=Path, help="quarter-width network that thinning borrows channels from")
    parser.add_argument("--minutes", type=float, default=75)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    args.out.mkdir(parents=True, exist_ok=True)

    pictures = load_pictures(args.shared / "data")
    teachers = load_teachers(args.shared / "teachers")
    if (args.out / "checkpoint.pt").exists():
        course = load_course(args.out / "checkpoint.pt", teachers)
    else:
        quarter_file = args.quarter or args.shared / "networks" / "vgg19-slim.safetensors"
        course = start_course(pictures, teachers, args.files, quarter_file, args.seed)
    print(f"ready at step {course.step}, {course.seconds / 60:.1f} minutes", flush=True)
    train(course, pictures, teachers, args.out, args.minutes, args.seed)


if __name__ == "__main__":
    main()
