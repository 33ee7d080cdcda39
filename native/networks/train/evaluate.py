"""Measures network files against the teachers. Prints one Markdown table per picture set.

    python evaluate.py --shared ../shared ../vgg19-slim.safetensors ../vgg19-half.safetensors

Unexplained variance: 1x1 maps solved by least squares on 1,000 training pictures, measured on pictures never trained on.
Style distances: does this network rank pairs of paintings by style as the teacher does?
Accuracy: a linear classifier on the mean of relu5_4, trained on part of Tiny ImageNet, measured on its validation set.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from data import TINY_LABELS, centered, decode, held_out, read_pack, to_images
from heads import Scales, positions, solve_map
from networks import Network, load_network
from teachers import TARGETS, Target, Teachers, load_teachers

SIZES = (64, 96, 128)
FIT_PICTURES, CHUNK = 1000, 50
NOISE = 0.08
PROBE_PICTURES, PROBE_ITERATIONS = 20000, 60
STYLE_TARGETS = [Target("real", "1_1"), Target("real", "2_1"), Target("real", "3_1"), Target("mapped", "4_1"), Target("mapped", "5_1")]
STYLE_PAINTINGS = 200


def collect(network: Network, teachers: Teachers, scales: Scales, images: torch.Tensor) -> dict[str, tuple]:
    """Target name → (student [M, c], teacher [M, C] normalized) over all images."""
    parts: dict[str, list] = {target.name: [] for target in TARGETS if target.layer in network.layers}
    for chunk in images.split(CHUNK):
        features, targets = network.features(chunk), teachers.targets(chunk)
        for target in TARGETS:
            if target.name in parts:
                t = scales.normalize(positions(targets[target.name], target), target)
                parts[target.name].append((positions(features[target.layer], target), t))
    return {name: tuple(torch.cat(side) for side in zip(*pairs)) for name, pairs in parts.items()}


@torch.no_grad()
def unexplained(
    network: Network, teachers: Teachers, scales: Scales, fit: torch.Tensor, sets: dict[str, torch.Tensor]
) -> dict[str, dict[str, float]]:
    """Set → target → unexplained share of variance."""
    maps = {name: solve_map(s, t) for name, (s, t) in collect(network, teachers, scales, fit).items()}
    result = {}
    for label, images in sets.items():
        pairs = collect(network, teachers, scales, images)
        result[label] = {
            name: ((t - F.linear(s, *maps[name])).square().mean() / t.var(0).mean()).item() for name, (s, t) in pairs.items()
        }
    return result


def grams(features: torch.Tensor) -> torch.Tensor:
    """[N, C, h, w] → [N, C*C]: canonical Gram matrices F Fᵀ / (h w)."""
    flat = features.flatten(2)
    return (flat @ flat.transpose(1, 2) / flat.shape[2]).flatten(1)


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
            distance = (g[:half] - g[half : 2 * half]).square().sum(1) / (g[:half].square().sum(1) + g[half : 2 * half].square().sum(1))
            logs.append(distance.log())
        result[target.name] = torch.corrcoef(torch.stack(logs))[0, 1].item()
    return result


def pooled(network: Network, files: list[bytes]) -> torch.Tensor:
    with torch.no_grad():
        return torch.cat(
            [
                network.features(to_images([decode(file) for file in files[i : i + 250]]))["5_4"].mean((2, 3))
                for i in range(0, len(files), 250)
            ]
        )


def accuracy(network: Network, data: Path) -> float:
    files, labels = read_pack(data, "train-0")
    features = pooled(network, files[:PROBE_PICTURES])
    mean, std = features.mean(0), features.std(0).clamp_min(1e-6)
    classifier = torch.nn.Linear(features.shape[1], TINY_LABELS)
    optimizer = torch.optim.LBFGS(classifier.parameters(), max_iter=PROBE_ITERATIONS, history_size=10)
    features, wanted = (features - mean) / std, torch.from_numpy(labels[:PROBE_PICTURES]).long()

    def closure():
        optimizer.zero_grad()
        loss = F.cross_entropy(classifier(features), wanted) + 1e-4 * classifier.weight.square().sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    files, labels = read_pack(data, "val")
    guess = classifier((pooled(network, files) - mean) / std).argmax(1)
    return (guess == torch.from_numpy(labels)).float().mean().item()


def print_table(title: str, rows: dict[str, dict[str, float]]) -> None:
    names = list(dict.fromkeys(name for row in rows.values() for name in row))
    print(f"\n{title}\n")
    print("| network | " + " | ".join(names) + " |\n" + "|---" * (len(names) + 1) + "|")
    for label, row in rows.items():
        print(f"| {label} | " + " | ".join(f"{row[name]:.3f}" if name in row else "" for name in names) + " |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--no-accuracy", action="store_true")
    parser.add_argument("networks", type=Path, nargs="+")
    args = parser.parse_args()
    torch.set_num_threads(2)
    data = args.shared / "data"
    teachers = load_teachers(args.shared / "teachers")
    large, labels = read_pack(data, "large")
    paintings = [decode(large[i]) for i in np.flatnonzero(held_out(labels))]
    training = [decode(large[i]) for i in np.flatnonzero(~held_out(labels))[:FIT_PICTURES]]
    photographs = [decode(file) for file in read_pack(data, "large-val")[0]]
    networks = {f"{path.parent.name}/{path.stem}": load_network(path) for path in args.networks}

    for size in args.sizes:
        fit = to_images([centered(picture, size) for picture in training])
        scales = Scales(teachers).measure(teachers, fit[:256])
        sets = {
            "photographs": to_images([centered(picture, size) for picture in photographs]),
            "paintings": to_images([centered(picture, size) for picture in paintings]),
        }
        noise = torch.randn(sets["photographs"].shape, generator=torch.Generator().manual_seed(0))
        sets["photographs with noise"] = (sets["photographs"] + NOISE * noise).clamp(0, 1)
        rows = {label: unexplained(network, teachers, scales, fit, sets) for label, network in networks.items()}
        for label in sets:
            print_table(f"Unexplained variance, {label}, {size} px", {name: row[label] for name, row in rows.items()})
    images = to_images([centered(picture, 128) for picture in paintings[:STYLE_PAINTINGS]])
    print_table(
        "Agreement of style distances on paintings, 128 px (correlation of logarithms)",
        {label: style_agreement(network, teachers, images) for label, network in networks.items()},
    )
    if not args.no_accuracy:
        print("\nAccuracy on Tiny ImageNet (200 classes), linear classifier on relu5_4:")
        for label, network in networks.items():
            if "5_4" in network.layers:
                print(f"- {label}: {100 * accuracy(network, data):.1f} %")


if __name__ == "__main__":
    main()
