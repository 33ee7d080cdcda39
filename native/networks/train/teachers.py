"""What the student has to span: features of the real VGG19 (blocks 1-3) and, above, of an encoder distilled from it.

Real: VGG19 (Simonyan and Zisserman 2014), relu1_1 ... relu3_4. Distilled: Collaborative Distillation (Wang et al. 2020),
relu4_1 ... relu5_1, once as it is and, at 4_1 and 5_1, mapped back to VGG19's 512 channels by its authors' 1x1 maps.
"""

from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F

from networks import Network, layers_to, load_network

REAL_LAYERS = layers_to("3_4")
DISTILLED_LAYERS = ["4_1", "4_2", "4_3", "4_4", "5_1"]
MAPPED_LAYERS = ["4_1", "5_1"]


@dataclass(frozen=True)
class Target:
    """One set of teacher channels: what has to be linear in the student's relu`layer`."""

    teacher: str
    layer: str

    @property
    def name(self) -> str:
        return f"{self.teacher}{self.layer}"


TARGETS = (
    [Target("real", layer) for layer in REAL_LAYERS]
    + [Target("distilled", layer) for layer in DISTILLED_LAYERS]
    + [Target("mapped", layer) for layer in MAPPED_LAYERS]
)


@dataclass
class Teachers:
    real: Network
    distilled: Network

    @torch.no_grad()
    def targets(self, images: torch.Tensor) -> dict[str, torch.Tensor]:
        """Target name → [N, C, h, w]."""
        real, distilled = self.real.features(images), self.distilled.features(images)
        result = {f"real{layer}": real[layer] for layer in REAL_LAYERS}
        result |= {f"distilled{layer}": distilled[layer] for layer in DISTILLED_LAYERS}
        for layer in MAPPED_LAYERS:
            weight, bias = (self.distilled.tensors[f"map{layer}.{part}"] for part in ("weight", "bias"))
            result[f"mapped{layer}"] = F.conv2d(distilled[layer], weight[:, :, None, None], bias)
        return result


def load_teachers(folder: Path) -> Teachers:
    return Teachers(
        load_network(folder / "vgg19-blocks-1-3.safetensors"), load_network(folder / "vgg19-quarter-cd.safetensors")
    )
