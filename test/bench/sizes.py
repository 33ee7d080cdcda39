"""Is a small picture what the large one will look like? The same settings at two sizes, the large picture shrunk to the small
one's size, both judged by a network that took no part.

    python test/bench/sizes.py --out /tmp/sizes                                      # quick at 512 and 2048 px, 6 pairs
    python test/bench/sizes.py --out /tmp/sizes --ways "--quality standard" --large 1024 --pairs 3

For each way and pair: the share of the style gap that is left at the small size and in the shrunk picture, what one is over
the other, and how far the shrunk picture is from the small one (normalized features at relu4_2, as for contents). Needs
native/networks/train/requirements.txt, and the pictures and the judge in ../shared.
"""

from dataclasses import replace

import numpy as np
from judge import arguments_parser, open_judge, paint, read_image


def main() -> None:
    parser = arguments_parser(__doc__, ("--quality quick",), 6)
    parser.add_argument("--large", type=int, default=2048)
    args = parser.parse_args()
    judge, pairs = open_judge(args)
    print("| way | pair | small | large, shrunk | ratio | apart |\n" + "|---" * 6 + "|")
    for way in args.ways:
        rows = []
        for pair in pairs:
            small, _ = paint(pair, way, args.size, args.out)
            large, _ = paint(pair, way, args.large, args.out)
            shrunk = read_image(large, args.size)
            of_small = judge.judge(read_image(small, args.size), pair)[0].mean()
            of_large = judge.judge(shrunk, pair)[0].mean()
            apart = judge.judge(shrunk, replace(pair, content=small))[1]
            rows.append([of_small, of_large, of_large / of_small, apart])
            print(f"| {way} | {pair.name} | " + " | ".join(f"{value:.3f}" for value in rows[-1]) + " |", flush=True)
        means = " | ".join(f"{value:.3f}" for value in np.mean(rows, 0))
        print(f"| {way} | mean of {len(pairs)} | {means} |", flush=True)


if __name__ == "__main__":
    main()
