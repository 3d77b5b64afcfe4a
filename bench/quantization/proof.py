#!/usr/bin/env python3
"""What a network keeps in each kind of integers, as a Markdown table: accuracy or embeddings, size, times.

    bench/quantization/proof.py model.safetensors photos/train --test photos/val
    bench/quantization/proof.py faces.safetensors people/ --rows float int8 int16 --json faces.json

Every row is quantized from the same images of DATA with the same seed and measured on the same images of --test, which nothing is chosen
by; without --test, on those of DATA that `effnet quantize` holds out. Classifiers with labels get top-1 and calibration error (ECE),
embeddings with a folder per identity the share of genuine pairs accepted at the lowest measured false accept rate (TAR@FAR), all of them
the cosine of their outputs to the float network's. Engine times are the fastest of many runs on one thread, which another program on the
machine can only lengthen; RV1126 times are predicted (docs/device.md). The row qat trains a classifier in integers from the row that --qat
names, towards the float model; its outputs are compared by classes alone. A second table shows a scale per tensor collapsing and being
repaired, step by step. The table goes to standard output, the command lines to standard error.

Needs nothing but Python.
"""
import argparse
import json
import math
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]

NAIVE = ["--calibrator", "minmax", "--repair", "none"]

# Name, what it is, words of `effnet quantize`.
ROWS = [
    ("float", "float32", None),
    ("naive", "int8, naive (min-max, no repair)", ["--scheme", "int8", *NAIVE]),
    ("naive-tensor", "uint8 per tensor, naive", ["--scheme", "rknn-u8", *NAIVE]),
    ("int8", "int8, a scale per channel", ["--scheme", "int8"]),
    ("rknn-u8", "uint8, a scale per tensor", ["--scheme", "rknn-u8"]),
    ("rknn-dfp8", "int8, powers of two", ["--scheme", "rknn-dfp8"]),
    ("int16", "int16 values", ["--scheme", "int16"]),
    ("rknn-dfp16", "int16, powers of two", ["--scheme", "rknn-dfp16"]),
    ("mixed", "int8 and int16 mixed (onnx)", ["--target", "onnx"]),
    ("mixed-rv1126", "uint8 and int16 mixed (rv1126)", ["--target", "rv1126"]),
    ("qat", "trained in integers", ["qat"]),
]


def wilson(share, count, z=1.959964):
    """The 95 % interval of a share (Wilson 1927)."""
    centre = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return max(0, centre - half), min(1, centre + half)


def percent(share, interval=None):
    text = f"{100 * share:.1f}"
    return text if interval is None else f"{text} ({100 * interval[0]:.1f}–{100 * interval[1]:.1f})"


