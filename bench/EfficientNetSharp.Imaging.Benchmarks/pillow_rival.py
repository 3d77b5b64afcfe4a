"""The same jobs as Program.cs with Pillow and numpy, as a data loader in Python does them, on one core.

    taskset -c 0 python3 pillow_rival.py <folder> [images] [rounds]

torchvision's own transforms do the same work with a little more overhead for each call; they are not used, to be fair to Pillow.
"""
import glob
import io
import math
import os
import random
import sys
import time

import numpy as np
from PIL import Image, ImageEnhance

folder = sys.argv[1]
wanted = int(sys.argv[2]) if len(sys.argv) > 2 else 200
rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 7
paths = sorted(p for p in glob.glob(os.path.join(folder, "**", "*"), recursive=True) if p.lower().endswith((".jpg", ".jpeg")))[:wanted]
files = [open(p, "rb").read() for p in paths]
MEAN = np.array([0.485, 0.456, 0.406], np.float32).reshape(3, 1, 1)
INVERSE = (1 / np.array([0.229, 0.224, 0.225], np.float32)).reshape(3, 1, 1)
SCALE, OFFSET = INVERSE / np.float32(255), MEAN * INVERSE

# glibc maps and unmaps large arrays anew each time until one this large has been freed; with small images that would cost the rival
# ten times its work.
warm = np.ones(30 << 20, np.uint8)
del warm


def decode(data):
    return Image.open(io.BytesIO(data)).convert("RGB")


def crop_box(width, height):
    for _ in range(10):
        area = width * height * random.uniform(0.08, 1)
        ratio = math.exp(random.uniform(math.log(3 / 4), math.log(4 / 3)))
        w, h = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
        if 0 < w <= width and 0 < h <= height:
            left, top = random.randint(0, width - w), random.randint(0, height - h)
            return left, top, left + w, top + h
    side = min(width, height)
    return (width - side) // 2, (height - side) // 2, (width + side) // 2, (height + side) // 2


def normalise(image):
    # One multiplication and one subtraction a value: the fastest of several forms in numpy.
    return np.asarray(image).transpose(2, 0, 1).astype(np.float32, order="C") * SCALE - OFFSET


def jitter(image):
    steps = [lambda p: ImageEnhance.Brightness(p).enhance(random.uniform(0.6, 1.4)),
             lambda p: ImageEnhance.Contrast(p).enhance(random.uniform(0.6, 1.4)),
             lambda p: ImageEnhance.Color(p).enhance(random.uniform(0.6, 1.4)),
             lambda p: turn(p, random.uniform(-0.1, 0.1))]
    random.shuffle(steps)
    for step in steps:
        image = step(image)
    return image


def turn(image, shift):
    h, s, v = image.convert("HSV").split()
    turned = np.asarray(h) + np.int32(shift * 255).astype(np.uint8)
    return Image.merge("HSV", (Image.fromarray(turned, "L"), s, v)).convert("RGB")


def train(data, filter_, change=None):
    image = decode(data)
    image = image.crop(crop_box(*image.size)).resize((224, 224), filter_)
    if random.random() < 0.5:
        image = image.transpose(Image.FLIP_LEFT_RIGHT)
    return normalise(change(image) if change else image)


def evaluate(data):
    image = decode(data)
    w, h = image.size
    size = (256, int(256 * h / w)) if w <= h else (int(256 * w / h), 256)
    left, top = round((size[0] - 224) / 2), round((size[1] - 224) / 2)
    return normalise(image.resize(size, Image.BICUBIC).crop((left, top, left + 224, top + 224)))


def report(job, work):
    times = []
    for r in range(-1, rounds):
        start = time.process_time()
        for data in files:
            work(data)
        if r >= 0:
            times.append((time.process_time() - start) / len(files) * 1e3)
    print(f"{job:<28} {sorted(times)[rounds // 2]:.3f} ms", flush=True)


report("decode", decode)
report("train bicubic", lambda d: train(d, Image.BICUBIC))
report("train bilinear", lambda d: train(d, Image.BILINEAR))
report("train bicubic, jitter", lambda d: train(d, Image.BICUBIC, jitter))
report("evaluate bicubic", evaluate)
large = decode(files[0]).resize((1024, 683), Image.BICUBIC)
for name, filter_ in (("bicubic", Image.BICUBIC), ("bilinear", Image.BILINEAR), ("lanczos", Image.LANCZOS)):
    report(f"resize 1024x683 {name}", lambda _: large.resize((224, 224), filter_))
