"""Makes augmentations.json: what Pillow and torchvision give for operations, policies' steps and AugMix. See README.md.

    python3 make_augmentation_goldens.py        run in this folder

Everything follows from the formulas here, so a second run with the same versions changes nothing.
"""
import hashlib
import json
import math
import os
import re

import numpy as np
import PIL
from PIL import Image, ImageEnhance, ImageFilter, ImageOps
import torch
import torchvision
from torchvision.transforms import InterpolationMode
from torchvision.transforms import autoaugment
from torchvision.transforms import functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
FILTERS = {"Nearest": Image.NEAREST, "Bilinear": Image.BILINEAR, "Bicubic": Image.BICUBIC}
MODES = {"Nearest": InterpolationMode.NEAREST, "Bilinear": InterpolationMode.BILINEAR, "Bicubic": InterpolationMode.BICUBIC}
FILL = (124, 116, 104)


def sha(picture):
    return hashlib.sha256(picture.convert("RGB").tobytes()).hexdigest()


def pattern(width, height):
    """A rough picture given by a formula; TestPictures.cs has the same one."""
    y, x, c = np.mgrid[0:height, 0:width, 0:3].astype(np.uint32)
    v = (x * x * 3 + y * y * 7 + x * y * 5 + c * 91) ^ (x * 13 + y * 29)
    return Image.fromarray((v & 255).astype(np.uint8), "RGB")


def dim(width, height):
    """The pattern with levels 60 to 123 in red, few levels in green, one in blue."""
    a = np.asarray(pattern(width, height)).copy()
    a[..., 0] = a[..., 0] // 4 + 60
    a[..., 1] = a[..., 1] // 64 * 3
    a[..., 2] = 77
    return Image.fromarray(a, "RGB")


PICTURES = {
    "source": Image.open(os.path.join(HERE, "source.png")).convert("RGB"),
    "pattern 37 23": pattern(37, 23),
    "pattern 24 24": pattern(24, 24),
    "pattern 1 1": pattern(1, 1),
    "pattern 2 5": pattern(2, 5),
    "pattern 3 3": pattern(3, 3),
    "pattern 256 3": pattern(256, 3),
    "dim 40 31": dim(40, 31),
}


def solarize_add(picture, addition, threshold=128):
    table = [min(255, max(0, i + addition)) if i < threshold else i for i in range(256)]
    return picture.point(table * 3)


def posterize(picture, bits):
    return picture if bits >= 8 else ImageOps.posterize(picture, bits)


OPERATIONS = {
    "AutoContrast": lambda p, _: ImageOps.autocontrast(p),
    "Equalize": lambda p, _: ImageOps.equalize(p),
    "Invert": lambda p, _: ImageOps.invert(p),
    "Posterize": lambda p, v: posterize(p, int(v)),
    "Solarize": lambda p, v: ImageOps.solarize(p, v),
    "SolarizeAdd": lambda p, v: solarize_add(p, int(v)),
    "Color": lambda p, v: ImageEnhance.Color(p).enhance(v),
    "Contrast": lambda p, v: ImageEnhance.Contrast(p).enhance(v),
    "Brightness": lambda p, v: ImageEnhance.Brightness(p).enhance(v),
    "Sharpness": lambda p, v: ImageEnhance.Sharpness(p).enhance(v),
    "GaussianBlur": lambda p, v: p.filter(ImageFilter.GaussianBlur(v)),
}
WARPS = {
    "ShearX": lambda p, v, f, fill: p.transform(p.size, Image.AFFINE, (1, v, 0, 0, 1, 0), f, fillcolor=fill),
    "ShearY": lambda p, v, f, fill: p.transform(p.size, Image.AFFINE, (1, 0, 0, v, 1, 0), f, fillcolor=fill),
    "TranslateX": lambda p, v, f, fill: p.transform(p.size, Image.AFFINE, (1, 0, v, 0, 1, 0), f, fillcolor=fill),
    "TranslateY": lambda p, v, f, fill: p.transform(p.size, Image.AFFINE, (1, 0, 0, 0, 1, v), f, fillcolor=fill),
    "Rotate": lambda p, v, f, fill: p.rotate(v, f, fillcolor=fill),
}
ARGUMENTS = {
    "AutoContrast": [0], "Equalize": [0], "Invert": [0],
    "Posterize": list(range(9)),
    "Solarize": [0, 1, 52.5, 100, 128, 178.5, 255, 256],
    "SolarizeAdd": [0, 1, 33, 77, 110, 255],
    "Color": [0, 0.1, 0.46, 1, 1.54, 1.9],
    "Contrast": [0, 0.1, 0.46, 1, 1.54, 1.9],
    "Brightness": [0, 0.1, 0.46, 1, 1.54, 1.9],
    "Sharpness": [0, 0.1, 0.46, 0.9, 1, 1.54, 1.9, 7.5],
    "GaussianBlur": [0, 0.1, 0.3, 0.5, 0.77, 1, 1.5, 2, 3.3, 11],
}
WARP_ARGUMENTS = {
    "ShearX": [0, 0.12, -0.3, 0.99, 3], "ShearY": [0, 0.12, -0.3, 0.99, -3],
    "TranslateX": [0, 1, -3, 7.4, -10.08, 16.65, 0.5, 400], "TranslateY": [0, 1, -3, 7.4, -10.08, 10.35, -0.5, -400],
    "Rotate": [0, 3, -6, 17.7, 27, -30, 90, -90, 94.5, 180, 270, 135, -135, 360, 1e-9],
}


