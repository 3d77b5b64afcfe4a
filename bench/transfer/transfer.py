#!/usr/bin/env python3
"""Fine-tuning with the tool's defaults against logistic regression on the network's own embed rows.

Both learn from the same images of TRAIN (a folder per class) and are judged by all of TEST; the regression is scikit-learn's, with its C
chosen by the log loss of stratified five-fold cross-validation, and once more with its default C = 1. A row per number of images per
class (0: all of them) and seed, then their means and standard deviations. The last columns are what training took: seconds, and seconds
of processor time, which tell more on a machine that others use too.

    bench/transfer/transfer.py flowers/train flowers/val --from tf_efficientnetv2_b0.pth --per-class 10 30 100 --seeds 3

Needs numpy and scikit-learn. `--probe-only` leaves fine-tuning out; what follows `--` goes to `effnet train`.
"""
import argparse
import json
import pathlib
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import warnings

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score

ROOT = pathlib.Path(__file__).resolve().parents[2]
EFFNET = str(ROOT / "effnet")


def listing(folder):
    classes = sorted(path.name for path in folder.iterdir() if path.is_dir())
    return classes, [(image, label) for label, name in enumerate(classes) for image in sorted((folder / name).iterdir())]


def rows(model, images, work, name):
    output = work / f"{name}.npy"
    if not output.exists():
        subprocess.run([EFFNET, "embed", model, *map(str, images), "-o", str(output)], check=True, stderr=subprocess.DEVNULL)
    paths = output.with_suffix(".txt").read_text().splitlines()
    return dict(zip(paths, np.load(output).astype(np.float64)))


def regression(train, labels, test, expected):
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    grid = np.logspace(-3, 2, 11) if len(labels) < 1000 else np.logspace(-2, 1, 4)

    def loss(c):
        return -cross_val_score(LogisticRegression(C=c, max_iter=300), train, labels, cv=folds, scoring="neg_log_loss").mean()

    chosen = min(grid, key=loss)
    return [100 * LogisticRegression(C=c, max_iter=1000).fit(train, labels).score(test, expected) for c in (chosen, 1.0)]


def tuned(chosen, classes, model, test, work, extra, seed):
    data, run = work / "data", work / "run"
    for folder in (data, run):
        shutil.rmtree(folder, ignore_errors=True)
    for image, label in chosen:
        target = data / classes[label] / image.name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(image.resolve())
    started, before = time.monotonic(), processor_time()
    subprocess.run(
        [EFFNET, "train", str(data), "--from", model, "-o", str(run), "--seed", str(seed), *extra], check=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    seconds, processor = time.monotonic() - started, processor_time() - before
    judged = subprocess.run(
        [EFFNET, "evaluate", str(run / "model.safetensors"), str(test), "--json"], check=True, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL)
    return 100 * json.loads(judged.stdout)["top1"], seconds, processor


def processor_time():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def row(count, name, values):
    *scores, seconds, processor = values
    shown = "  ".join(f"{score:{width}.2f}" for score, width in zip(scores, (10, 5, 6)))
    print(f"{count or 'all':>9}  {name:>4}  {shown}  {seconds:7.0f}  {processor:9.0f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("train", type=pathlib.Path)
    parser.add_argument("test", type=pathlib.Path)
    parser.add_argument("--from", dest="start", required=True)
    parser.add_argument("--per-class", type=int, nargs="+", default=[10, 30, 100])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--probe-only", action="store_true")
    words = [*sys.argv[1:], "--"]
    given, extra = parser.parse_args(words[:words.index("--")]), words[words.index("--") + 1:-1]
    warnings.filterwarnings("ignore")
    classes, images = listing(given.train)
    test_classes, test_images = listing(given.test)
    assert classes == test_classes, "TRAIN and TEST have other classes"
    extra = extra + (["--probe-only"] if given.probe_only else [])
    with tempfile.TemporaryDirectory() as temporary:
        work = pathlib.Path(temporary)
        model = str(work / "start.safetensors")
        subprocess.run([EFFNET, "import", given.start, "-o", model], check=True, stdout=subprocess.DEVNULL)
        features = rows(model, [image for image, _ in images], work, "train")
        judges = rows(model, [image for image, _ in test_images], work, "test")
        test = np.array([judges[str(image)] for image, _ in test_images])
        expected = np.array([label for _, label in test_images])
        print("per class  seed  regression  C = 1  effnet  seconds  processor")
        for count in given.per_class:
            results = []
            for seed in range(given.seeds):
                chosen = []
                for label in range(len(classes)):
                    own = [pair for pair in images if pair[1] == label]
                    random.Random(seed * 1000 + label).shuffle(own)
                    chosen += own[: count or None]
                train = np.array([features[str(image)] for image, _ in chosen])
                labels = np.array([label for _, label in chosen])
                result = regression(train, labels, test, expected)
                results.append([*result, *tuned(chosen, classes, model, given.test, work, extra, seed)])
                row(count, seed, results[-1])
            row(count, "mean", np.mean(results, axis=0))
            if given.seeds > 1:
                row(count, "std", np.std(results, axis=0, ddof=1))


if __name__ == "__main__":
    main()
