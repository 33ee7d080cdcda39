"""Leaves out the deep levels of a detailer that are dead: their maps are 0 everywhere, and the picture is the same without them.

    python drop_dead_levels.py --detailer FILE --shared ../../../../shared --to FILE

Looks at the maps of every level for all pairs of the pictures in ../shared/images, at 512 px, and says how many of each level's
channels are ever above 0. The filters that are left are the same bits.
"""

import argparse
import hashlib
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open

from detailer import Detailer, block_of, load_detailer, pad_up, read_plan, style_moments
from judge_detailer import read_image
from networks import load_network, write_tensors
from resampling import resize

SIDE = 512


@torch.no_grad()
def living_channels(detailer: Detailer, encoder, contents: list[Path], styles: list[Path]) -> list[torch.Tensor]:
    """Of each level, which channels of its maps are above 0 anywhere; the draft is the shrunk content in the style's colors."""
    living = [torch.zeros(level.channels, dtype=torch.bool) for level in detailer.plan.levels]

    def look(at: int):
        def hook(_module, _inputs, maps: torch.Tensor) -> None:
            living[at] |= (maps > 0).amax((0, 2, 3))

        return hook

    for at, convolutions in enumerate(detailer.levels):
        convolutions[-1].register_forward_hook(look(at))
    for content_path, style_path in product(contents, styles):
        content, style = read_image(content_path, SIDE), read_image(style_path, SIDE)
        colors = [(image.mean((2, 3), keepdim=True), image.std((2, 3), keepdim=True)) for image in (content, style)]
        (mean, deviation), (to_mean, to_deviation) = colors
        draft = resize((content - mean) / deviation * to_deviation + to_mean, [side // 2 for side in content.shape[2:]]).clamp(0, 1)
        detailer(encoder, draft, content, style_moments(encoder, style, detailer.layers), seed=0)
    return living


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--detailer", type=Path, required=True)
    parser.add_argument("--networks", type=Path, default=Path(__file__).parent.parent)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--to", type=Path, required=True)
    args = parser.parse_args()
    with safe_open(args.detailer, "np") as file:
        metadata = dict(file.metadata())
        tensors = {key: file.get_tensor(key) for key in file.keys()}
    plan = read_plan(metadata["plan"])
    encoder = load_network(args.networks / f"vgg19-{metadata['name'].removeprefix('detailer-')}.safetensors")
    images = args.shared / "images"
    living = living_channels(load_detailer(args.detailer, encoder), encoder, sorted(images.glob("content-*")), sorted(images.glob("style-*")))
    for level, channels in zip(plan.levels, living):
        print(f"relu{level.layer}: {int(channels.sum())} of {level.channels} channels are ever above 0")
    dead = max((at + 1 for at, channels in enumerate(living) if not channels.any()), default=0)
    kept = plan.levels[dead:]
    if dead > 0:
        first = f"level{block_of(kept[0])}.conv1.weight"
        tensors[first] = tensors[first][:, plan.levels[dead - 1].channels :]
    names = [
        *(f"level{block_of(level)}.conv{i + 1}.{part}" for level in kept for i in range(level.convolutions) for part in ("weight", "bias")),
        *("out.weight", "out.bias"),
    ]
    metadata["plan"] = replace(plan, levels=kept).to_json()
    write_tensors(args.to, {name: np.ascontiguousarray(tensors[name]) for name in names}, metadata)
    print(f"{args.to} {args.to.stat().st_size} bytes, sha256 {hashlib.sha256(args.to.read_bytes()).hexdigest()}")


if __name__ == "__main__":
    main()
