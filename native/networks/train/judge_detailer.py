"""Pairs that training never sees, painted by draft and detail and judged by a network that took no part.

    python judge_detailer.py --shared ../shared --out /tmp/judged                        # the files in this repository
    python judge_detailer.py … --detailer FILE --strength 50 60 --mix .3 .4 --size 512

Drafts come from the command line of the product (`impasto stylize`), once for each strength, and are kept in --out.
Prints a table: the share of the style gap that is left, and how far the content has moved, both by teachers/vgg16-hed.
"""

import argparse
import subprocess
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from critics import content_distance
from data import decode, held_out, read_pack
from detailer import Detailer, load_detailer, style_moments
from networks import Network, load_network
from precision import autocast
from transport import Moments, moments, roots, trace

DRAFT_PX, EVALUATIONS, STRENGTH = 128, 15, 80
STYLE_LAYERS, CONTENT_LAYER = ("1_2", "2_2", "3_2", "4_2", "5_1"), "4_2"
SEED = 0
# Never trained on: the sample pictures, "large-val", and the held-out paintings of "large" (data.py). Numbers count
# within large-val and within the held-out paintings.
SAMPLES = (
    ("tubingen", "starry-night"),
    ("golden-gate", "starry-night"),
    ("golden-gate", "the-scream"),
    ("tubingen", "the-scream"),
    ("tubingen", "shipwreck"),
    ("golden-gate", "shipwreck"),
)
SMALL = ((3, 20), (41, 111), (120, 204), (222, 307), (333, 402), (470, 480))


@dataclass
class Pair:
    name: str
    content: Path
    style: Path


def judged_pairs(shared: Path, out: Path) -> list[Pair]:
    images = shared / "images"
    pairs = [Pair(f"{c} × {s}", images / f"content-{c}.jpg", images / f"style-{s}.jpg") for c, s in SAMPLES]
    photographs, _ = read_pack(shared / "data", "large-val")
    files, labels = read_pack(shared / "data", "large")
    paintings = [files[i] for i in np.flatnonzero(held_out(labels))]
    for c, s in SMALL:
        content, style = out / f"photograph-{c}.png", out / f"painting-{s}.png"
        Image.fromarray(decode(photographs[c])).save(content)
        Image.fromarray(decode(paintings[s])).save(style)
        pairs.append(Pair(f"photograph {c} × painting {s}", content, style))
    return pairs


def read_image(path: Path, long_side: int, enlarge: bool = True) -> torch.Tensor:
    """[1, 3, H, W]"""
    image = Image.open(path).convert("RGB")
    factor = long_side / max(image.size)
    if factor < 1 or enlarge:
        image = image.resize([max(1, round(side * factor)) for side in image.size], Image.Resampling.LANCZOS)
    return torch.from_numpy(np.array(image)).permute(2, 0, 1)[None].float() / 255


def write_image(path: Path, image: torch.Tensor) -> None:
    array = (image[0].clamp(0, 1) * 255).round().byte().permute(1, 2, 0).numpy()
    Image.fromarray(array).save(path)


def make_draft(pair: Pair, strength: int, out: Path, size: int, evaluations: int = EVALUATIONS) -> Path:
    path = out / f"draft-{pair.content.stem}-{pair.style.stem}-{strength}-{size}-{evaluations}.png"
    if not path.exists():
        program = Path(__file__).parents[3] / "dist" / "impasto.js"
        settings = {"size": size, "min-scale": size, "first-iterations": evaluations, "strength": strength}
        flags = [part for key, value in settings.items() for part in (f"--{key}", str(value))]
        command = ["node", program, "stylize", pair.content, pair.style, "-o", path, "--quiet"]
        subprocess.run([*command, "--network", "vgg19-slim", "--init", "style-colors", "--device", "cpu", *flags], check=True)
    return path


def steps(size: int, draft: int) -> list[int]:
    """Long sides of the pictures after the draft: halves of the size, down to more than the draft's."""
    sides = [size]
    while round(sides[0] / 2) > draft:
        sides.insert(0, round(sides[0] / 2))
    return sides


@torch.no_grad()
def paint(detailer: Detailer, encoder: Network, draft: Path, pair: Pair, size: int, mix: float) -> torch.Tensor:
    made = read_image(draft, DRAFT_PX, enlarge=False)
    for side in steps(size, max(made.shape[2:])):
        style = style_moments(encoder, read_image(pair.style, side, enlarge=False), detailer.layers)
        made = detailer(encoder, made, read_image(pair.content, side), style, mix, SEED).clamp(0, 1)
    return made


