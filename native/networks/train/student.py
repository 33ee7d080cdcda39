"""The network being trained: VGG19's topology with batch normalization, average pooling and zero padding."""

import torch
import torch.nn.functional as F
from torch import nn

from networks import LAYERS, Network, layers_to, starts_block

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def constant(values: tuple[float, ...]) -> torch.Tensor:
    return torch.tensor(values).view(1, 3, 1, 1)


class Student(nn.Module):
    """widths: channels of the five blocks. Input [N, 3, H, W] in [0, 1]; output: layer → features after ReLU."""

    def __init__(self, widths: tuple[int, ...]):
        super().__init__()
        self.widths = widths
        self.convs, self.norms = nn.ModuleDict(), nn.ModuleDict()
        channels = 3
        for layer in LAYERS:
            width = widths[int(layer[0]) - 1]
            self.convs[layer] = nn.Conv2d(channels, width, 3, padding=1, bias=False)
            self.norms[layer] = nn.BatchNorm2d(width)
            nn.init.kaiming_normal_(self.convs[layer].weight, nonlinearity="relu")
            channels = width

    def forward(self, images: torch.Tensor, last: str = LAYERS[-1]) -> dict[str, torch.Tensor]:
        maps, result = (images - constant(MEAN)) / constant(STD), {}
        for layer in layers_to(last):
            if starts_block(layer):
                maps = F.avg_pool2d(maps, 2)
            maps = F.relu(self.norms[layer](self.convs[layer](maps)))
            result[layer] = maps
        return result


@torch.no_grad()
def insert_norms(network: Network, images: torch.Tensor) -> Student:
    """A student that computes what `network` computes: each normalization first undoes itself.

    Its statistics come from `images`; scale and shift are set so that normalizing changes nothing, but from there on
    training has the conditioning of batch normalization. Filters are divided by the standard deviation that they give,
    which a normalization takes back: one step size then suits all of them. Channels that never fire on `images` start anew.
    """
    student = Student(tuple(network.tensors[f"conv{block}_1.bias"].numel() for block in range(1, 6)))
    before = network.features(images, before_relu=True)
    for layer in LAYERS:
        weight, bias = network.tensors[f"conv{layer}.weight"], network.tensors[f"conv{layer}.bias"]
        conv, norm = student.convs[layer], student.norms[layer]
        linear = before[layer] - bias.view(1, -1, 1, 1)
        mean, var = linear.mean((0, 2, 3)), linear.var((0, 2, 3), unbiased=False)
        dead = before[layer].amax((0, 2, 3)) <= 0
        scale = (var + norm.eps).sqrt()
        conv.weight.copy_(torch.where(dead.view(-1, 1, 1, 1), conv.weight, weight / scale.view(-1, 1, 1, 1)))
        norm.running_mean.copy_(mean / scale)
        norm.running_var.copy_(var / scale.square())
        norm.weight.copy_(torch.where(dead, 1.0, scale * (norm.running_var + norm.eps).sqrt()))
        norm.bias.copy_(torch.where(dead, 0.0, mean + bias))
    return student


@torch.no_grad()
def fold_norms(student: Student) -> Network:
    """The student without its normalization layers: the same features in evaluation mode. Exact with zero padding too,
    because each normalization follows its convolution."""
    tensors = {}
    for layer in LAYERS:
        conv, norm = student.convs[layer], student.norms[layer]
        gain = norm.weight / (norm.running_var + norm.eps).sqrt()
        tensors[f"conv{layer}.weight"] = conv.weight * gain.view(-1, 1, 1, 1)
        tensors[f"conv{layer}.bias"] = norm.bias - norm.running_mean * gain
    return Network("student", tensors, constant(MEAN), constant(STD))
