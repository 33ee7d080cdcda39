"""log.jsonl → curves.png: unexplained variance of each target while training; dashed: errors of style distances.

    python plot.py /tmp/train/log.jsonl curves.png
"""

import json
import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

from style import STYLE_TARGETS
from teachers import TARGETS
from trainee import WIDTHS


def main(log: str, picture: str) -> None:
    with open(log) as file:
        read = [json.loads(line) for line in file]
    # Going on from a checkpoint repeats the steps after it: the last account of them counts.
    records = [r for i, r in enumerate(read) if all(later["step"] > r["step"] for later in read[i + 1 :])]
    steps = [record["step"] for record in records]
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.6), sharey=True, layout="constrained")
    colors = plt.get_cmap("viridis")
    for axis, name in zip(axes, WIDTHS):
        for i, target in enumerate(TARGETS):
            values = [record[f"{name} {target.name}"] for record in records]
            axis.plot(steps, values, label=target.name, color=colors(i / len(TARGETS)), linewidth=1)
        for target in STYLE_TARGETS:
            values = [record[f"{name} style {target.name}"] for record in records]
            axis.plot(steps, values, "--", label=f"style {target.name}", color=colors(TARGETS.index(target) / len(TARGETS)), linewidth=1)
        axis.set(title=f"vgg19-{name}", xlabel="step")
    axes[0].set(ylabel="unexplained variance", ylim=(0, 0.8))
    axes[1].legend(fontsize=6, ncols=2)
    figure.savefig(picture, dpi=90)


if __name__ == "__main__":
    main(*sys.argv[1:])
