"""Measures network files against the teachers. Prints one Markdown table per picture set.

    python evaluate.py --shared ../shared ../vgg19-slim.safetensors ../vgg19-half.safetensors

Unexplained variance: 1x1 maps solved by least squares on training pictures, measured on as many never trained on.
Style distances: does this network rank pairs of paintings by style as the teacher does?
Accuracy: a linear classifier on the mean of relu5_4, trained on part of Tiny ImageNet, measured on its validation set.
"""

import argparse
from collections import defaultdict
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from data import TINY_LABELS, centered, decode, held_out, read_pack, to_images
from heads import Scales, positions
from networks import Network, load_network
from precision import autocast
from regression import Regression
from style import STYLE_TARGETS, grams, log_distances
from teachers import TARGETS, Teachers, load_teachers

SIZES = (64, 96, 128)
CHUNK = 50
NOISE, NOISE_PX = 0.08, 96
PROBE_ITERATIONS = 60
STYLE_PAINTINGS = 200


def pairs(networks: dict[str, Network], teachers: Teachers, scales: Scales, images: torch.Tensor):
    """Yields network name, target name, student [M, c], teacher [M, C] normalized, chunk by chunk. The teachers run once."""
    for chunk in images.split(CHUNK):
        # bfloat16, where it is fast, moves these figures by less than 0.001 and halves the time.
        with autocast():
            targets = teachers.targets(chunk.contiguous(memory_format=torch.channels_last))
        wanted = {
            target.name: scales.normalize(positions(targets[target.name], target), target) for target in TARGETS
        }
        for label, network in networks.items():
            features = network.features(chunk)
            for target in TARGETS:
                if target.layer in features:
                    yield label, target.name, positions(features[target.layer], target), wanted[target.name]


@torch.no_grad()
def unexplained(
    networks: dict[str, Network],
    teachers: Teachers,
    scales: Scales,
    fit: torch.Tensor,
    sets: dict[str, torch.Tensor],
) -> dict[str, dict[str, dict[str, float]]]:
    """Set → network → target → unexplained share of variance."""
    regressions: dict[tuple[str, str], Regression] = defaultdict(Regression)
    for label, name, s, t in pairs(networks, teachers, scales, fit):
        regressions[label, name].add(s, t)
    maps = {key: regression.solve() for key, regression in regressions.items()}
    result = {}
    for title, images in sets.items():
        errors, squares = defaultdict(float), defaultdict(float)
        for label, name, s, t in pairs(networks, teachers, scales, images):
            errors[label, name] += (t - F.linear(s, *maps[label, name])).square().sum().item()
            # Channels are centered over the training sample, so this is their variance but for a tiny shift of mean.
            squares[label, name] += t.square().sum().item()
        result[title] = {label: {} for label in networks}
        for label, name in errors:
            result[title][label][name] = errors[label, name] / squares[label, name]
    return result


@torch.no_grad()
def style_agreement(network: Network, teachers: Teachers, paintings: torch.Tensor) -> dict[str, float]:
    """Target → correlation, over pairs of paintings, of log style distances by this network and by the teacher."""
    result = {}
    ours = network.features(paintings)
    theirs = teachers.targets(paintings)
    half = len(paintings) // 2
    for target in STYLE_TARGETS:
        if target.layer not in ours:
            continue
        logs = []
        for maps in (ours[target.layer], theirs[target.name]):
            g = grams(maps)
            logs.append(log_distances(g[:half], g[half : 2 * half]))
        result[target.name] = torch.corrcoef(torch.stack(logs))[0, 1].item()
    return result


@torch.no_grad()
def pooled(network: Network, files: list[bytes]) -> torch.Tensor:
    """[N, C]: mean of relu5_4 over each picture."""
    chunks = (to_images([decode(file) for file in files[i : i + CHUNK]]) for i in range(0, len(files), CHUNK))
    return torch.cat([network.features(images)["5_4"].mean((2, 3)) for images in chunks])


def accuracy(network: Network, data: Path, pictures: int) -> float:
    files, labels = read_pack(data, "train-0")
    features = pooled(network, files[:pictures])
    mean, std = features.mean(0), features.std(0).clamp_min(1e-6)
    classifier = torch.nn.Linear(features.shape[1], TINY_LABELS)
    optimizer = torch.optim.LBFGS(classifier.parameters(), max_iter=PROBE_ITERATIONS, history_size=10)
    features, wanted = (features - mean) / std, torch.from_numpy(labels[:pictures]).long()

    def closure():
        optimizer.zero_grad()
        loss = F.cross_entropy(classifier(features), wanted) + 1e-4 * classifier.weight.square().sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    files, labels = read_pack(data, "val")
    with torch.no_grad():
        guess = classifier((pooled(network, files) - mean) / std).argmax(1)
    return (guess == torch.from_numpy(labels)).float().mean().item()


def print_table(title: str, rows: dict[str, dict[str, float]]) -> None:
    names = list(dict.fromkeys(name for row in rows.values() for name in row))
    print(f"\n{title}\n", flush=True)
    print("| network | " + " | ".join(names) + " |\n" + "|---" * (len(names) + 1) + "|")
    for label, row in rows.items():
        print(f"| {label} | " + " | ".join(f"{row[name]:.3f}" if name in row else "" for name in names) + " |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--pictures", type=int, default=500, help="of each set")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--labelled", type=int, default=20000, help="pictures the classifier learns from; 0: no accuracy")
    parser.add_argument("networks", type=Path, nargs="+")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    data = args.shared / "data"
    teachers = load_teachers(args.shared / "teachers")
    large, labels = read_pack(data, "large")
    paintings = [decode(large[i]) for i in np.flatnonzero(held_out(labels))[: args.pictures]]
    training = [decode(large[i]) for i in np.flatnonzero(~held_out(labels))[: args.pictures]]
    photographs = [decode(file) for file in read_pack(data, "large-val")[0][: args.pictures]]
    networks = {f"{path.parent.name}/{path.stem}": load_network(path) for path in args.networks}

    for size in args.sizes:
        fit = to_images([centered(picture, size) for picture in training])
        scales = Scales(teachers).measure(teachers, fit[:256])
        sets = {
            "photographs": to_images([centered(picture, size) for picture in photographs]),
            "paintings": to_images([centered(picture, size) for picture in paintings]),
        }
        if size == NOISE_PX:
            noise = torch.randn(sets["photographs"].shape, generator=torch.Generator().manual_seed(0))
            sets["photographs with noise"] = (sets["photographs"] + NOISE * noise).clamp(0, 1)
        for title, rows in unexplained(networks, teachers, scales, fit, sets).items():
            print_table(f"Unexplained variance, {title}, {size} px", rows)
    images = to_images([centered(picture, 128) for picture in paintings[:STYLE_PAINTINGS]])
    print_table(
        "Agreement of style distances on paintings, 128 px (correlation of logarithms)",
        {label: style_agreement(network, teachers, images) for label, network in networks.items()},
    )
    if args.labelled:
        print("\nAccuracy on Tiny ImageNet (200 classes), linear classifier on relu5_4:")
        for label, network in networks.items():
            if "5_4" in network.layers:
                print(f"- {label}: {100 * accuracy(network, data, args.labelled):.1f} %")


if __name__ == "__main__":
    main()