def make_operations():
    cases = []
    for name, picture in PICTURES.items():
        for operation, run in OPERATIONS.items():
            for value in ARGUMENTS[operation]:
                cases.append([operation, value, None, name, sha(run(picture, value))])
        for operation, run in WARPS.items():
            for value in WARP_ARGUMENTS[operation]:
                for filter_name, filter_ in FILTERS.items():
                    cases.append([operation, value, filter_name, name, sha(run(picture, value, filter_, FILL))])
    return cases


def make_matrices():
    """General matrices: scaling, mirroring, far away, and beyond fixed point."""
    cases = []
    matrices = [(0.5, 0, 3, 0, 2, -4), (-1, 0, 37, 0, -1, 23), (0.9, 0.2, -3.25, -0.1, 1.1, 2.5), (1, 0, 1e6, 0, 1, 0),
                (3000, 0.5, 0, 0.25, 1, 0), (1, 1e-3, 0.5, 1e-3, 1, -0.5), (0, 1, 0, 1, 0, 0), (0, 0, 5, 0, 0, 7)]
    for name in ("pattern 37 23", "source"):
        for matrix in matrices:
            for filter_name, filter_ in FILTERS.items():
                picture = PICTURES[name]
                cases.append([list(map(float, matrix)), filter_name, name, sha(picture.transform(picture.size, Image.AFFINE, matrix, filter_, fillcolor=FILL))])
    return cases


def make_grey():
    """Mode L, whose pictures are kept with three equal channels."""
    cases = []
    picture = PICTURES["source"].convert("L")
    for operation, run in OPERATIONS.items():
        if operation == "SolarizeAdd":
            continue
        for value in ARGUMENTS[operation]:
            cases.append([operation, value, None, "source", sha(run(picture, value))])
    for operation, run in WARPS.items():
        for value in WARP_ARGUMENTS[operation]:
            for filter_name, filter_ in FILTERS.items():
                cases.append([operation, value, filter_name, "source", sha(run(picture, value, filter_, 128))])
    return cases


# ---------------------------------------------------------------- torchvision's policies

