"""Trains the detailer on drafts of the engine (drafts.py). README.md has the recipe.

    python train_detailer.py --shared ../shared --drafts /tmp/drafts --out /tmp/detailer --minutes 90
    python train_detailer.py … --continue FILE     # from another run's checkpoint.pt, or from a detailer's own file

Stops and goes on: run it again with the same --out. Ends by itself after --minutes of running time. Parts of drafts that
are finished meanwhile join in.
"""

import argparse
import copy
import json
import os
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from critics import Critic, Window, make_critics
from data import to_images
from detailer import LAYERS, PLANS, Detailer, enlarge, load_detailer, pad_up, style_moments
from drafts import Part, finished_parts, read_part
from networks import Network, load_network
from precision import autocast
from resampling import resize
from transport import Moments, joined, moments

PEAK_STEP_SIZE, WARMUP_STEPS, LEAST_SHARE = 1e-3, 100, 0.02
WEIGHT_DECAY, LARGEST_GRADIENT = 1e-5, 1.0
AVERAGING = 0.996
CONTENT_WEIGHT, NEARNESS_WEIGHT, RANGE_WEIGHT = 0.02, 3.0, 10.0
LOCAL_WEIGHT, LOCAL_SIDES = 0.15, (0.2, 0.5)
MIXES = (0.3, 0.9)
# Every step has the encoder's own network as critic, and one of these in turn.
TURNS = ("distilled", "half")
PARTIAL = 0.12  # of the steps carry features only part of the way
FIRST_OF_TWO = 0.35  # of the steps on two doublings train the first
PICTURES = {160: 2, 256: 1}  # in a batch, each of another style
CHECKPOINT_SECONDS, LOG_STEPS = 120, 25


@dataclass
class Batch:
    keys: list[object]  # of the styles, one for each picture
    style: torch.Tensor  # [N, 3, side, side]
    content: torch.Tensor
    draft: torch.Tensor


def pick_batch(parts: list[Part], rng: np.random.Generator) -> Batch:
    number = int(rng.integers(len(parts)))
    part = parts[number]
    by_style: dict[int, list[int]] = {}
    for i, pair in enumerate(part.pairs):
        by_style.setdefault(pair["style"], []).append(i)
    chosen = [int(rng.choice(by_style[style])) for style in rng.choice([*by_style], PICTURES[part.side], replace=False)]
    mirrored = rng.random(len(chosen)) < 0.5
    turn = lambda picture, flip: picture[:, ::-1] if flip else picture  # noqa: E731
    pairs = [part.pairs[i] for i in chosen]
    return Batch(
        [(number, pair["style"], part.side) for pair in pairs],
        to_images([part.pictures[pair["style"]] for pair in pairs]),
        to_images([turn(part.pictures[pair["content"]], flip) for pair, flip in zip(pairs, mirrored)]),
        to_images([turn(part.drafts[i], flip) for i, flip in zip(chosen, mirrored)]),
    )


