"""Pictures to judge networks by: each content in each style, and textures made from noise by style alone.

    python judge.py --shared ../shared --out /tmp/judge --name slim ../vgg19-slim.safetensors
    python judge.py --shared ../shared --out /tmp/judge --name orthogonal orthogonal
    python judge.py --shared ../shared --out /tmp/judge --sheet orthogonal slim half distilled real

L-BFGS, coarse to fine, losses divided by the size of their targets. What a content weight does depends on the network, so
each gets its own: that at which the content of one small picture has moved equally far, as the real VGG19 sees it. With
each picture goes its style distance as the two teachers see it (cross.json): no network is its own judge there.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import nn

from networks import LAYERS, Network, load_network
from student import MEAN, STD, Student, constant
from style import STYLE_LAYERS, grams

CONTENTS, STYLES = ("tubingen", "golden-gate"), ("starry-night", "the-scream", "shipwreck")
SCALES = ((128, 100), (256, 60))
TEXTURE_SCALES = ((64, 60), (128, 80), (256, 60))
CONTENT_LAYER = "4_2"
TV_WEIGHT = 0.02
# The content weight is found on one picture of that size, in the middle of a range that is halved so many times.
TUNING_PAIR, TUNING_SCALES = ("tubingen", "starry-night"), ((128, 60),)
CONTENT_JUDGE_LAYER, CONTENT_DISTANCE = "3_4", 0.65
LEAST_WEIGHT, MOST_WEIGHT, HALVINGS = 1e-3, 1.0, 5
CELL_PX, SHEET_QUALITY = 172, 72


def orthogonal_network(seed: int = 0) -> Network:
    """Quarter width, untrained: orthogonal filters, no biases."""
    torch.manual_seed(seed)
    student, tensors = Student((16, 32, 64, 128, 128)), {}
    for layer in LAYERS:
        weight = student.convs[layer].weight.detach()
        nn.init.orthogonal_(weight, gain=2**0.5)
        tensors[f"conv{layer}.weight"], tensors[f"conv{layer}.bias"] = weight, torch.zeros(len(weight))
    return Network("orthogonal", tensors, constant(MEAN), constant(STD))


def read_image(path: Path, long_side: int) -> torch.Tensor:
    image = Image.open(path).convert("RGB")
    scale = long_side / max(image.size)
    size = tuple(round(side * scale) for side in image.size)
    pixels = np.asarray(image.resize(size, Image.Resampling.LANCZOS))
    return torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].float() / 255


def write_image(path: Path, image: torch.Tensor) -> None:
    pixels = (image[0].clamp(0, 1).permute(1, 2, 0) * 255).round().to(torch.uint8).numpy()
    Image.fromarray(pixels).save(path)


def layers_of(network: Network) -> tuple[list[str], str]:
    """Style layers and content layer: the field's, as far as the network reaches (3_2 where there is no block 4)."""
    styles = [layer for layer in STYLE_LAYERS if layer in network.layers]
    return styles, CONTENT_LAYER if CONTENT_LAYER in network.layers else "3_2"


def style_distance(network: Network, features: dict, targets: dict[str, torch.Tensor]) -> torch.Tensor:
    """Mean over style layers of |G - A|² / |A|²."""
    terms = [(grams(features[layer]) - a).square().sum() / a.square().sum() for layer, a in targets.items()]
    return torch.stack(terms).mean()


def style_targets(network: Network, style: torch.Tensor) -> dict[str, torch.Tensor]:
    with torch.no_grad():
        features = network.features(style, layers_of(network)[0][-1])
        return {layer: grams(features[layer]) for layer in layers_of(network)[0]}


def optimize(network: Network, style_path: Path, content_path: Path | None, scales, content_weight: float) -> torch.Tensor:
    """The generated image [1, 3, h, w]. Without content: from noise, style alone."""
    _, content_layer = layers_of(network)
    generated = None
    for size, iterations in scales:
        targets = style_targets(network, read_image(style_path, size))
        last = max([*targets, content_layer], key=LAYERS.index)
        if content_path:
            content = read_image(content_path, size)
            with torch.no_grad():
                wanted = network.features(content, content_layer)[content_layer]
            start = content
        else:
            start = 0.5 + 0.2 * torch.randn((1, 3, size, size), generator=torch.Generator().manual_seed(0))
        if generated is not None:
            start = F.interpolate(generated, start.shape[2:], mode="bicubic", align_corners=False)
        generated = start.clamp(0, 1).contiguous().requires_grad_()
        optimizer = torch.optim.LBFGS([generated], max_iter=iterations, max_eval=iterations * 5 // 4, history_size=10,
                                      line_search_fn="strong_wolfe", tolerance_change=0, tolerance_grad=0)

        def closure():
            optimizer.zero_grad()
            features = network.features(generated.clamp(0, 1), last)
            loss = style_distance(network, features, targets)
            if content_path:
                error = (features[content_layer] - wanted).square().sum() / wanted.square().sum()
                loss = loss + content_weight * error
            dy, dx = generated[:, :, 1:] - generated[:, :, :-1], generated[:, :, :, 1:] - generated[:, :, :, :-1]
            loss = loss + TV_WEIGHT * (dy.square().mean() + dx.square().mean())
            # Outside [0, 1] clamping gives no gradient; this brings values back.
            loss = loss + (generated - generated.clamp(0, 1)).square().mean()
            (100 * loss).backward()
            return 100 * loss

        optimizer.step(closure)
        generated = generated.detach().clamp(0, 1)
    return generated