def spaced(start, end, bins):
    """The scalar form of torch.linspace in single precision; its vector form differs in last bits from processor to processor."""
    first, last = np.float32(start), np.float32(end)
    step = np.float32((last - first) / np.float32(bins - 1))
    return [np.float32(first + step * np.float32(i)) if i < bins // 2 else np.float32(last - step * np.float32(bins - i - 1)) for i in range(bins)]


def rows(space):
    """Magnitudes as in spaced(), checked against torch's own."""
    table = {}
    for name, (magnitudes, signed) in space.items():
        if magnitudes.ndim == 0:
            table[name] = ([0.0], signed)
            continue
        values = [float(v) for v in magnitudes]
        if magnitudes.dtype.is_floating_point:
            own = spaced(magnitudes[0].item(), magnitudes[-1].item(), len(values))
            assert np.allclose(own, values, rtol=3e-7, atol=1e-6), name
            values = [float(v) for v in own]
        table[name] = (values, signed)
    return table


def make_torchvision():
    spaces = {
        "Standard": lambda s: autoaugment.RandAugment()._augmentation_space(31, s),
        "Wide": lambda s: autoaugment.TrivialAugmentWide()._augmentation_space(31),
        "AutoAugment": lambda s: autoaugment.AutoAugment()._augmentation_space(10, s),
    }
    cases = []
    for policy, space in spaces.items():
        for name in ("pattern 37 23", "pattern 24 24"):
            picture = PICTURES[name]
            for operation, (magnitudes, signed) in rows(space(picture.size[::-1])).items():
                for level in range(0, len(magnitudes), 1 if len(magnitudes) <= 10 else 3):
                    for sign in ((1, -1) if signed else (1,)):
                        for filter_name in ("Nearest", "Bilinear"):
                            if filter_name == "Bilinear" and not (operation[:5] in ("Shear", "Rotat") and level % 9 == 0):
                                continue
                            result = autoaugment._apply_op(picture, operation, magnitudes[level] * sign, MODES[filter_name], [0, 0, 0])
                            cases.append([policy, operation, level, sign, filter_name, name, sha(result)])
    return cases


# ---------------------------------------------------------------- timm's and the TPU code's levels, worked out anew

def timm_argument(name, level, sign, size, translate, cutout):
    share = level / 10.0
    if name in ("Color", "Contrast", "Brightness", "Sharpness"):
        return share * 1.8 + 0.1
    if name.endswith("Increasing") and name[:5] in ("Color", "Contr", "Brigh", "Sharp"):
        return max(0.1, 1.0 + sign * (share * 0.9))
    return {
        "AutoContrast": 0, "Equalize": 0, "Invert": 0,
        "Rotate": sign * (share * 30.0),
        "Posterize": int(share * 4), "PosterizeIncreasing": 4 - int(share * 4), "PosterizeOriginal": int(share * 4) + 4,
        "Solarize": int(share * 256), "SolarizeIncreasing": 256 - int(share * 256), "SolarizeAdd": int(share * 110),
        "ShearX": sign * (share * 0.3), "ShearY": sign * (share * 0.3),
        "TranslateX": sign * (share * float(translate)), "TranslateY": sign * (share * float(translate)),
        "TranslateXRel": sign * (share * translate) * size[0], "TranslateYRel": sign * (share * translate) * size[1],
        "Cutout": int(share * cutout),
        "Desaturate": min(1, max(0, 1 - (0.5 + (1.0 - 0.5) * share))), "GaussianBlur": 0.1 + (2.0 - 0.1) * share,
    }[name]


SIGNED = {"Rotate", "ShearX", "ShearY", "TranslateX", "TranslateY", "TranslateXRel", "TranslateYRel",
          "ColorIncreasing", "ContrastIncreasing", "BrightnessIncreasing", "SharpnessIncreasing"}
TIMM = ["AutoContrast", "Equalize", "Invert", "Rotate", "Posterize", "PosterizeIncreasing", "PosterizeOriginal", "Solarize", "SolarizeIncreasing",
        "SolarizeAdd", "Color", "ColorIncreasing", "Contrast", "ContrastIncreasing", "Brightness", "BrightnessIncreasing", "Sharpness",
        "SharpnessIncreasing", "ShearX", "ShearY", "TranslateX", "TranslateY", "TranslateXRel", "TranslateYRel", "Desaturate", "GaussianBlur"]


def run_named(name, picture, argument, filter_, fill):
    short = name.replace("Increasing", "").replace("Original", "").replace("Rel", "").replace("Desaturate", "Color")
    if short in WARPS:
        return WARPS[short](picture, argument, filter_, fill)
    return OPERATIONS[short](picture, argument)


def make_timm():
    cases = []
    for name in ("pattern 37 23", "source"):
        picture = PICTURES[name]
        for operation in TIMM:
            for level in (0.0, 1.0, 3.0, 4.7, 7.25, 9.0, 10.0):
                for sign in ((1, -1) if operation in SIGNED else (1,)):
                    translate = 0.45 if operation.endswith("Rel") else 100
                    argument = timm_argument(operation, level, sign, picture.size, translate, 40)
                    result = run_named(operation, picture, argument, Image.BICUBIC, FILL)
                    cases.append([operation, level, sign, translate, argument, name, sha(result)])
    return cases


def make_augmix():
    """Chains with fixed steps and shares; timm's _apply_basic with numpy."""
    cases = []
    chains = [
        [["Rotate", 13.0, "Bicubic"], ["Posterize", 3, "Nearest"]],
        [["Equalize", 0, "Nearest"]],
        [["TranslateX", 4.2, "Bilinear"], ["Color", 1.3, "Nearest"], ["ShearY", -0.21, "Bicubic"]],
    ]
    for name in ("pattern 37 23", "source"):
        for shares, mixed in (((0.2, 0.5, 0.3), 0.6), ((0.01, 0.98, 0.01), 0.999), ((0.3333, 0.3333, 0.3334), 1.0), ((0.1, 0.2, 0.7), 0.0)):
            picture = PICTURES[name]
            total = np.zeros(np.asarray(picture).shape, np.float32)
            for share, chain in zip(shares, chains):
                changed = picture
                for operation, argument, filter_name in chain:
                    changed = run_named(operation, changed, argument, FILTERS[filter_name], FILL)
                total += np.float32(share) * np.asarray(changed, dtype=np.float32)
            np.clip(total, 0, 255.0, out=total)
            result = Image.blend(picture, Image.fromarray(total.astype(np.uint8)), np.float32(mixed))
            cases.append([name, list(shares), mixed, sha(result)])
    return {"chains": chains, "cases": cases}


def cutout(picture, column, row, half):
    """The TPU code's mask with numpy."""
    a = np.asarray(picture).copy()
    height, width = a.shape[:2]
    lower, upper = max(0, row - half), max(0, height - row - half)
    left, right = max(0, column - half), max(0, width - column - half)
    a[lower:height - upper, left:width - right] = FILL
    return Image.fromarray(a, "RGB")


def make_cutouts():
    cases = []
    for column, row, half in ((0, 0, 5), (36, 22, 5), (10, 7, 0), (18, 11, 3), (18, 11, 100), (5, 20, 8)):
        cases.append([column, row, half, "pattern 37 23", sha(cutout(PICTURES["pattern 37 23"], column, row, half))])
    return cases


def main():
    goldens = {
        "madeWith": f"Pillow {PIL.__version__}, torchvision {torchvision.__version__}, torch {torch.__version__}, numpy {np.__version__}",
        "pictures": {name: sha(picture) for name, picture in PICTURES.items()},
        "operations": make_operations(),
        "matrices": make_matrices(),
        "grey": make_grey(),
        "torchvision": make_torchvision(),
        "timm": make_timm(),
        "augmix": make_augmix(),
        "cutouts": make_cutouts(),
    }
    # A case a line; the same long hash comes often, so cases name hashes by their first sixteen digits.
    def short(value):
        if isinstance(value, str) and re.fullmatch("[0-9a-f]{64}", value):
            return value[:16]
        if isinstance(value, list):
            return [short(v) for v in value]
        if isinstance(value, dict):
            return {k: short(v) for k, v in value.items()}
        return value

    with open(os.path.join(HERE, "augmentations.json"), "w") as f:
        text = json.dumps(short(goldens), separators=(",", ":"))
        f.write(text.replace("],[", "],\n[").replace(']],"', ']],\n"') + "\n")


main()