def halved(batch: Batch) -> Batch:
    """The first of two doublings: style and content at half their size."""
    size = tuple(s // 2 for s in batch.content.shape[2:])
    keys = [(*key[:2], size[0]) for key in batch.keys]
    return Batch(keys, resize(batch.style, size).clamp(0, 1), resize(batch.content, size).clamp(0, 1), batch.draft)


class Trainer:
    def __init__(self, args: argparse.Namespace) -> None:
        self.args = args
        self.encoder = replace(load_network(args.networks / f"vgg19-{args.network}.safetensors"), padding="replicate")
        self.critics = make_critics(args.networks, args.shared / "teachers")
        self.parts: list[Part] = []
        self.known: list[Path] = []
        self.look_for_parts()
        self.encoded: dict[object, dict[str, Moments]] = {}
        torch.manual_seed(args.seed)
        self.detailer = Detailer(PLANS[args.network], widths(self.encoder), self.measure_scales())
        self.average = copy.deepcopy(self.detailer).requires_grad_(False)
        self.optimizer = torch.optim.AdamW(self.detailer.parameters(), weight_decay=WEIGHT_DECAY, betas=(0.9, 0.99))
        self.step, self.seconds = 0, 0.0

    def look_for_parts(self) -> None:
        for folder in finished_parts(self.args.drafts):
            if folder not in self.known:
                self.known.append(folder)
                self.parts.append(read_part(folder))

    @torch.no_grad()
    def measure_scales(self) -> dict[str, float]:
        maps = self.encoder.features(to_images([*self.parts[0].pictures[:24]]), LAYERS[0])
        return {layer: maps[layer].std().item() for layer in LAYERS}

    def styles(self, batch: Batch) -> dict[str, Moments]:
        found = []
        for key, picture in zip(batch.keys, batch.style):
            if key not in self.encoded:
                self.encoded[key] = style_moments(self.encoder, picture[None], LAYERS)
            found.append(self.encoded[key])
        return {layer: joined([f[layer] for f in found]) for layer in LAYERS}

    def loss(self, batch: Batch, rng: np.random.Generator) -> tuple[torch.Tensor, dict[str, float]]:
        mix = float(rng.uniform(*MIXES))
        if batch.content.shape[2] == 4 * batch.draft.shape[2]:
            first = halved(batch)
            if rng.random() < FIRST_OF_TWO:
                batch = first
            else:
                with torch.no_grad():
                    batch.draft = self.detailer(self.encoder, first.draft, first.content, self.styles(first), mix).clamp(0, 1)
        share = float(rng.uniform(0, 1)) if rng.random() < PARTIAL else 1.0
        style = self.styles(batch)
        with torch.no_grad():
            mixed = pad_up(enlarge(batch.draft, batch.content, mix))
            carried = self.detailer.carried(self.encoder, mixed, style, share)
        with autocast():
            made = self.detailer.decode(carried, mixed, None)
        critics, log, losses, contents = ["slim"], {}, [], []
        side = float(rng.uniform(*LOCAL_SIDES))
        window = Window(float(rng.uniform(0, 1 - side)), float(rng.uniform(0, 1 - side)), side)
        local = made.new_zeros(())
        if share == 1:
            critics.append(TURNS[self.step % len(TURNS)])
        for name in critics:
            critic: Critic = self.critics[name]
            if name == "slim":
                # What the carried features say, so that a part of the way is a part of the way.
                wanted = [{layer: moments(carried[layer]) for layer in LAYERS}]
            else:
                wanted = [critic.style(key, p[None]) for key, p in zip(batch.keys, batch.style)]
            own = (carried, window) if name == "slim" else ()
            style_loss, content, within, values = critic.compare(made, batch.content, wanted, *own)
            losses.append(style_loss)
            local = local + within
            if critic.content_layer:
                contents.append(content)
                log[f"{name} content"] = content.item()
            if share == 1:
                log |= {f"{name} {layer}": value for layer, value in zip(critic.style_layers, values)}
        near = (resize(made, tuple(batch.draft.shape[2:])) - batch.draft).square().mean()
        outside = (made - made.clamp(0, 1)).square().mean()
        total = torch.stack(losses).mean() + CONTENT_WEIGHT * torch.stack(contents).mean()
        total = total + LOCAL_WEIGHT * local + NEARNESS_WEIGHT * near + RANGE_WEIGHT * outside
        return total, log | {"near": near.item(), "local": local.item()}

    def train_step(self) -> dict[str, float]:
        rng = np.random.default_rng((self.args.seed, self.step))
        torch.manual_seed(self.args.seed * 1_000_003 + self.step)
        progress = min(1.0, self.seconds / (60 * self.args.minutes))
        cosine = LEAST_SHARE + (1 - LEAST_SHARE) * 0.5 * (1 + np.cos(np.pi * progress))
        for group in self.optimizer.param_groups:
            group["lr"] = self.args.step_size * float(cosine * min(1, (self.step + 1) / WARMUP_STEPS))
        loss, log = self.loss(pick_batch(self.parts, rng), rng)
        self.optimizer.zero_grad()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.detailer.parameters(), LARGEST_GRADIENT)
        if norm.isfinite():
            self.optimizer.step()
        self.step += 1
        decay = min(AVERAGING, (self.step + 1) / (self.step + 10))
        with torch.no_grad():
            for kept, new in zip(self.average.parameters(), self.detailer.parameters()):
                kept.lerp_(new, 1 - decay)
        return log | {"gradient": norm.item()}

    def save(self) -> None:
        """Whole or not at all."""
        path = self.args.out / "checkpoint.pt"
        state = {"network": self.args.network, "scales": self.detailer.scales, "step": self.step, "seconds": self.seconds}
        state |= {name: getattr(self, name).state_dict() for name in ("detailer", "average", "optimizer")}
        torch.save(state, path.with_suffix(".part"))
        os.replace(path.with_suffix(".part"), path)

    def resume(self, path: Path, whole: bool) -> None:
        if path.suffix == ".safetensors":
            loaded = load_detailer(path, self.encoder)
            state = {"scales": loaded.scales, "average": loaded.state_dict()}
        else:
            state = torch.load(path)
        self.detailer.scales = self.average.scales = state["scales"]
        self.average.load_state_dict(state["average"])
        self.detailer.load_state_dict(state["detailer" if whole else "average"])
        if whole:
            self.optimizer.load_state_dict(state["optimizer"])
            self.step, self.seconds = state["step"], state["seconds"]

    def run(self) -> None:
        saved, logs = time.monotonic(), []
        while self.seconds < 60 * self.args.minutes:
            start = time.monotonic()
            logs.append(self.train_step())
            self.seconds += time.monotonic() - start
            if self.step % LOG_STEPS == 0:
                mean = {k: round(float(np.mean([log[k] for log in logs if k in log])), 5) for k in sorted({k for log in logs for k in log})}
                with open(self.args.out / "log.jsonl", "a") as file:
                    file.write(json.dumps({"step": self.step, "seconds": round(self.seconds), "parts": len(self.parts)} | mean) + "\n")
                logs = []
                self.look_for_parts()
            if time.monotonic() - saved > CHECKPOINT_SECONDS:
                self.save()
                saved = time.monotonic()
        self.save()


def widths(network: Network) -> dict[str, int]:
    return {layer: network.tensors[f"conv{layer}.bias"].shape[0] for layer in LAYERS}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--networks", type=Path, default=Path(__file__).parent.parent)
    parser.add_argument("--network", choices=tuple(PLANS), default="slim")
    parser.add_argument("--drafts", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=90)
    parser.add_argument("--step-size", type=float, default=PEAK_STEP_SIZE)
    parser.add_argument("--continue", type=Path, dest="from_checkpoint", metavar="FILE")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    args.out.mkdir(parents=True, exist_ok=True)
    trainer = Trainer(args)
    if (args.out / "checkpoint.pt").exists():
        trainer.resume(args.out / "checkpoint.pt", whole=True)
    elif args.from_checkpoint:
        trainer.resume(args.from_checkpoint, whole=False)
    trainer.run()


if __name__ == "__main__":
    main()
