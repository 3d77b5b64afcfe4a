#!/usr/bin/env python3
"""One-shot classification of handwritten characters: Omniglot's 20 runs of 20 ways (Lake et al. 2015), by an embedding trained here.

OMNIGLOT is a folder with the archives of github.com/brendenlake/omniglot: `all_runs.zip` and the background sets. An embedding learns from
the characters of a background set, none of whose alphabets is in the runs; each run has 20 new characters of one alphabet, one image of
each, and 20 images by another writer, which are given the class whose image is nearest by cosine. `--rotations` adds each character turned by
90, 180 and 270 degrees as characters of their own (Santoro et al. 2016). What follows `--` goes to `effnet train`.

    bench/oneshot/oneshot.py omniglot --set images_background_small1 --seeds 3

Needs numpy and Pillow.
"""
import argparse
import pathlib
import subprocess
import sys
import tempfile
import zipfile

import numpy as np
from PIL import Image

ROOT = pathlib.Path(__file__).resolve().parents[2]
EFFNET = str(ROOT / "effnet")
STANDARD = ["-a", "efficientnet_b0:head=gdc,features=256,stem=1", "--resolution", "56", "--no-flip", "--loss-scale", "24", "--min-steps", "2000"]


def characters(archives, work, rotations):
    folder = work / "characters"
    for archive in archives:
        zipfile.ZipFile(archive).extractall(work / "background")
    for image in sorted((work / "background").rglob("*.png")):
        name = f"{image.parts[-3]}_{image.parts[-2]}"
        for turn in range(4 if rotations else 1):
            target = folder / f"{name}_{90 * turn}" / image.name
            target.parent.mkdir(parents=True, exist_ok=True)
            Image.open(image).convert("L").rotate(90 * turn).save(target)
    return folder


def rows(model, images, work):
    output = work / "rows.npy"
    subprocess.run([EFFNET, "embed", str(model), *map(str, images), "--normalize", "-o", str(output)], check=True, stderr=subprocess.DEVNULL)
    found = np.load(output)
    output.unlink()
    return dict(zip(map(str, images), found))


def errors(model, runs, work):
    images = sorted(runs.rglob("*.png"))
    embedded = rows(model, images, work)
    wrong = []
    for labels in sorted(runs.glob("run*/class_labels.txt")):
        pairs = [line.split() for line in labels.read_text().split("\n") if line.strip()]
        classes = np.array([embedded[str(runs / right)] for _, right in pairs])
        nearest = [int(np.argmax(classes @ embedded[str(runs / test)])) for test, _ in pairs]
        wrong.append(100 * np.mean([place != found for place, found in enumerate(nearest)]))
    return np.array(wrong)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("omniglot", type=pathlib.Path)
    parser.add_argument("--set", dest="sets", nargs="+", default=["images_background_small1", "images_background_small2"])
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--rotations", action="store_true")
    parser.add_argument("--model", help="judge this one instead of training one")
    words = [*sys.argv[1:], "--"]
    given, extra = parser.parse_args(words[:words.index("--")]), words[words.index("--") + 1:-1]
    with tempfile.TemporaryDirectory() as temporary:
        work = pathlib.Path(temporary)
        zipfile.ZipFile(given.omniglot / "all_runs.zip").extractall(work / "runs")
        if given.model:
            report(given.model, errors(given.model, work / "runs", work))
            return
        results = []
        folder = characters([given.omniglot / f"{name}.zip" for name in given.sets], work, given.rotations)
        for seed in range(given.seeds):
            run = work / f"seed{seed}"
            subprocess.run(
                [EFFNET, "train", str(folder), "--task", "embedding", *STANDARD, "-o", str(run), "--seed", str(seed), *extra],
                check=True, stdout=subprocess.DEVNULL)
            results.append(errors(run / "model.safetensors", work / "runs", work))
            report(f"seed {seed}", results[-1])
        if given.seeds > 1:
            means = np.array([result.mean() for result in results])
            print(f"mean of {given.seeds} seeds: {means.mean():.2f} %, standard deviation {means.std(ddof=1):.2f}")


def report(name, wrong):
    print(f"{name}: {wrong.mean():.2f} % wrong over {len(wrong)} runs, standard error {wrong.std(ddof=1) / len(wrong) ** 0.5:.2f}", flush=True)


if __name__ == "__main__":
    main()
