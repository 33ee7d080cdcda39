"""Pictures to train on: packs of WebP files (../shared/data), cropped and disturbed at random.

Tiny ImageNet: 64 px, labelled. "large": photographs, paintings, cartoons and textures with a short side of 160 px.
"""

import struct
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

TINY_LABELS = 200
LABELS = TINY_LABELS + 41
PAINTING_LABELS = range(17, 24)  # PACS: 10 + 7 * domain + class, domain 1 = art_painting
HELD_OUT_PAINTINGS = 500


def read_pack(folder: Path, name: str) -> tuple[list[bytes], np.ndarray]:
    """The WebP files of a pack and their labels. Index: offset uint32, length uint32, label uint8."""
    data = (folder / f"{name}.bin").read_bytes()
    index = list(struct.iter_unpack("<IIB", (folder / f"{name}.idx").read_bytes()))
    return [data[o : o + n] for o, n, _ in index], np.array([label for _, _, label in index])


def decode(file: bytes) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(file)).convert("RGB"))


def held_out(labels: np.ndarray) -> np.ndarray:
    """Mask of the first 500 paintings of "large": never trained on, only measured."""
    paintings = np.isin(labels, PAINTING_LABELS)
    return paintings & (np.cumsum(paintings) <= HELD_OUT_PAINTINGS)


def centered(picture: np.ndarray, size: int) -> np.ndarray:
    """The middle square, resized to [size, size, 3] uint8."""
    h, w, _ = picture.shape
    side = min(h, w)
    left, top = (w - side) / 2, (h - side) / 2
    box = (left, top, left + side, top + side)
    return np.asarray(Image.fromarray(picture).resize((size, size), Image.Resampling.BICUBIC, box))


def square(rng: np.random.Generator, picture: np.ndarray, size: int) -> np.ndarray:
    """The largest square, anywhere, resized to [size, size, 3] uint8."""
    h, w, _ = picture.shape
    side = min(h, w)
    left, top = rng.uniform(0, w - side), rng.uniform(0, h - side)
    box = (left, top, left + side, top + side)
    return np.asarray(Image.fromarray(picture).resize((size, size), Image.Resampling.BICUBIC, box))


def to_images(pictures: list[np.ndarray]) -> torch.Tensor:
    """uint8 [H, W, 3] each → float [N, 3, H, W] in [0, 1], channels last in memory."""
    return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float().div_(255)


def random_crop(rng: np.random.Generator, picture: np.ndarray, size: int, least: float) -> np.ndarray:
    """A square of `least` to 1 times the short side, resized to [size, size, 3], mirrored half of the time."""
    h, w, _ = picture.shape
    side = min(h, w) * rng.uniform(least, 1)
    left, top = rng.uniform(0, w - side), rng.uniform(0, h - side)
    box = (left, top, left + side, top + side)
    crop = np.asarray(Image.fromarray(picture).resize((size, size), Image.Resampling.BICUBIC, box))
    return crop[:, ::-1] if rng.random() < 0.5 else crop


def disturb(rng: np.random.Generator, images: torch.Tensor) -> torch.Tensor:
    """Channel gains and brightness; and on a third of the images noise from fine to coarse.

    The noise is for style transfer: the optimizer visits pictures that no camera takes, full of faint high-frequency
    patterns, and where the student differs from its teachers there, those patterns stay in the result.
    """
    n, _, h, w = images.shape
    gain = torch.from_numpy(rng.uniform(0.85, 1.15, (n, 3, 1, 1)) * rng.uniform(0.8, 1.2, (n, 1, 1, 1))).float()
    images = images * gain
    generator = torch.Generator().manual_seed(int(rng.integers(2**31)))
    for i in np.flatnonzero(rng.random(n) < 1 / 3):
        grain = int(rng.choice([1, 1, 2, 4]))
        noise = torch.randn((1, 3, h // grain, w // grain), generator=generator)
        if grain > 1:
            noise = F.interpolate(noise, (h, w), mode="bicubic", align_corners=False)
        images[i] += float(rng.uniform(0.01, 0.15)) * noise[0]
    return images.clamp_(0, 1).contiguous(memory_format=torch.channels_last)


@dataclass
class Pictures:
    """Everything trained on, as WebP files. Labels of "large" follow those of Tiny ImageNet."""

    tiny: list[bytes]
    tiny_labels: np.ndarray
    large: list[bytes]
    large_labels: np.ndarray


def load_pictures(folder: Path) -> Pictures:
    parts = [read_pack(folder, f"train-{i}") for i in range(3)]
    large, labels = read_pack(folder, "large")
    keep = np.flatnonzero(~held_out(labels))
    return Pictures(
        [file for files, _ in parts for file in files],
        np.concatenate([labels for _, labels in parts]),
        [large[i] for i in keep],
        labels[keep] + TINY_LABELS,
    )


UNLABELED = -100  # what torch's cross-entropy leaves out
# Crop size → pictures from Tiny ImageNet and from "large" in one step: about 82,000 pixels each time.
BATCHES = {64: (10, 10), 96: (0, 9), 128: (0, 5)}


def random_batch(pictures: Pictures, rng: np.random.Generator, size: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Images [N, 3, size, size] in [0, 1] and labels [N]."""
    from_tiny, from_large = BATCHES[size]
    tiny = rng.integers(len(pictures.tiny), size=from_tiny)
    large = rng.integers(len(pictures.large), size=from_large)
    crops = [random_crop(rng, decode(pictures.tiny[i]), size, 0.6) for i in tiny]
    crops += [random_crop(rng, decode(pictures.large[i]), size, 0.4) for i in large]
    labels = np.concatenate([pictures.tiny_labels[tiny], pictures.large_labels[large]])
    return disturb(rng, to_images(crops)), torch.from_numpy(labels)
