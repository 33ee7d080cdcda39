"""Style against content over seconds: the qualities of the command line, each picture on the way judged by a network that
took no part in training or painting. One command, one plot, one Markdown table:

    python test/bench/curves.py --out /tmp/curves                          # 512 px, 8 pairs, about an hour on two cores
    python test/bench/curves.py --out /tmp/curves --size 256 --pairs 2

Left: the share of the style gap that is left; right: how far the content has moved; both over seconds of the run, mean over
the pairs (curves.png in --out). What stands in --out already is not painted again. Needs
native/networks/train/requirements.txt, and the pictures and the judge in ../shared.
"""

import json
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path

import matplotlib
import numpy as np

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402
from judge import ROOT, Judge, Pair, arguments_parser, open_judge, read_image  # noqa: E402

WAYS = ("--quality draft", "--quality quick", "--quality standard", "--quality standard --init content", "--quality fine")


@dataclass
class Point:
    seconds: float
    gap: float
    content: float


def paint(pair: Pair, way: str, size: int, every: int, folder: Path) -> list[tuple[float, Path]]:
    """Seconds and pictures of a run, the last one is the result."""
    result, trace, told = folder / "result.png", folder / "trace.ndjson", folder / "report.json"
    if not told.exists():
        folder.mkdir(parents=True, exist_ok=True)
        command = ["node", ROOT / "dist" / "impasto.js", "stylize", pair.content, pair.style, "-o", result, "--json", "--quiet"]
        flags = ["--size", str(size), "--device", "cpu", *shlex.split(way)]
        saving = ["--save-every", str(every), "--trace", trace]
        told.write_text(subprocess.run([*command, *flags, *saving], check=True, capture_output=True, text=True).stdout)
    report = json.loads(told.read_text())
    records = [json.loads(line) for line in trace.read_text().splitlines()]
    at = {record["totalIteration"]: record["seconds"] for record in records}
    saved = [(at[int(Path(path).stem.split("-")[-1])], Path(path)) for path in report["saved"]]
    return [*saved, (report["seconds"], result)]


def curve(judge: Judge, pair: Pair, pictures: list[tuple[float, Path]], size: int) -> list[Point]:
    points = []
    for seconds, path in pictures:
        left, content = judge.judge(read_image(path, size), pair)
        points.append(Point(seconds, float(left.mean()), float(content)))
    return points


def at_seconds(points: list[Point], seconds: float) -> tuple[float, float] | None:
    """Of the latest picture that is there by then; where none is, None."""
    there = [point for point in points if point.seconds <= seconds]
    return (there[-1].gap, there[-1].content) if there else None


def mean_curve(curves: list[list[Point]]) -> list[Point]:
    """From when every pair has a picture."""
    times = sorted({point.seconds for points in curves for point in points})
    means = []
    for seconds in times:
        values = [at_seconds(points, seconds) for points in curves]
        if None not in values:
            means.append(Point(seconds, *np.mean(values, 0)))
    return means


def plot(means: dict[str, list[Point]], title: str, path: Path) -> None:
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.5), layout="constrained")
    for way, points in means.items():
        seconds = [point.seconds for point in points]
        left.plot(seconds, [point.gap for point in points], marker=".", drawstyle="steps-post", label=way)
        right.plot(seconds, [point.content for point in points], marker=".", drawstyle="steps-post", label=way)
    for axes, label in ((left, "style gap left"), (right, "content moved")):
        axes.set(xscale="log", xlabel="seconds", ylabel=label, ylim=(0, None))
        axes.grid(alpha=0.3)
    left.legend(fontsize=8)
    figure.suptitle(title)
    figure.savefig(path, dpi=110)


def table(means: dict[str, list[Point]]) -> None:
    print("| way | first picture, s | gap, content | at half of its seconds | gap, content | end, s | gap, content |")
    print("|---" * 7 + "|")
    for way, points in means.items():
        first, last = points[0], points[-1]
        gap, content = at_seconds(points, last.seconds / 2) or (first.gap, first.content)
        cells = [way, f"{first.seconds:.1f}", f"{first.gap:.3f}, {first.content:.3f}"]
        cells += [f"{last.seconds / 2:.1f}", f"{gap:.3f}, {content:.3f}"]
        print(f"| {' | '.join([*cells, f'{last.seconds:.1f}', f'{last.gap:.3f}, {last.content:.3f}'])} |")


def main() -> None:
    parser = arguments_parser(__doc__, WAYS, 8)
    parser.add_argument("--every", type=int, default=10, help="iterations between two pictures that are judged")
    args = parser.parse_args()
    judge, pairs = open_judge(args)
    means = {}
    for way in args.ways:
        curves = []
        for pair in pairs:
            folder = args.out / f"{pair.content.stem}-{pair.style.stem}-{args.size}{way.replace(' ', '')}"
            curves.append(curve(judge, pair, paint(pair, way, args.size, args.every, folder), args.size))
        means[way] = mean_curve(curves)
    plot(means, f"{len(pairs)} pairs, {args.size} px", args.out / "curves.png")
    table(means)


if __name__ == "__main__":
    main()
