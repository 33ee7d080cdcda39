"""Pairs of pictures and the engine's drafts of them: what the detailer is trained on. None of it is committed.

    python drafts.py --shared ../shared --out /tmp/drafts --parts 40 --processes 2

A part is a folder: pairs.json, pictures.bin (square RGB pictures), drafts.bin (made by drafts.mjs). Parts that are there
are left alone, so more can be asked for at any time, while training runs.
"""

import argparse
import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from data import PAINTING_LABELS, decode, held_out, read_pack, square

# Labels of "large" by kind (data.py, ../shared/data): photographs, paintings, cartoons, textures.
KINDS = {
    "photograph": [*range(17)],
    "painting": [*PAINTING_LABELS],
    "cartoon": [*range(24, 31)],
    "texture": [*range(31, 41)],
}
CONTENT_SHARES = {"photograph": 0.84, "painting": 0.1, "cartoon": 0.06}
STYLE_SHARES = {"painting": 0.76, "cartoon": 0.09, "texture": 0.1, "photograph": 0.05}
# Picture's side, draft's side: one doubling; two doublings, the second from the detailer's own picture; and pictures
# enlarged beyond their own detail, as large photographs are smooth at the scale of the network's filters.
SIDES = ((160, 80), (160, 40), (256, 128), (160, 80))
STYLES_PER_PART, CONTENTS_PER_STYLE = 12, 6
STRENGTHS, EVALUATIONS = (30, 90), (12, 24)


@dataclass
class Part:
    side: int
    size: int
    pictures: np.ndarray  # [N, side, side, 3] uint8
    drafts: np.ndarray  # [M, size, size, 3] uint8
    pairs: list[dict[str, int]]  # content and style: numbers of pictures


def read_part(folder: Path) -> Part:
    described = json.loads((folder / "pairs.json").read_text())
    side, size = described["side"], described["size"]
    pictures = np.fromfile(folder / "pictures.bin", np.uint8).reshape(-1, side, side, 3)
    drafts = np.fromfile(folder / "drafts.bin", np.uint8).reshape(-1, size, size, 3)
    return Part(side, size, pictures, drafts, described["pairs"])


def finished_parts(folder: Path) -> list[Path]:
    return sorted(path.parent for path in folder.glob("*/drafts.bin"))


def choose(rng: np.random.Generator, labels: np.ndarray, shares: dict[str, float]) -> int:
    kind = rng.choice([*shares], p=[*shares.values()])
    return int(rng.choice(np.flatnonzero(np.isin(labels, KINDS[kind]) & ~held_out(labels))))


def prepare_part(folder: Path, number: int, files: list[bytes], labels: np.ndarray, seed: int) -> None:
    rng = np.random.default_rng((seed, number))
    side, size = SIDES[number % len(SIDES)]
    pictures, pairs = [], []
    for _ in range(STYLES_PER_PART):
        style = len(pictures)
        pictures.append(square(rng, decode(files[choose(rng, labels, STYLE_SHARES)]), side))
        for _ in range(CONTENTS_PER_STYLE):
            pair = {"content": len(pictures), "style": style}
            pictures.append(square(rng, decode(files[choose(rng, labels, CONTENT_SHARES)]), side))
            pairs.append(pair | {"strength": int(rng.integers(*STRENGTHS)), "evaluations": int(rng.integers(*EVALUATIONS))})
    folder.mkdir(parents=True, exist_ok=True)
    np.stack(pictures).tofile(folder / "pictures.bin")
    (folder / "pairs.json").write_text(json.dumps({"side": side, "size": size, "pairs": pairs}))


def make_part(folder: Path, number: int, files: list[bytes], labels: np.ndarray, seed: int) -> None:
    prepare_part(folder, number, files, labels, seed)
    subprocess.run(["node", Path(__file__).with_name("drafts.mjs"), folder.resolve()], check=True)
    print(folder, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--parts", type=int, default=40)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    files, labels = read_pack(args.shared / "data", "large")
    missing = [n for n in range(args.parts) if not (args.out / f"{n:03}" / "drafts.bin").exists()]
    with ThreadPoolExecutor(args.processes) as pool:
        made = [pool.submit(make_part, args.out / f"{n:03}", n, files, labels, args.seed) for n in missing]
        for part in made:
            part.result()


if __name__ == "__main__":
    main()
