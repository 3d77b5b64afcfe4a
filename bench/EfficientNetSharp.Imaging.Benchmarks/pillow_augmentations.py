"""The jobs of AugmentationJobs.cs with Pillow: milliseconds of processor time an image of 224 pixels.

    taskset -c 0 python3 pillow_augmentations.py <folder> [rounds]

Policies are not here: their time is that of their operations, and how a library draws is not Pillow's.
"""
import glob
import os
import sys
import time

from PIL import Image, ImageEnhance, ImageFilter, ImageOps

rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 7
paths = sorted(p for p in glob.glob(os.path.join(sys.argv[1], "**", "*"), recursive=True) if p.lower().endswith((".jpg", ".jpeg")))
image = Image.open(paths[0]).convert("RGB").resize((224, 224), Image.BICUBIC)
GREY = (128, 128, 128)


def warp(matrix, filter_):
    return lambda: image.transform(image.size, Image.AFFINE, matrix, filter_, fillcolor=GREY)


def solarize_add():
    table = [min(255, i + 60) if i < 128 else i for i in range(256)]
    return image.point(table * 3)


JOBS = {
    "AutoContrast": lambda: ImageOps.autocontrast(image),
    "Equalize": lambda: ImageOps.equalize(image),
    "Invert": lambda: ImageOps.invert(image),
    "Posterize": lambda: ImageOps.posterize(image, 3),
    "Solarize": lambda: ImageOps.solarize(image, 100),
    "SolarizeAdd": solarize_add,
    "Color": lambda: ImageEnhance.Color(image).enhance(1.54),
    "Contrast": lambda: ImageEnhance.Contrast(image).enhance(1.54),
    "Brightness": lambda: ImageEnhance.Brightness(image).enhance(1.54),
    "Sharpness": lambda: ImageEnhance.Sharpness(image).enhance(1.54),
    "GaussianBlur": lambda: image.filter(ImageFilter.GaussianBlur(1.2)),
    "ShearX nearest": warp((1, 0.2, 0, 0, 1, 0), Image.NEAREST),
    "ShearX bilinear": warp((1, 0.2, 0, 0, 1, 0), Image.BILINEAR),
    "ShearX bicubic": warp((1, 0.2, 0, 0, 1, 0), Image.BICUBIC),
    "TranslateY nearest": warp((1, 0, 0, 0, 1, 30), Image.NEAREST),
    "TranslateY bilinear": warp((1, 0, 0, 0, 1, 30.5), Image.BILINEAR),
    "Rotate nearest": lambda: image.rotate(20, Image.NEAREST, fillcolor=GREY),
    "Rotate bilinear": lambda: image.rotate(20, Image.BILINEAR, fillcolor=GREY),
    "Rotate bicubic": lambda: image.rotate(20, Image.BICUBIC, fillcolor=GREY),
}
for job, work in JOBS.items():
    times = []
    for r in range(-1, rounds):
        start = time.process_time()
        for _ in range(200):
            work()
        if r >= 0:
            times.append((time.process_time() - start) / 200 * 1e3)
    print(f"{job:<28} {sorted(times)[rounds // 2]:.3f} ms", flush=True)
