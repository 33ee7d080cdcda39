"""log.jsonl of train_detailer.py → detailer-curves.png: style gap left by critic and layer, content distance.

    python plot_detailer.py /tmp/detailer/log.jsonl detailer-curves.png
"""

import json
import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

CRITICS = ("slim", "distilled", "half")
LAYERS = ("1_1", "2_1", "3_1", "4_1", "5_1")


def main(log: str, picture: str) -> None:
    with open(log) as file:
        read = [json.loads(line) for line in file]
    # Going on from a checkpoint repeats the steps after it: the last account of them counts.
    records = [r for i, r in enumerate(read) if all(later["step"] > r["step"] for later in read[i + 1 :])]
    figure, axes = plt.subplots(1, len(CRITICS), figsize=(9, 3.2), sharey=True, layout="constrained")
    colors = plt.get_cmap("viridis")
    for axis, critic in zip(axes, CRITICS):
        for i, name in enumerate((*LAYERS, "content")):
            points = [(r["step"], r[f"{critic} {name}"]) for r in records if f"{critic} {name}" in r]
            style = {"color": "black", "linestyle": "--"} if name == "content" else {"color": colors(i / len(LAYERS))}
            axis.plot(*zip(*points), label=name, linewidth=1, **style)
        axis.set(title=critic, xlabel="step")
    axes[0].set(ylabel="share of the style gap left; content moved", ylim=(0, 0.7))
    axes[-1].legend(fontsize=6, ncols=2)
    figure.savefig(picture, dpi=90)


if __name__ == "__main__":
    main(*sys.argv[1:])
