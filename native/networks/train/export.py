"""Checkpoint → native/networks/vgg19-{slim,half}.safetensors. The same checkpoint gives the same bytes.

    python export.py --shared ../shared --checkpoint /tmp/train/checkpoint.pt --to ..

Averaged weights; statistics of the normalizations measured anew for them; these folded; channels leveled (normalize.py).
"""

import argparse
import hashlib
from pathlib import Path

import numpy as np
import torch

from checkpoint import averaged_student
from data import Pictures, load_pictures, random_batch
from networks import Network, save_network
from normalize import activations, normalize_activations, photographs
from student import MEAN, STD, Student, fold_norms
from trainee import WIDTHS

SOURCE = (
    "trained by the Impasto project by feature distillation (native/networks/train); teachers: VGG19 blocks 1-3 "
    "(Simonyan and Zisserman 2014, CC BY 4.0) and the Collaborative Distillation encoder (Wang, Li, Wang, Hu, Yang, "
    "CVPR 2020, MIT, Copyright (c) 2020 Huan Wang); pictures: Tiny ImageNet (Stanford CS231n), Imagenette, PACS, "
    "Describable Textures Dataset, for research use"
)
LICENSE = "MIT; derived from VGG19, CC BY 4.0, Karen Simonyan and Andrew Zisserman, and Collaborative Distillation, MIT"
STATISTICS_BATCHES = ((96, 20), (128, 30))


@torch.no_grad()
def measure_statistics(student: Student, pictures: Pictures, seed: int) -> None:
    """Sets the running statistics to plain averages over undecayed batches (momentum None = cumulative average)."""
    for norm in student.norms.values():
        norm.reset_running_stats()
        norm.momentum = None
    student.train()
    for size, count in STATISTICS_BATCHES:
        for i in range(count):
            images, _ = random_batch(pictures, np.random.default_rng((seed, size, i)), size)
            student(images)
    student.eval()


def describe(network: Network, name: str) -> Network:
    metadata = {
        "name": name,
        "mean": str(list(MEAN)),
        "std": str(list(STD)),
        "pooling": "avg",
        "padding": "zero",
        "source": SOURCE,
        "license": LICENSE,
    }
    return Network(name, network.tensors, network.mean, network.std, metadata=metadata)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--only", choices=tuple(WIDTHS), help="export one of them")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    torch.set_num_threads(1)
    pictures = load_pictures(args.shared / "data")
    images = photographs(args.shared / "data")
    for name in [args.only] if args.only else WIDTHS:
        student = averaged_student(args.checkpoint, name)
        measure_statistics(student, pictures, args.seed)
        network = normalize_activations(fold_norms(student), images)
        path = args.to / f"vgg19-{name}.safetensors"
        save_network(path, describe(network, f"vgg19-{name}"))
        measured = {layer: rms for layer, (_, rms) in activations(network, images).items()}
        weak = {layer: n for layer, rms in measured.items() if (n := int((rms < rms.mean() / 2).sum()))}
        print(f"{path} {path.stat().st_size} bytes, sha256 {hashlib.sha256(path.read_bytes()).hexdigest()}")
        print(f"channels that stay under half of their layer, by layer: {weak}")


if __name__ == "__main__":
    main()
