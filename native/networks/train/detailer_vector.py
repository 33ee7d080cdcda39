"""The detailer's reference vectors: ../../../test/vectors/detailer*.safetensors.

    python detailer_vector.py --to ../../../test/vectors

A second account of what native/networks/README.md says, in NumPy and float64, that shares no code with detailer.py; a
small random detailer for the small random network that stands beside the vectors. Prints how far detailer.py is from it.
"""

import argparse
import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load_file

from detailer import load_detailer, style_moments
from networks import load_network, write_tensors

PLAN = {
    "version": 1,
    "mix": 0.4,
    "ridge": 3e-4,
    "levels": [
        {"layer": "relu5_1", "channels": 24, "convolutions": 2, "noise": 3},
        {"layer": "relu4_1", "channels": 20, "convolutions": 1, "noise": 2},
        {"layer": "relu3_1", "channels": 16, "convolutions": 2, "noise": 1},
        {"layer": "relu2_1", "channels": 12, "convolutions": 1, "noise": 0},
        {"layer": "relu1_1", "channels": 8, "convolutions": 1, "noise": 0},
    ],
}
BLOCKS = (("1_1", "1_2"), ("2_1", "2_2"), ("3_1", "3_2", "3_3", "3_4"), ("4_1", "4_2", "4_3", "4_4"), ("5_1",))
SEED, SHARE = 4_000_000_000, 0.35
# No side a multiple of 16, the draft not exactly half.
CONTENT, DRAFT, STYLE = (42, 52), (20, 26), (38, 60)


def pixel_weights(source: int, target: int) -> np.ndarray:
    weights = np.zeros((target, source))
    stretch = max(1, source / target)
    for i in range(target):
        center = (i + 0.5) * source / target - 0.5
        for j in range(int(np.ceil(center - 2 * stretch)), int(np.floor(center + 2 * stretch)) + 1):
            x = abs(j - center) / stretch
            value = 1.5 * x**3 - 2.5 * x**2 + 1 if x < 1 else -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2 if x < 2 else 0
            weights[i, min(max(j, 0), source - 1)] += value
    return weights / weights.sum(1, keepdims=True)


def resized(image: np.ndarray, h: int, w: int) -> np.ndarray:
    return np.einsum("yi,cij,xj->cyx", pixel_weights(image.shape[1], h), image, pixel_weights(image.shape[2], w))


def padded_up(image: np.ndarray) -> np.ndarray:
    return np.pad(image, ((0, 0), (0, -image.shape[1] % 16), (0, -image.shape[2] % 16)), "edge")


