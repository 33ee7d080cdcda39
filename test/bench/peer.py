"""The same network and losses in PyTorch, timed on request: one line in, one time out.

    python3 peer.py NETWORK.safetensors SIDE THREADS
    python3 peer.py NETWORK.safetensors SIDE THREADS cuda REPEATS

The first, on the CPU, prints a line of JSON about itself, then for each line read one loss and gradient's seconds. The second
prints the median of so many.
"""

import json
import struct
import sys
import time

import torch
import torch.nn.functional as F

STYLE = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")
CONTENT = "relu4_2"


def read_network(path):
    """Convolutions in order: (layer, weight, bias)."""
    with open(path, "rb") as file:
        data = file.read()
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + size])
    header.pop("__metadata__")

    def tensor(name):
        entry = header[name]
        begin, end = entry["data_offsets"]
        raw = bytearray(data[8 + size + begin : 8 + size + end])
        return torch.frombuffer(raw, dtype=torch.float32).reshape(entry["shape"])

    stems = [name[4:-7] for name in header if name.endswith(".weight")]
    return [("relu" + s, tensor(f"conv{s}.weight"), tensor(f"conv{s}.bias")) for s in stems]


def features(network, image):
    result = {}
    for layer, weight, bias in network:
        if layer.endswith("_1") and layer != "relu1_1":
            image = F.avg_pool2d(image, 2)
        image = F.relu(F.conv2d(image, weight, bias, padding=1))
        result[layer] = image
    return result


def gram(values):
    matrix = values.flatten(2)[0]
    return matrix @ matrix.T / matrix.shape[1]


def make_evaluation(path, side, device):
    """A function whose call is one loss and gradient; returns its seconds."""
    torch.manual_seed(0)
    network = [(layer, weight.to(device), bias.to(device)) for layer, weight, bias in read_network(path)]
    image = torch.rand(1, 3, side, side, device=device, requires_grad=True)
    with torch.no_grad():
        wanted = features(network, torch.rand(1, 3, side, side, device=device))
        grams = {layer: gram(wanted[layer]) for layer in STYLE}
    wait = torch.cuda.synchronize if device == "cuda" else lambda: None

    def evaluate():
        begin = time.perf_counter()
        seen = features(network, image)
        loss = F.mse_loss(seen[CONTENT], wanted[CONTENT])
        for layer in STYLE:
            loss = loss + F.mse_loss(gram(seen[layer]), grams[layer]) / len(STYLE)
        torch.autograd.grad(loss, image)
        wait()
        return time.perf_counter() - begin

    return evaluate


def main():
    path, side, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    device, repeats = (sys.argv[4], int(sys.argv[5])) if len(sys.argv) > 4 else ("cpu", 0)
    torch.set_num_threads(threads)
    evaluate = make_evaluation(path, side, device)
    if repeats > 0:
        evaluate()  # sets buffers up
        print(json.dumps({"seconds": sorted(evaluate() for _ in range(repeats))[repeats // 2]}))
        return
    print(json.dumps({"torch": torch.__version__}), flush=True)
    for _ in sys.stdin:
        print(evaluate(), flush=True)


main()
