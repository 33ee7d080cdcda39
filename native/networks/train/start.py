"""Where a student starts from, instead of from noise: its teachers, thinned.

Blocks 1-3 keep those channels of the real VGG19 that explain the others best, blocks 4 and 5 those of the distilled encoder
and, where that leaves room, of a quarter-width network trained before. Every layer's filters are then solved by least
squares from the channels that are left below it (channel pruning with reconstruction: He, Zhang, Sun 2017), which also
turns the teachers' max pooling into our average pooling as far as that goes.
"""

import torch
import torch.nn.functional as F
from torch import nn

from heads import Scales, positions
from networks import LAYERS, Network, layers_to, starts_block
from normalize import normalize_activations
from student import MEAN, STD, constant
from teachers import DISTILLED_LAYERS, REAL_LAYERS, Target, Teachers

CHUNK = 16
SAMPLES_PER_IMAGE = 256
RIDGE = 1e-3


@torch.no_grad()
def pick_channels(channels: torch.Tensor, count: int) -> torch.Tensor:
    """Greedy choice of `count` of the C channels of [M, C]: each next one is that which explains most of the variance
    that the ones before it left in all of them."""
    rest = torch.cov(channels.T.double())
    chosen: list[int] = []
    for _ in range(count):
        variance = rest.diagonal().clamp_min(1e-9)
        gain = rest.square().sum(0) / variance
        gain[chosen] = -1
        best = int(gain.argmax())
        chosen.append(best)
        rest = rest - torch.outer(rest[:, best], rest[best]) / variance[best]
    return torch.tensor(sorted(chosen))


@torch.no_grad()
def solve_filters(below: torch.Tensor, wanted: torch.Tensor, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Filters [out, in, 3, 3] and biases that best give `wanted` [N, out, h, w] (before ReLU) from `below` [N, in, h, w]."""
    generator = torch.Generator().manual_seed(seed)
    size = below.shape[1] * 9 + 1
    gram, right = torch.zeros(size, size), torch.zeros(size, wanted.shape[1])
    for start in range(0, len(below), CHUNK):
        patches = F.unfold(below[start : start + CHUNK].contiguous(), 3, padding=1)
        keep = torch.randperm(patches.shape[2], generator=generator)[:SAMPLES_PER_IMAGE]
        x = patches[:, :, keep].permute(0, 2, 1).flatten(0, 1)
        x = torch.cat([x, torch.ones(len(x), 1)], 1)
        y = wanted[start : start + CHUNK].flatten(2)[:, :, keep].permute(0, 2, 1).flatten(0, 1)
        gram += x.T @ x
        right += x.T @ y
    gram += RIDGE * gram.diagonal().mean() * torch.eye(size)
    solution = torch.linalg.solve(gram.double(), right.double()).float()
    weight = solution[:-1].T.reshape(wanted.shape[1], below.shape[1], 3, 3)
    return weight.contiguous(memory_format=torch.channels_last), solution[-1]


@torch.no_grad()
def thin_teachers(
    widths: tuple[int, ...], teachers: Teachers, quarter: Network, scales: Scales, images: torch.Tensor, seed: int
) -> Network:
    """The network described above, with leveled channels."""
    wanted = {}
    for layer, maps in teachers.real.features(images, before_relu=True).items():
        target = Target("real", layer)
        channels = scales.normalize(positions(F.relu(maps), target), target)
        wanted[layer] = maps[:, pick_channels(channels, widths[int(layer[0]) - 1])]
    ours = quarter.features(images, before_relu=True)
    distilled = teachers.distilled.features(images, before_relu=True)
    for layer in layers_to("5_4")[len(REAL_LAYERS) :]:
        known = [distilled[layer]] if layer in DISTILLED_LAYERS else []
        wanted[layer] = torch.cat([*known, ours[layer]], 1)[:, : widths[int(layer[0]) - 1]]
    del distilled, ours

    # Trained blocks 1 and 2 span more than thinned ones; at equal width they stay as they are.
    kept = layers_to("2_2") if len(quarter.tensors["conv1_1.bias"]) == widths[0] else []
    generator = torch.Generator().manual_seed(seed)
    tensors, maps = {}, (images - constant(MEAN)) / constant(STD)
    for layer in LAYERS:
        if starts_block(layer):
            maps = F.avg_pool2d(maps, 2)
        target = wanted.pop(layer)
        weight, bias = quarter.tensors[f"conv{layer}.weight"], quarter.tensors[f"conv{layer}.bias"]
        if layer not in kept:
            weight, bias = solve_filters(maps, target, seed)
        missing = widths[int(layer[0]) - 1] - len(bias)
        if missing:
            # Above 5_1 only the quarter-width network says something; what is wider starts at random.
            fresh = nn.init.kaiming_normal_(
                torch.empty(missing, *weight.shape[1:]), nonlinearity="relu", generator=generator
            )
            weight, bias = torch.cat([weight, fresh]), torch.cat([bias, torch.zeros(missing)])
        tensors[f"conv{layer}.weight"], tensors[f"conv{layer}.bias"] = weight, bias
        maps = F.relu(F.conv2d(maps, weight, bias, padding=1))
    return normalize_activations(Network("thinned", tensors, constant(MEAN), constant(STD)), images)
