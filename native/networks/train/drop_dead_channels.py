"""Leaves out what is dead in a detailer: channels whose maps are 0 wherever one looks, and deep levels that have no others.

    python drop_dead_channels.py --detailer FILE --shared ../../../../shared --to FILE

Looks at what every convolution makes: for all pairs of the pictures in ../shared/images at 512 px, and for random pairs of the
training pictures, at shares from half of the way to the furthest that a strength carries. Says in how many of all positions
the channels that are left out are above 0. The filters that are left are the same bits.

A level's convolutions have one width. What one of them needs the others keep, and dead channels, the liveliest first, fill up
blocks of 8, in which processors compute.
"""

import argparse
import hashlib
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open

from data import decode, read_pack
from detailer import Detailer, Level, block_of, load_detailer, style_moments
from judge_detailer import read_image
from networks import Network, load_network, write_tensors
from resampling import resize

SIDE = 512
SHARES = (0.5, 1.0, 1.5, 2.0)
BLOCK = 8


def colored_draft(content: torch.Tensor, style: torch.Tensor) -> torch.Tensor:
    """The shrunk content in the style's colors: what a draft begins with."""
    colors = [(image.mean((2, 3), keepdim=True), image.std((2, 3), keepdim=True)) for image in (content, style)]
    (mean, deviation), (to_mean, to_deviation) = colors
    colored = (content - mean) / deviation.clamp_min(1e-3) * to_deviation + to_mean
    return resize(colored, [side // 2 for side in content.shape[2:]]).clamp(0, 1)


def pairs_to_look_at(shared: Path, count: int) -> list[tuple[torch.Tensor, torch.Tensor]]:
    images = shared / "images"
    read = [[read_image(path, SIDE) for path in sorted(images.glob(f"{kind}-*"))] for kind in ("content", "style")]
    files, _ = read_pack(shared / "data", "large")
    chosen = np.random.default_rng(0).choice(len(files), (count, 2), replace=False)
    trained_on = [[torch.from_numpy(decode(files[i]).copy()).permute(2, 0, 1)[None].float() / 255 for i in pair] for pair in chosen]
    return [*product(*read), *((content, style) for content, style in trained_on)]


@dataclass
class Life:
    """Of the channels that a convolution makes."""

    positions: torch.Tensor  # above 0
    seen: int = 0

    def look(self, _module, _inputs, maps: torch.Tensor) -> None:
        self.positions += (maps > 0).sum((0, 2, 3))
        self.seen += maps[:, 0].numel()

    @property
    def share(self) -> torch.Tensor:
        return self.positions / self.seen


@torch.no_grad()
def look_at(detailer: Detailer, encoder: Network, pairs: list[tuple[torch.Tensor, torch.Tensor]]) -> list[list[Life]]:
    """By level and convolution."""
    lives = [[Life(torch.zeros(c.out_channels, dtype=torch.int64)) for c in convolutions] for convolutions in detailer.levels]
    for of_level, convolutions in zip(lives, detailer.levels):
        for life, convolution in zip(of_level, convolutions):
            convolution.register_forward_hook(life.look)
    for at, (content, style) in enumerate(pairs):
        share = SHARES[at % len(SHARES)]
        detailer(encoder, colored_draft(content, style), content, style_moments(encoder, style, detailer.layers), seed=0, share=share)
    return lives


def kept_channels(lives: list[Life], least: float) -> list[int]:
    """Of one level; none where its last convolution is dead altogether."""
    if (lives[-1].share <= least).all():
        return []
    liveliest = torch.stack([life.share for life in lives]).amax(0)
    count = -(-int((liveliest > least).sum()) // BLOCK) * BLOCK
    return sorted(liveliest.argsort(descending=True, stable=True)[:count].tolist())


def narrow(tensors: dict[str, np.ndarray], level: Level, kept: list[int], above: str) -> None:
    """`above`: the convolution that reads this level's maps, before anything else."""
    stem = f"level{block_of(level)}.conv"
    for i in range(1, level.convolutions + 1):
        for part in ("weight", "bias"):
            tensors[f"{stem}{i}.{part}"] = tensors[f"{stem}{i}.{part}"][kept]
        if i > 1:
            tensors[f"{stem}{i}.weight"] = tensors[f"{stem}{i}.weight"][:, kept]
    weight = tensors[f"{above}.weight"]
    tensors[f"{above}.weight"] = np.concatenate([weight[:, kept], weight[:, level.channels :]], 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--detailer", type=Path, required=True)
    parser.add_argument("--networks", type=Path, default=Path(__file__).parent.parent)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--pairs", type=int, default=400, help="random ones, beside the samples")
    parser.add_argument("--least", type=float, default=1e-3, help="share of all positions in which a channel that lives is above 0")
    parser.add_argument("--to", type=Path, required=True)
    args = parser.parse_args()
    with safe_open(args.detailer, "np") as file:
        metadata = dict(file.metadata())
        tensors = {key: file.get_tensor(key) for key in file.keys()}
    encoder = load_network(args.networks / f"vgg19-{metadata['name'].removeprefix('detailer-')}.safetensors")
    encoder = replace(encoder, padding="replicate")
    detailer = load_detailer(args.detailer, encoder)
    levels = detailer.plan.levels
    kept = []
    for level, lives in zip(levels, look_at(detailer, encoder, pairs_to_look_at(args.shared, args.pairs))):
        kept.append(kept_channels(lives, args.least))
        for i, life in enumerate(lives, 1):
            left_out = life.share[life.share <= args.least]
            print(f"relu{level.layer}, convolution {i}: {level.channels - len(left_out)} of {level.channels} channels live", end="")
            print(f", the others in at most {left_out.max():.2g} of all positions" if len(left_out) > 0 else "")
    first = max((at + 1 for at, channels in enumerate(kept) if not channels), default=0)
    for at, level in enumerate(levels):
        narrow(tensors, level, kept[at], f"level{block_of(levels[at + 1])}.conv1" if at + 1 < len(levels) else "out")
    left = tuple(replace(level, channels=len(channels)) for level, channels in zip(levels[first:], kept[first:]))
    names = [
        *(f"level{block_of(level)}.conv{i + 1}.{part}" for level in left for i in range(level.convolutions) for part in ("weight", "bias")),
        *("out.weight", "out.bias"),
    ]
    metadata["plan"] = replace(detailer.plan, levels=left).to_json()
    write_tensors(args.to, {name: np.ascontiguousarray(tensors[name]) for name in names}, metadata)
    print(f"{args.to} {args.to.stat().st_size} bytes, sha256 {hashlib.sha256(args.to.read_bytes()).hexdigest()}")


if __name__ == "__main__":
    main()
