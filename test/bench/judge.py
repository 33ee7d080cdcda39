"""Ways of the command line to paint, judged on pairs that no network was trained on by one that took no part.

    python test/bench/judge.py --out /tmp/judged                                  # quick, standard, standard from the content
    python test/bench/judge.py --out /tmp/judged --pairs 8 --ways "--quality quick" "--quality quick --strength 70"

For each way and pair: the share of the style gap that is left, how far the content has moved, and seconds of the run.
Pictures that are in --out already are not painted again. Needs native/networks/train/requirements.txt, and the pictures
and the judge in ../shared.
"""

import argparse
import json
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "native" / "networks" / "train"))
from judge_detailer import Judge, Pair, judged_pairs, read_image  # noqa: E402
from networks import load_network  # noqa: E402

WAYS = ("--quality quick", "--quality standard", "--quality standard --init content")


def paint(pair: Pair, way: str, size: int, out: Path) -> tuple[Path, float]:
    path = out / f"{pair.content.stem}-{pair.style.stem}-{size}{way.replace(' ', '')}.png"
    seconds = path.with_suffix(".seconds")
    if not seconds.exists():
        command = ["node", ROOT / "dist" / "impasto.js", "stylize", pair.content, pair.style, "-o", path, "--json", "--quiet"]
        flags = ["--size", str(size), "--device", "cpu", *shlex.split(way)]
        told = subprocess.run([*command, *flags], check=True, capture_output=True, text=True).stdout
        seconds.write_text(str(json.loads(told)["seconds"]))
    return path, float(seconds.read_text())


def arguments_parser(description: str, ways: tuple[str, ...], pairs: int) -> argparse.ArgumentParser:
    """What every judging of the command line may be told; `ways` and `pairs` are the defaults."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--pairs", type=int, default=pairs)
    parser.add_argument("--ways", nargs="+", default=ways)
    parser.add_argument("--threads", type=int, default=2)
    return parser


def open_judge(args: argparse.Namespace) -> tuple[Judge, list[Pair]]:
    """The judge and the pairs asked for; ends the program, with the reason, where they are not there."""
    if not (args.shared / "teachers").is_dir():
        raise SystemExit(f"Left out: the judge and the pictures are not in {args.shared}.")
    torch.set_num_threads(args.threads)
    args.out.mkdir(parents=True, exist_ok=True)
    judge = Judge(load_network(args.shared / "teachers" / "vgg16-hed.safetensors"))
    return judge, judged_pairs(args.shared, args.out)[: args.pairs]


def main() -> None:
    args = arguments_parser(__doc__, WAYS, 12).parse_args()
    judge, pairs = open_judge(args)
    print("| way | pair | style gap left | content | s |\n" + "|---" * 5 + "|")
    for way in args.ways:
        rows = []
        for pair in pairs:
            path, seconds = paint(pair, way, args.size, args.out)
            left, content = judge.judge(read_image(path, args.size), pair)
            rows.append([left.mean(), content, seconds])
            print(f"| {way} | {pair.name} | {left.mean():.3f} | {content:.3f} | {seconds:.1f} |", flush=True)
        gap, content, seconds = np.mean(rows, 0)
        print(f"| {way} | mean of {len(pairs)} | {gap:.3f} | {content:.3f} | {seconds:.1f} |", flush=True)


if __name__ == "__main__":
    main()