def convolved(maps: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    around = np.lib.stride_tricks.sliding_window_view(np.pad(maps, ((0, 0), (1, 1), (1, 1)), "edge"), (3, 3), (1, 2))
    return np.einsum("iyxab,oiab->oyx", around, weight.astype(np.float64), optimize=True) + bias.astype(np.float64)[:, None, None]


def encoded(network: dict[str, np.ndarray], mean: list[float], std: list[float], image: np.ndarray) -> dict[str, np.ndarray]:
    maps, result = (image - np.reshape(mean, (3, 1, 1))) / np.reshape(std, (3, 1, 1)), {}
    for block in BLOCKS:
        if block[0] != "1_1":
            c, h, w = maps.shape
            maps = maps.reshape(c, h // 2, 2, w // 2, 2).mean((2, 4))
        for layer in block:
            maps = np.maximum(convolved(maps, network[f"conv{layer}.weight"], network[f"conv{layer}.bias"]), 0)
            result[layer] = maps
    return result


def gaussian(maps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    flat = maps.reshape(maps.shape[0], -1)
    mean = flat.mean(1)
    centered = flat - mean[:, None]
    return mean, centered @ centered.T / flat.shape[1]


def root(matrix: np.ndarray, power: float = 0.5) -> np.ndarray:
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * values**power) @ vectors.T


def transport(source: np.ndarray, target: np.ndarray, ridge: float) -> np.ndarray:
    epsilon = max(ridge * (np.trace(source) + np.trace(target)), 1e-12) * np.eye(len(source))
    s, z = source + epsilon, target + epsilon
    return root(s, -0.5) @ root(root(s) @ z @ root(s)) @ root(s, -0.5)


def scattered(value: int) -> int:
    value ^= value >> 16
    value = value * 0x7FEB352D & 0xFFFFFFFF
    value ^= value >> 15
    value = value * 0x846CA68B & 0xFFFFFFFF
    return value ^ value >> 16


def noise(seed: int, level: int, channel: int, y: int, x: int) -> float:
    value = seed
    for part in (level, channel, y, x):
        value = scattered((value + part + 0x9E3779B9) & 0xFFFFFFFF)
    return 12**0.5 * (((value >> 8) + 0.5) / 2**24 - 0.5)


def doubled(maps: np.ndarray) -> np.ndarray:
    """Bilinear: pixel 2i lies a quarter of a pixel before the middle of i, 2i + 1 a quarter after it."""
    for axis in (1, 2):
        padded = np.pad(maps, [(0, 0)] + [(1, 1) if a == axis else (0, 0) for a in (1, 2)], "edge")
        n = maps.shape[axis]
        before, after = np.take(padded, range(n), axis), np.take(padded, range(2, n + 2), axis)
        pairs = np.stack([0.25 * before + 0.75 * maps, 0.75 * maps + 0.25 * after], axis + 1)
        maps = pairs.reshape([2 * s if a == axis else s for a, s in enumerate(maps.shape)])
    return maps


def detailed(network, mean, std, detailer, draft, content, style, seed, share) -> dict[str, np.ndarray]:
    """All that is worth comparing on the way, and the picture."""
    _, h, w = content.shape
    lost = content - resized(resized(content, *draft.shape[1:]), h, w)
    mixed = padded_up(np.clip(resized(draft, h, w) + PLAN["mix"] * lost, 0, 1))
    result = {"mixed": mixed}
    features, wanted = encoded(network, mean, std, mixed), encoded(network, mean, std, padded_up(style))
    maps = None
    for depth, level in enumerate(PLAN["levels"]):
        layer = level["layer"].removeprefix("relu")
        own = features[layer]
        (m, source), (goal, target) = gaussian(own), gaussian(wanted[layer])
        matrix = (1 - share) * np.eye(len(m)) + share * transport(source, target, PLAN["ridge"])
        flat = matrix @ (own.reshape(len(m), -1) - m[:, None]) + ((1 - share) * m + share * goal)[:, None]
        carried = flat.reshape(own.shape)
        result[f"matrix{layer}"], result[f"carried{layer}"] = matrix, carried
        _, rows, columns = own.shape
        grain = [[[noise(seed, depth, c, y, x) for x in range(columns)] for y in range(rows)] for c in range(level["noise"])]
        parts = [carried] if maps is None else [doubled(maps), carried]
        parts += [np.array(grain)] if grain else []
        parts += [mixed - 0.5] if layer == "1_1" else []
        maps = np.concatenate(parts)
        name = f"level{layer[0]}"
        for i in range(level["convolutions"]):
            weight, bias = (detailer[f"{name}.conv{i + 1}.{kind}"] for kind in ("weight", "bias"))
            maps = np.maximum(convolved(maps, weight, bias), 0)
        result[name] = maps
    made = convolved(maps, detailer["out.weight"], detailer["out.bias"]) + 0.5
    return result | {"picture": np.clip(made[:, :h, :w], 0, 1)}


def random_detailer(rng: np.random.Generator, widths: dict[str, int]) -> dict[str, np.ndarray]:
    tensors, below = {}, 0
    for level in PLAN["levels"]:
        block = level["layer"][4]
        incoming = below + widths[f"{block}_1"] + level["noise"] + (3 if block == "1" else 0)
        for i in range(level["convolutions"]):
            tensors[f"level{block}.conv{i + 1}.weight"] = rng.normal(0, (2 / (9 * incoming)) ** 0.5, (level["channels"], incoming, 3, 3))
            tensors[f"level{block}.conv{i + 1}.bias"] = rng.normal(0, 0.1, level["channels"])
            incoming = level["channels"]
        below = level["channels"]
    tensors["out.weight"] = rng.normal(0, 0.2 * (1 / (9 * below)) ** 0.5, (3, below, 3, 3))
    tensors["out.bias"] = rng.normal(0, 0.05, 3)
    return {key: value.astype(np.float16) for key, value in tensors.items()}


def smooth(rng: np.random.Generator, size: tuple[int, int]) -> np.ndarray:
    """Something between noise and a photograph, exact in float32."""
    coarse = resized(rng.uniform(0, 1, (3, 5, 6)), *size)
    return np.clip(0.75 * coarse + 0.25 * rng.uniform(0, 1, (3, *size)), 0, 1).astype(np.float32).astype(np.float64)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--to", type=Path, required=True)
    args = parser.parse_args()
    path = args.to / "vgg19-eighth.safetensors"
    network = load_file(path)
    rng = np.random.default_rng(7)
    detailer = random_detailer(rng, {layer: network[f"conv{layer}.bias"].shape[0] for layer in ("1_1", "2_1", "3_1", "4_1", "5_1")})
    metadata = {"kind": "detailer", "encoder": hashlib.sha256(path.read_bytes()).hexdigest(), "plan": json.dumps(PLAN)}
    write_tensors(args.to / "detailer-eighth.safetensors", detailer, metadata)
    draft, content, style = smooth(rng, DRAFT), smooth(rng, CONTENT), smooth(rng, STYLE)
    encoder = replace(load_network(path), padding="replicate")
    mean, std = (getattr(encoder, key).flatten().double().numpy() for key in ("mean", "std"))
    tensors = {"draft": draft, "content": content, "style": style}
    for name, share in (("", 1.0), ("partial.", SHARE)):
        made = detailed(network, mean, std, detailer, draft, content, style, SEED, share)
        kept = made if name == "" else {"picture": made["picture"]}
        tensors |= {name + key: value for key, value in kept.items()}
        image = lambda a: torch.from_numpy(a)[None].float()  # noqa: E731
        with torch.no_grad():
            twin = load_detailer(args.to / "detailer-eighth.safetensors", encoder)
            other = twin(encoder, image(draft), image(content), style_moments(encoder, image(style), twin.layers), seed=SEED, share=share)
        print(f"share {share}: detailer.py differs by {np.abs(other[0].clamp(0, 1).numpy() - made['picture']).max():.2g} at most")
    tensors["noise5"] = np.array([[[noise(SEED, 0, c, y, x) for x in range(4)] for y in range(3)] for c in range(3)])
    described = {"seed": str(SEED), "partial": str(SHARE), "network": path.name, "detailer": "detailer-eighth.safetensors"}
    write_tensors(args.to / "detailer.safetensors", {k: v.astype(np.float32) for k, v in tensors.items()}, described)


if __name__ == "__main__":
    main()
