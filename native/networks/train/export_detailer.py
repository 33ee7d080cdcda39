"""Checkpoint → native/networks/detailer-{slim,half}.safetensors: averaged weights. The same checkpoint gives the same bytes.

    python export_detailer.py --checkpoint /tmp/detailer/checkpoint.pt --to ..
"""

import argparse
import hashlib
from dataclasses import replace
from pathlib import Path

import torch

from detailer import PLANS, file_name
from networks import to_half, write_tensors

SOURCE = (
    "trained by the Impasto project (native/networks/train) on drafts of its own engine; critics: the project's networks and "
    "the Collaborative Distillation encoder (Wang, Li, Wang, Hu, Yang, CVPR 2020, MIT, Copyright (c) 2020 Huan Wang); "
    "pictures: Imagenette, PACS, Describable Textures Dataset, for research use"
)


def scaled_tensors(state: dict) -> dict[str, torch.Tensor]:
    """By their names in the file; the features' scales are divided into the filters that take them in."""
    plan, tensors, below = PLANS[state["network"]], {}, 0
    for name, tensor in state["average"].items():
        tensors[file_name(name, plan)] = tensor.clone()
    for level in plan.levels:
        filters = tensors[f"level{level.layer[0]}.conv1.weight"]
        noise_and_picture = level.noise + (3 if level.layer == "1_1" else 0)
        filters[:, below : filters.shape[1] - noise_and_picture] /= state["scales"][level.layer]
        below = level.channels
    return tensors


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--networks", type=Path, default=Path(__file__).parent.parent)
    parser.add_argument("--to", type=Path, required=True, help="a folder, or a file")
    parser.add_argument("--mix", type=float, help="the file's default, if not the plan's own")
    args = parser.parse_args()
    state = torch.load(args.checkpoint)
    encoder = args.networks / f"vgg19-{state['network']}.safetensors"
    plan = PLANS[state["network"]]
    metadata = {
        "kind": "detailer",
        "name": f"detailer-{state['network']}",
        "encoder": hashlib.sha256(encoder.read_bytes()).hexdigest(),
        "plan": (replace(plan, mix=args.mix) if args.mix is not None else plan).to_json(),
        "source": SOURCE,
        "license": "MIT",
    }
    path = args.to / f"detailer-{state['network']}.safetensors" if args.to.is_dir() else args.to
    write_tensors(path, {key: to_half(key, tensor) for key, tensor in scaled_tensors(state).items()}, metadata)
    print(f"{path} {path.stat().st_size} bytes, sha256 {hashlib.sha256(path.read_bytes()).hexdigest()}, step {state['step']}")


if __name__ == "__main__":
    main()
