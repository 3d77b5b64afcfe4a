#!/usr/bin/env python3
"""Embedding networks for faces with one budget: trained from scratch, and from scratch beside a teacher's embeddings.

FACES is a folder with a folder of aligned faces per person. A quarter of the people with two images or more judges, people that no training
sees; of the others, train holds a fifth out by itself to choose the best epoch. Every network has the same images, the same number of steps
and otherwise the defaults of `effnet train --task embedding`. The first network is the teacher. Rates are those of `effnet verify`, their
intervals over people.

    bench/recognition/faces.py faces --epochs 10 --seeds 1

Needs nothing but Python. What follows `--` goes to every training.
"""
import argparse
import json
import pathlib
import random
import resource
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
EFFNET = str(ROOT / "effnet")


def link(source, names, target):
    target.mkdir(parents=True)
    for name in names:
        (target / name).symlink_to((source / name).resolve())
    return str(target)


def train(data, network, run, seed, epochs, words):
    before = processor_time()
    subprocess.run(
        [EFFNET, "train", data, "--task", "embedding", "-a", network, "--epochs", str(epochs), "--min-steps", "0", "-o", str(run), "--seed", str(seed), *words],
        check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return str(run / "model.safetensors"), processor_time() - before


def verified(model, data):
    found = subprocess.run(
        [EFFNET, "verify", model, data, "--far", "0.1,0.01,0.001", "--json"], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return json.loads(found.stdout)


def processor_time():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def accepted(rate):
    if "falseRejectRate" not in rate:
        return "not known"
    low, high = rate["falseRejectRateInterval"]
    return f"{100 * (1 - rate['falseRejectRate']):5.1f} ({100 * (1 - high):.1f} to {100 * (1 - low):.1f})"


def report(name, model, test, cost):
    result = verified(model, test)
    rates = "  ".join(accepted(rate) for rate in result["thresholds"])
    print(f"{name:60}  {100 * (1 - result['equalErrorRate']):5.1f}  {100 * result['areaUnderCurve']:5.1f}  {rates}  {cost / 60:4.0f} min", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("faces", type=pathlib.Path)
    parser.add_argument("--networks", nargs="+", default=["iresnet18", "efficientnet_b0:head=gdc,stem=1", "efficientnet_b0:head=gdc"])
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--seeds", type=int, default=1)
    words = [*sys.argv[1:], "--"]
    given, extra = parser.parse_args(words[:words.index("--")]), words[words.index("--") + 1:-1]
    people = {path.name: sum(1 for _ in path.iterdir()) for path in sorted(given.faces.iterdir()) if path.is_dir()}
    print(f"{'network':60}  1-EER  AUC    TAR at FAR 0.1, 0.01, 0.001 in %, processor time")
    for seed in range(given.seeds):
        with tempfile.TemporaryDirectory() as temporary:
            work = pathlib.Path(temporary)
            several = [name for name, images in people.items() if images > 1]
            judges = set(random.Random(seed).sample(several, len(several) // 4))
            test = link(given.faces, judges, work / "test")
            training = link(given.faces, [name for name in people if name not in judges], work / "train")
            teacher = None
            for number, network in enumerate(given.networks):
                model, cost = train(training, network, work / f"scratch{number}", seed, given.epochs, extra)
                report(f"{network}, scratch, seed {seed}", model, test, cost)
                teacher = teacher or model
                if model != teacher:
                    model, cost = train(training, network, work / f"distilled{number}", seed, given.epochs, ["--teacher", teacher, *extra])
                    report(f"{network}, distilled, seed {seed}", model, test, cost)


if __name__ == "__main__":
    main()
