"""Rescales the filters so that every channel's mean activation over photographs is 1 (Gatys, Ecker, Bethge 2015, section 2).

ReLU networks allow it without changing what they compute: a channel divided by m is multiplied by m in the layer above.
Losses of different layers then compare.
"""

import torch

from networks import Network

# A channel that hardly fires is raised by ten times what the layer's average channel needs, not more: blown up further,
# the few places where it fires would rule the layer's Gram matrix.
MOST_GAIN = 10


@torch.no_grad()
def mean_activations(network: Network, images: torch.Tensor, chunk: int = 32) -> dict[str, torch.Tensor]:
    """Layer → mean of each channel after ReLU, [C], over all pictures and places."""
    sums: dict[str, torch.Tensor] = {}
    for part in images.split(chunk):
        for layer, maps in network.features(part).items():
            sums[layer] = sums.get(layer, 0) + maps.mean((2, 3)).sum(0)
    return {layer: total / len(images) for layer, total in sums.items()}


@torch.no_grad()
def normalize_activations(network: Network, images: torch.Tensor) -> Network:
    """The same network with mean activation 1 per channel."""
    means = mean_activations(network, images)
    tensors, below = dict(network.tensors), None
    for layer, mean in means.items():
        divisor = mean.clamp_min(mean.mean() / MOST_GAIN)
        weight = tensors[f"conv{layer}.weight"]
        if below is not None:
            weight = weight * below.view(1, -1, 1, 1)
        tensors[f"conv{layer}.weight"] = weight / divisor.view(-1, 1, 1, 1)
        tensors[f"conv{layer}.bias"] = tensors[f"conv{layer}.bias"] / divisor
        below = divisor
    return Network(network.name, tensors, network.mean, network.std, network.pooling, network.padding, network.metadata)