class Tool:
    def __init__(self, path):
        self.path = path

    def text(self, *words):
        print("effnet " + " ".join(map(str, words)), file=sys.stderr)
        result = subprocess.run([self.path, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if result.returncode != 0:
            raise RuntimeError(result.stderr.strip().splitlines()[-1])
        return result.stdout

    def __call__(self, *words):
        return json.loads(self.text(*words))

    def classes(self, model, images):
        """The best class of each image."""
        lines = self.text("predict", model, images, "--jsonl").splitlines()
        return {line["path"]: line["predictions"][0]["class"] for line in map(json.loads, lines) if "predictions" in line}

    def times(self, model, processes, has_integers=True):
        engine = self("benchmark", model, "--backend", "engine", "--threads", 1, "--processes", processes, "--json")[0]["minMs"]
        # The device has no floats.
        return engine, self("device", "predict", model, "--device", "rv1126", "--json")["ms"] if has_integers else None


def measure(tool, name, words, arguments, folder):
    if words is None:
        return {"bytes": arguments.model.stat().st_size, "times": tool.times(arguments.model, arguments.processes, False)}
    target = folder / f"{name}.safetensors"
    if name == "qat":
        return trained(tool, arguments, target, folder)
    test = ["--test", arguments.test] if arguments.test else []
    found = tool(
        "quantize", arguments.model, "--data", arguments.data, *test, "-o", target, "--images", arguments.images, "--seed", arguments.seed,
        "--json", *words, *(["--max-drop", arguments.max_drop] if "--target" in words else []))
    found["times"] = tool.times(target, arguments.processes)
    return found


def trained(tool, arguments, target, folder):
    """Training in integers, from a quantized model that the row named by --qat made."""
    start = folder / f"{arguments.qat}.safetensors"
    tool.text("train", arguments.data, "--from", start, "--teacher", arguments.model, "-o", folder / "qat", *arguments.training)
    target.write_bytes((folder / "qat" / "model.safetensors").read_bytes())
    images = arguments.test or arguments.data
    scores = tool("evaluate", target, images, "--json", "--include-trained")
    expected, actual = tool.classes(arguments.model, images), tool.classes(target, images)
    same = sum(actual[image] == name for image, name in expected.items()) / len(expected)
    return {
        "integer": {"top1": scores["top1"], "ece": scores["expectedCalibrationError"]}, "bytes": target.stat().st_size,
        "heldOut": {"images": len(expected), "agreement": same, "agreementInterval": wilson(same, len(expected))},
        "times": tool.times(target, arguments.processes),
    }


def accepted(found, side):
    """TAR at the lowest false accept rate that the pairs tell."""
    last = found["thresholds"][-1]
    return 1 - last[f"{side}Rejected"], last["far"]


def cells(found, side, floats, count, kinds):
    held = found.get("heldOut") if side == "integer" else None
    row = []
    if "top1" in kinds:
        scores = (found if side == "integer" else floats)[side]
        row += [percent(scores["top1"], wilson(scores["top1"], count)), f"{scores['ece']:.3f}"]
    if "agreement" in kinds:
        row.append(percent(held["agreement"], held["agreementInterval"]) if held else "100")
    if "tar" in kinds:
        row.append(percent(accepted(found if side == "integer" else floats, side)[0]))
    row += ["1", "1"] if not held else [f"{held['cosine']:.4f}", f"{held['cosineFirstPercentile']:.3f}"] if "cosine" in held else ["–", "–"]
    engine, device = found["times"]
    return row + [f"{found['bytes'] / 1e6:.2f}", f"{engine:.2f}", "–" if device is None else f"{device:.2f}"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("model", type=pathlib.Path, help="a float model file")
    parser.add_argument("data", help="images to calibrate with and to judge by")
    parser.add_argument("--test", help="images to measure on; those held out of DATA if not given")
    parser.add_argument("--images", type=int, default=128, help="most images to calibrate with")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--max-drop", type=float, default=0.3, help="of the mixed plans, in points")
    parser.add_argument("--processes", type=int, default=3, help="processes that times are measured in")
    parser.add_argument("--qat", default="rknn-dfp8", choices=[name for name, _, words in ROWS if words], help="the row that is trained")
    parser.add_argument("--training", nargs=argparse.REMAINDER, default=[], help="further words of that training, last of all")
    parser.add_argument("--rows", nargs="+", choices=[name for name, _, _ in ROWS], help="all but qat if not given")
    parser.add_argument("--effnet", default=str(ROOT / "effnet"), help="the tool")
    parser.add_argument("--json", type=pathlib.Path, help="file for all that was found")
    arguments = parser.parse_args()
    tool, found = Tool(arguments.effnet), {}
    chosen = [row for row in ROWS if (row[0] in arguments.rows if arguments.rows else row[0] != "qat")]
    names = [name for name, _, _ in chosen]
    if not any(words for _, _, words in chosen) or names[-1] == "qat" and (arguments.qat not in names or not arguments.test):
        parser.error("a row in integers is expected beside the floats; qat expects its own row of --qat and --test")
    with tempfile.TemporaryDirectory() as folder:
        for name, _, words in chosen:
            found[name] = measure(tool, name, words, arguments, pathlib.Path(folder))
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1))

    first = next(found[name] for name, _, words in chosen if words)
    count = first["heldOut"]["images"]
    kinds = [kind for kind, has in [
        ("top1", "float" in first), ("agreement", "agreement" in first["heldOut"]), ("tar", bool(first.get("thresholds")))] if has]
    titles = ["", *(["top-1 %", "ECE"] if "top1" in kinds else []), *(["same class as float %"] if "agreement" in kinds else []),
              *([f"TAR % at FAR {accepted(first, 'float')[1]:g}"] if "tar" in kinds else []),
              "cosine", "1st percentile", "MB", "engine ms", "RV1126 ms, predicted"]
    print(f"{arguments.model.name}, {count} images that nothing was chosen by, intervals at 95 %\n")
    print("| " + " | ".join(titles) + " |")
    print("|" + "---|" * len(titles))
    for name, what, words in chosen:
        print("| " + " | ".join([what, *cells(found[name], "integer" if words else "float", first, count, kinds)]) + " |")

    steps = found.get("rknn-u8", {}).get("steps")
    if steps:
        print("\nA scale per tensor, step by step, on the images to judge by:\n\n| step | same class % | cosine | dB | |\n|---|---|---|---|---|")
        for step in steps:
            agreement = percent(step["agreement"]) if "agreement" in step else "–"
            print(f"| {step['name']} | {agreement} | {step['cosine']:.4f} | {step['signalToNoise']:.1f} | {'kept' if step['kept'] else ''} |")


if __name__ == "__main__":
    main()