@dataclass
class Judge:
    """The network that judges, and what it has said of contents and styles."""

    network: Network
    contents: dict[tuple, tuple[dict[str, Moments], torch.Tensor]] = field(default_factory=dict)
    styles: dict[tuple, dict[str, tuple[Moments, torch.Tensor]]] = field(default_factory=dict)
    distances: dict[tuple, np.ndarray] = field(default_factory=dict)

    @torch.no_grad()
    def features(self, image: torch.Tensor) -> tuple[dict[str, Moments], torch.Tensor]:
        with autocast():  # where bfloat16 is fast it moves the figures by less than 0.001
            maps = self.network.features(image.contiguous(memory_format=torch.channels_last), STYLE_LAYERS[-1])
        return {layer: moments(maps[layer].double()) for layer in STYLE_LAYERS}, maps[CONTENT_LAYER]

    def content(self, path: Path, size: int) -> tuple[dict[str, Moments], torch.Tensor]:
        if (path, size) not in self.contents:
            self.contents[path, size] = self.features(read_image(path, size))
        return self.contents[path, size]

    def squared_distances(self, image: dict[str, Moments], style: Path, size: int) -> np.ndarray:
        """W2² by layer, between Gaussians; the style's Σ^½ is kept."""
        if (style, size) not in self.styles:
            statistics, _ = self.features(read_image(style, size, enlarge=False))
            self.styles[style, size] = {layer: (m, roots(m.covariance)[0]) for layer, m in statistics.items()}
        result = []
        for layer, (wanted, root) in self.styles[style, size].items():
            have = image[layer]
            cross = torch.linalg.eigvalsh(root @ have.covariance @ root).clamp_min(0).sqrt().sum()
            means = (have.mean - wanted.mean).square().sum()
            result.append((means + trace(have.covariance) + trace(wanted.covariance) - 2 * cross).item())
        return np.array(result)

    def judge(self, made: torch.Tensor, pair: Pair) -> tuple[np.ndarray, float]:
        """By layer the share of the content's own distance to the style that is left; how far the content has moved."""
        size = max(made.shape[2:])
        before, kept = self.content(pair.content, size)
        key = (pair.content, pair.style, size)
        if key not in self.distances:
            self.distances[key] = self.squared_distances(before, pair.style, size)
        statistics, maps = self.features(made)
        left = self.squared_distances(statistics, pair.style, size) / self.distances[key]
        return left, content_distance(maps, kept).item()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    networks = Path(__file__).parent.parent
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--detailer", type=Path, default=networks / "detailer-slim.safetensors")
    parser.add_argument("--encoder", type=Path, default=networks / "vgg19-slim.safetensors")
    parser.add_argument("--strength", type=int, nargs="+", default=[STRENGTH])
    parser.add_argument("--mix", type=float, nargs="+", help="default: the detailer's own")
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--pictures", nargs="+", type=Path, help="judge these instead, one for each pair in order")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    args.out.mkdir(parents=True, exist_ok=True)
    pairs = judged_pairs(args.shared, args.out)
    judge = Judge(load_network(args.shared / "teachers" / "vgg16-hed.safetensors"))
    encoder = replace(load_network(args.encoder), padding="replicate")
    detailer = load_detailer(args.detailer, encoder)
    print("| pair | strength | mix | " + " | ".join(STYLE_LAYERS) + " | style gap left | content |\n" + "|---" * 10 + "|")
    for strength in args.strength:
        for mix in args.mix or [detailer.plan.mix]:
            rows = []
            for i, pair in enumerate(pairs):
                if args.pictures:
                    made = read_image(args.pictures[i], args.size)
                else:
                    made = paint(detailer, encoder, make_draft(pair, strength, args.out, DRAFT_PX), pair, args.size, mix)
                    write_image(args.out / f"{args.detailer.stem}-{args.size}-{strength}-{mix}-{i:02}.png", made)
                left, content = judge.judge(made, pair)
                rows.append([*left, left.mean(), content])
                print(f"| {pair.name} | {strength} | {mix} | " + " | ".join(f"{v:.3f}" for v in rows[-1]) + " |", flush=True)
            for name, part in (("mean of samples", rows[: len(SAMPLES)]), ("mean of small", rows[len(SAMPLES) :]), ("mean", rows)):
                print(f"| {name} | {strength} | {mix} | " + " | ".join(f"{v:.3f}" for v in np.mean(part, 0)) + " |", flush=True)


if __name__ == "__main__":
    main()
