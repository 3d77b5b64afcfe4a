"""Makes mixing.json: batches mixed by torch with given shares and boxes, after the formulas of timm/data/mixup.py.

    python3 make_mixing_goldens.py        run in this folder
"""
import hashlib
import json
import math
import os

import torch

HERE = os.path.dirname(os.path.abspath(__file__))


def batch(n, c, h, w):
    """Values given by a formula; BatchMixerTests.cs has the same ones."""
    i = torch.arange(n * c * h * w, dtype=torch.int64)
    return ((i * 7919 % 1009).float() / 64 - 7).reshape(n, c, h, w)


def box(share, row, column, h, w):
    ratio = math.sqrt(1 - share)
    cut_h, cut_w = int(h * ratio), int(w * ratio)
    clip = lambda v, top: min(max(v, 0), top)
    return clip(row - cut_h // 2, h), clip(row + cut_h // 2, h), clip(column - cut_w // 2, w), clip(column + cut_w // 2, w)


def mixed(x, mixes):
    """Each picture i with picture n − 1 − i as it was; a mix is [kind, share, row, column]."""
    n, _, h, w = x.shape
    out, shares = x.clone(), []
    for i, (kind, share, row, column) in enumerate(mixes):
        other = x[n - 1 - i]
        share = torch.tensor(share, dtype=torch.float32)
        if kind == "mixup":
            out[i] = x[i] * share + other * (1 - share)
        elif kind == "cutmix":
            yl, yh, xl, xh = box(share.item(), row, column, h, w)
            out[i][:, yl:yh, xl:xh] = other[:, yl:yh, xl:xh]
            share = torch.tensor(1.0 - (yh - yl) * (xh - xl) / float(h * w), dtype=torch.float32)
        shares.append(share.item() if kind != "none" else 1.0)
    return out, shares


def main():
    cases = []
    for n, h, w in ((2, 5, 7), (4, 16, 12), (5, 9, 9)):
        x = batch(n, 3, h, w)
        lists = [
            [["mixup", 0.3, 0, 0]] * n,
            [["cutmix", 0.6, 3, 4]] * n,
            [["cutmix", 0.01, 0, w - 1]] * n,
            [["cutmix", 0.999, 2, 2]] * n,
            [[("mixup", "cutmix", "none")[i % 3], 0.125 + 0.15 * i, i, 2 * i] for i in range(n)],
        ]
        for mixes in lists:
            # The picture in the middle stays.
            mixes = [["none", 1.0, 0, 0] if 2 * i == n - 1 else m for i, m in enumerate(mixes)]
            out, shares = mixed(x, mixes)
            cases.append({"shape": [n, 3, h, w], "mixes": mixes, "shares": shares, "sha256": hashlib.sha256(out.numpy().tobytes()).hexdigest()})
    with open(os.path.join(HERE, "mixing.json"), "w") as f:
        json.dump({"madeWith": f"torch {torch.__version__}", "cases": cases}, f, indent=1)
        f.write("\n")


main()