def content_distance(judge: Network, generated: torch.Tensor, content: torch.Tensor) -> float:
    """|F - P|² / |P|² at relu3_4 of the real VGG19."""
    with torch.no_grad():
        f, p = (judge.features(image, CONTENT_JUDGE_LAYER)[CONTENT_JUDGE_LAYER] for image in (generated, content))
    return ((f - p).square().sum() / p.square().sum()).item()


def tune_content_weight(network: Network, images: Path, judge: Network) -> float:
    """The weight at which the content has moved by CONTENT_DISTANCE. More weight, less distance: halving finds it."""
    content_path, style_path = (images / f"{kind}-{name}.jpg" for kind, name in zip(("content", "style"), TUNING_PAIR))
    content = read_image(content_path, TUNING_SCALES[-1][0])
    least, most = LEAST_WEIGHT, MOST_WEIGHT
    for _ in range(HALVINGS):
        weight = (least * most) ** 0.5
        generated = optimize(network, style_path, content_path, TUNING_SCALES, weight)
        distance = content_distance(judge, generated, content)
        print(f"content weight {weight:.4f}: content distance {distance:.3f}", flush=True)
        least, most = (weight, most) if distance > CONTENT_DISTANCE else (least, weight)
    return (least * most) ** 0.5


def cross_measure(images: Path, generated: torch.Tensor, style: str, judges: dict[str, Network]) -> dict[str, float]:
    result = {}
    for name, judge in judges.items():
        targets = style_targets(judge, read_image(images / f"style-{style}.jpg", SCALES[-1][0]))
        with torch.no_grad():
            features = judge.features(generated, list(targets)[-1])
            result[name] = round(style_distance(judge, features, targets).item(), 4)
    return result


def render(
    name: str, network: Network, images: Path, out: Path, judges: dict[str, Network], contents: list[str | None], weight: float
) -> None:
    """Pictures and their distances. `contents`: names, None for a texture."""
    cross_path = out / "cross.json"
    for content in contents:
        for style in STYLES:
            content_path = images / f"content-{content}.jpg" if content else None
            scales = SCALES if content else TEXTURE_SCALES
            picture = optimize(network, images / f"style-{style}.jpg", content_path, scales, weight)
            label = f"{name}_{content or 'texture'}_{style}"
            write_image(out / f"{label}.png", picture)
            cross = json.loads(cross_path.read_text()) if cross_path.exists() else {}
            cross[label] = cross_measure(images, picture, style, judges)
            if content_path:
                cross[label]["content"] = round(content_distance(judges["real"], picture, read_image(content_path, SCALES[-1][0])), 3)
            cross_path.write_text(json.dumps(cross, indent=1))
            print(label, cross[label], flush=True)


def make_sheet(out: Path, names: list[str], columns: list[str], path: Path) -> None:
    """One row per network, one column per picture; a picture that was not made stays white."""
    pitch, left = CELL_PX + 4, 0
    sheet = Image.new("RGB", (4000, pitch * len(names) - 4), "white")
    for column in columns:
        for row, name in enumerate(names):
            file = out / f"{name}_{column}.png"
            if not file.exists():
                continue
            image = Image.open(file).convert("RGB")
            width = round(CELL_PX * image.width / image.height)
            sheet.paste(image.resize((width, CELL_PX), Image.Resampling.LANCZOS), (left, row * pitch))
        left += width + 4
    sheet = sheet.crop((0, 0, left - 4, sheet.height))
    sheet.save(path, quality=SHEET_QUALITY, optimize=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--name")
    parser.add_argument("--content-weight", type=float, help="instead of the tuned one")
    parser.add_argument("--no-textures", action="store_true")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--sheet", nargs="+", help="put the pictures of these names together instead")
    parser.add_argument("network", nargs="?", help="a network file, or: orthogonal")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    args.out.mkdir(parents=True, exist_ok=True)
    if args.sheet:
        stylized = [f"{content}_{style}" for content in CONTENTS for style in STYLES]
        make_sheet(args.out, args.sheet, stylized, args.out / "sheet.jpg")
        make_sheet(args.out, args.sheet, [f"texture_{style}" for style in STYLES], args.out / "textures.jpg")
        return
    judges = {
        "distilled": load_network(args.shared / "teachers" / "vgg19-quarter-cd.safetensors"),
        "real": load_network(args.shared / "teachers" / "vgg19-blocks-1-3.safetensors"),
    }
    network = orthogonal_network() if args.network == "orthogonal" else load_network(Path(args.network))
    weight = args.content_weight or tune_content_weight(network, args.shared / "images", judges["real"])
    print(f"content weight {weight:.4f}", flush=True)
    contents = [*CONTENTS] if args.no_textures else [*CONTENTS, None]
    render(args.name or network.name, network, args.shared / "images", args.out, judges, contents, weight)


if __name__ == "__main__":
    main()
