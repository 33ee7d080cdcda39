"""Rescales the filters so that the channels of a layer weigh alike, and the layers as well.

    python normalize.py --shared ../shared ../vgg19-slim.safetensors ../vgg19-half.safetensors

Gatys, Ecker and Bethge (2015, section 2) bring each channel's mean activation to 1. That leaves channels that fire rarely and
hard, and a few of them rule the Gram matrix. So here each channel's root mean square over photographs becomes the same
within its layer, and the mean activation of the layer as a whole becomes 1. ReLU networks allow it without changing what
they compute: a channel divided by m is multiplied by m in the layer above.
"""

import argparse
from pathlib import Path

import torch

from data import centered, decode, read_pack, to_images
from networks import Network, load_network, save_network

# A channel that hardly fires is raised by five times what the layer's average channel needs, not more.
MOST_GAIN = 5
PHOTOGRAPH_PX = 128


def photographs(data: Path) -> torch.Tensor:
    """Those that activations are measured on: [N, 3, 128, 128], never trained on."""
    return to_images([centered(decode(file), PHOTOGRAPH_PX) for file in read_pack(data, "large-val")[0]])


@torch.no_grad()
def activations(network: Network, images: torch.Tensor, chunk: int = 32) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
    """Layer → mean and root mean square of each channel after ReLU, [C] each, over all pictures and places."""
    sums: dict[str, torch.Tensor] = {}
    for part in images.split(chunk):
        for layer, maps in network.features(part).items():
            sums[layer] = sums.get(layer, 0) + torch.stack([maps.mean((2, 3)).sum(0), maps.square().mean((2, 3)).sum(0)])
    return {layer: (total[0] / len(images), (total[1] / len(images)).sqrt()) for layer, total in sums.items()}


def level(root_mean_square: torch.Tensor) -> torch.Tensor:
    """What to divide channels by so that they weigh alike; any shape."""
    return root_mean_square.clamp_min(root_mean_square.mean() / MOST_GAIN)


@torch.no_grad()
def normalize_activations(network: Network, images: torch.Tensor) -> Network:
    """The same network, its channels leveled, with mean activation 1 in each layer."""
    tensors, below = dict(network.tensors), None
    for layer, (mean, root_mean_square) in activations(network, images).items():
        divisor = level(root_mean_square)
        divisor = divisor * (mean / divisor).mean()
        weight = tensors[f"conv{layer}.weight"]
        if below is not None:
            weight = weight * below.view(1, -1, 1, 1)
        tensors[f"conv{layer}.weight"] = weight / divisor.view(-1, 1, 1, 1)
        tensors[f"conv{layer}.bias"] = tensors[f"conv{layer}.bias"] / divisor
        below = divisor
    return Network(network.name, tensors, network.mean, network.std, network.pooling, network.padding, network.metadata)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("networks", type=Path, nargs="+", help="files, replaced")
    args = parser.parse_args()
    torch.set_num_threads(1)
    images = photographs(args.shared / "data")
    for path in args.networks:
        save_network(path, normalize_activations(load_network(path), images))


if __name__ == "__main__":
    main()
