"""Makes a golden of a torchvision network: python3 generate.py ARCHITECTURE RESOLUTION [SEED [GAIN]] writes into torchvision/.

Weights and input follow from names and the seed (README.md); the output is computed in double precision. Needs torch, torchvision
and numpy. Choose a gain (4 to 6) at which float32Error stays near 1e-6 and inputShare is not small.
"""
import json
import math
import pathlib
import sys

import numpy
import torch
import torchvision

MASK = 0xFFFFFFFFFFFFFFFF


def uniform(name, count, seed):
    h = 0xCBF29CE484222325
    for byte in name.encode():
        h = ((h ^ byte) * 0x100000001B3) & MASK
    start = (h + seed * 0x9E3779B97F4A7C15 + 0x9E3779B97F4A7C15) & MASK
    z = numpy.uint64(start) + numpy.arange(count, dtype=numpy.uint64)
    z = (z ^ (z >> numpy.uint64(30))) * numpy.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> numpy.uint64(27))) * numpy.uint64(0x94D049BB133111EB)
    z = z ^ (z >> numpy.uint64(31))
    return ((z >> numpy.uint64(40)).astype(numpy.float64) / 2**24 * 2 - 1).astype(numpy.float32)


def tensor(name, shape, seed, gain):
    u = uniform(name, int(numpy.prod(shape)), seed).reshape(shape)
    if len(shape) >= 2:
        return u * numpy.float32(math.sqrt(gain / numpy.prod(shape[1:])))
    if name.endswith("running_var"):
        return numpy.float32(1) + numpy.float32(0.5) * u
    if name.endswith("running_mean"):
        return numpy.float32(0.1) * u
    return numpy.float32(1) + numpy.float32(0.2) * u if name.endswith(".weight") else numpy.float32(0.1) * u


def picture(side, seed, amplitude):
    u = uniform("input", 3 * side * side, seed).reshape(1, 3, side, side).astype(numpy.float64)
    c, h, w = (numpy.arange(first, last).reshape(shape) for first, last, shape in
               ((1, 4, (1, 3, 1, 1)), (0, side, (1, 1, side, 1)), (0, side, (1, 1, 1, side))))
    return (amplitude * (0.5 * u + numpy.sin(0.05 * c * h) * numpy.cos(0.03 * c * w))).astype(numpy.float32)


def main(architecture, resolution, seed=0, gain=5.0, amplitude=4.0):
    model = getattr(torchvision.models, architecture)().eval()
    state = {name: value for name, value in model.state_dict().items() if not name.endswith("num_batches_tracked")}
    for name, value in state.items():
        value.copy_(torch.from_numpy(numpy.ascontiguousarray(tensor(name, tuple(value.shape), seed, gain))))
    x = torch.from_numpy(picture(resolution, seed, amplitude))
    with torch.no_grad():
        single = model(x).double()
        model.double()
        double, dimmed = model(x.double()), model(x.double() * 0.5)
    folder = pathlib.Path(__file__).parent / "torchvision"
    (folder / f"{architecture}.keys.tsv").write_text("".join(f"{n}\t{'x'.join(map(str, v.shape))}\n" for n, v in state.items()))
    (folder / f"{architecture}_r{resolution}_b1_s{seed}.json").write_text(json.dumps({
        "source": f"torchvision {torchvision.__version__}", "architecture": architecture, "resolution": resolution, "batch": 1, "seed": seed,
        "gain": gain, "amplitude": amplitude, "parameters": sum(p.numel() for p in model.parameters()),
        "inputShare": float((double - dimmed).norm() / double.norm()), "float32Error": float((single - double).norm() / double.norm()),
        "output": [[float(f"{value:.10g}") for value in row] for row in double.tolist()]}))


if __name__ == "__main__":
    main(sys.argv[1], *(kind(word) for kind, word in zip((int, int, float), sys.argv[2:])))
