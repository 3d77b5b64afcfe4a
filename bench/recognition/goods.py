#!/usr/bin/env python3
"""Goods by one clean image each: natural photographs of products are looked up among the iconic images of all classes.

GROCERY is the Grocery Store set with `train/`, `test/` and `iconic/`, a folder per class in each. A share of the classes is left out of
training and enrolled by its iconic images alone, as a shop's new products are. Compared are the untuned embedding of the weights to start
from, an embedding tuned by `effnet train --task embedding`, and a classifier tuned by `effnet train` with its features as an embedding. Both
trainings have the tool's defaults and the same images. "natural" searches the other natural photographs instead of the iconic images.
Intervals are over classes, as `effnet evaluate` gives them.

    bench/recognition/goods.py grocery --from tf_efficientnetv2_b0.pth --seeds 3

Needs numpy. What follows `--` goes to both trainings.
"""
import argparse
import json
import pathlib
import random
import resource
import subprocess
import sys
import tempfile

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
EFFNET = str(ROOT / "effnet")


def part(source, names, target):
    target.mkdir(parents=True)
    for name in names:
        (target / name).symlink_to((source / name).resolve())
    return target


def train(data, start, run, seed, words):
    before = processor_time()
    subprocess.run(
        [EFFNET, "train", str(data), "--from", start, "-o", str(run), "--seed", str(seed), *words], check=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return str(run / "model.safetensors"), processor_time() - before


def evaluated(model, data, *words):
    judged = subprocess.run(
        [EFFNET, "evaluate", str(model), str(data), "--json", "--include-trained", *words], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return json.loads(judged.stdout)


def recall(model, queries, *words):
    first = evaluated(model, queries, "--retrieval", *words)["recall"][0]
    return [100 * first["recall"], *(100 * bound for bound in first["interval"])]


def processor_time():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("grocery", type=pathlib.Path)
    parser.add_argument("--from", dest="start", required=True)
    parser.add_argument("--leave-out", type=int, default=40)
    parser.add_argument("--seeds", type=int, default=3)
    words = [*sys.argv[1:], "--"]
    given, extra = parser.parse_args(words[:words.index("--")]), words[words.index("--") + 1:-1]
    iconic = str(given.grocery / "iconic")
    names = sorted(path.name for path in (given.grocery / "train").iterdir())
    table = {}
    with tempfile.TemporaryDirectory() as temporary:
        for seed in range(given.seeds):
            work = pathlib.Path(temporary) / str(seed)
            new = sorted(random.Random(seed).sample(names, given.leave_out))
            old = [name for name in names if name not in new]
            training = part(given.grocery / "train", old, work / "train")
            seen, unseen = (part(given.grocery / "test", these, work / title) for these, title in ((old, "seen"), (new, "unseen")))
            embedding, cost = train(training, given.start, work / "embedding", seed, ["--task", "embedding", *extra])
            classifier, other = train(training, given.start, work / "classifier", seed, extra)
            print(f"seed {seed}: embedding trained in {cost:.0f} s of processor time, classifier in {other:.0f} s")
            print(f"  classifier by its classes, seen: {100 * evaluated(classifier, seen)['top1']:.1f} %", flush=True)
            for name, model in (("untuned", given.start), ("embedding", embedding), ("classifier", classifier)):
                for title, queries in (("seen", seen), ("unseen", unseen)):
                    for against, words in (("iconic", ["--gallery", iconic]), ("natural", [])):
                        value, low, high = recall(model, queries, *words)
                        table.setdefault((name, title, against), []).append(value)
                        print(f"  {name:10}  {title:6}  {against:7}  recall@1 {value:5.1f} % ({low:.1f} to {high:.1f})", flush=True)
    print(f"means of {given.seeds} seeds")
    for key, values in table.items():
        print(f"  {key[0]:10}  {key[1]:6}  {key[2]:7}  recall@1 {np.mean(values):5.1f} % ± {np.std(values, ddof=min(1, len(values) - 1)):.1f}")


if __name__ == "__main__":
    main()
