#!/usr/bin/env python3
"""Writes recipe.json: what PyTorch, and NumPy after TensorFlow's and timm's formulas, make of small vectors.

    python3 make_recipe_goldens.py > recipe.json        # torch 1.13, numpy 1.24

Three tensors lie end to end: a convolution kernel [6,2,3,1], a linear kernel [4,5], a bias [7]. Gradients differ from step to step.
AdamW, SGD, clipping by norm and value, and losses come from torch; RMSProp with TensorFlow's semantics, LAMB and adaptive clipping are
written out here in float64 from their definitions, as torch has none of them.
"""
import json
import sys

import numpy as np
import torch

SHAPES = [(6, 2, 3, 1), (4, 5), (7,)]
STEPS = 20
SHOWN = [0, 4, 19]
RATE = 0.02


def split(vector):
    parts, start = [], 0
    for shape in SHAPES:
        count = int(np.prod(shape))
        parts.append(vector[start:start + count].reshape(shape))
        start += count
    return parts


def join(parts):
    return np.concatenate([np.asarray(part).ravel() for part in parts])


def numbers(vector):
    return [float(f"{value:.9g}") for value in np.asarray(vector, dtype=np.float64).ravel()]


def torch_run(make, start, gradients):
    tensors = [torch.nn.Parameter(torch.tensor(part.copy())) for part in split(start)]
    optimizer = make(tensors)
    shown = []
    for step in range(STEPS):
        for tensor, gradient in zip(tensors, split(gradients[step])):
            tensor.grad = torch.tensor(gradient.copy())
        optimizer.step()
        if step in SHOWN:
            shown.append(numbers(join([tensor.detach().numpy() for tensor in tensors])))
    return shown


def rmsprop_tf(start, gradients, decays):
    # tf.raw_ops.ApplyRMSProp: ms += (g*g - ms) * (1 - rho); mom = momentum*mom + lr*g/sqrt(ms + eps); var -= mom. ms starts at 1.
    rho, momentum, epsilon = 0.9, 0.9, 1e-3
    value = start.astype(np.float64)
    square, buffer = np.ones_like(value), np.zeros_like(value)
    decay = join([np.full(shape, d) for shape, d in zip(SHAPES, decays)])
    shown = []
    for step in range(STEPS):
        gradient = gradients[step] + decay * value
        square += (gradient * gradient - square) * (1 - rho)
        buffer = momentum * buffer + RATE * gradient / np.sqrt(square + epsilon)
        value = value - buffer
        if step in SHOWN:
            shown.append(numbers(value))
    return shown


def lamb(start, gradients, decays):
    # You et al. 2020, Algorithm 2, phi = identity; tensors without decay keep a ratio of 1.
    beta1, beta2, epsilon = 0.9, 0.999, 1e-6
    values = [part.astype(np.float64) for part in split(start)]
    means = [np.zeros_like(v) for v in values]
    squares = [np.zeros_like(v) for v in values]
    shown = []
    for step in range(STEPS):
        for i, gradient in enumerate(split(gradients[step])):
            gradient = gradient.astype(np.float64)
            means[i] = beta1 * means[i] + (1 - beta1) * gradient
            squares[i] = beta2 * squares[i] + (1 - beta2) * gradient ** 2
            m, v = means[i] / (1 - beta1 ** (step + 1)), squares[i] / (1 - beta2 ** (step + 1))
            update = m / (np.sqrt(v) + epsilon) + decays[i] * values[i]
            ratio = np.linalg.norm(values[i]) / np.linalg.norm(update) if decays[i] else 1.0
            values[i] = values[i] - RATE * ratio * update
        if step in SHOWN:
            shown.append(numbers(join(values)))
    return shown


def adaptive_clip(value, gradient, share, epsilon=1e-3):
    # Brock et al. 2021, eq. 3, in timm's form: norms over all axes but the first; a vector is one unit.
    axes = tuple(range(1, value.ndim)) if value.ndim > 1 else None
    norm = lambda x: np.sqrt((x.astype(np.float64) ** 2).sum(axis=axes, keepdims=value.ndim > 1))
    most, found = np.maximum(norm(value), epsilon) * share, norm(gradient)
    return np.where(found > most, gradient * (most / np.maximum(found, 1e-6)), gradient)


def main():
    random = np.random.default_rng(20)
    count = sum(int(np.prod(shape)) for shape in SHAPES)
    start = random.normal(size=count).astype(np.float32)
    gradients = random.normal(size=(STEPS, count)).astype(np.float32)
    groups = lambda tensors, decay: [{"params": tensors[:2], "weight_decay": decay}, {"params": tensors[2:], "weight_decay": 0.0}]
    result = {
        "start": numbers(start), "gradients": [numbers(g) for g in gradients], "steps": SHOWN, "rate": RATE,
        "adamw": torch_run(lambda t: torch.optim.AdamW(groups(t, 0.05), lr=RATE), start, gradients),
        "sgd": torch_run(lambda t: torch.optim.SGD(groups(t, 0.01), lr=RATE, momentum=0.9, nesterov=True), start, gradients),
        "rmsprop_tf": rmsprop_tf(start, gradients, [0.01, 0.01, 0.0]),
        "lamb": lamb(start, gradients, [0.02, 0.02, 0.0]),
    }

    tensors = [torch.nn.Parameter(torch.tensor(part.copy())) for part in split(start)]
    for name, clip in (("clip_norm", lambda: torch.nn.utils.clip_grad_norm_(tensors, 1.5)), ("clip_value", lambda: torch.nn.utils.clip_grad_value_(tensors, 0.3))):
        for tensor, gradient in zip(tensors, split(gradients[0])):
            tensor.grad = torch.tensor(gradient.copy())
        clip()
        result[name] = numbers(join([tensor.grad.numpy() for tensor in tensors]))
    small = start.copy()
    small[:6] = 0  # The first output channel has no length, so the least one counts.
    result["clip_adaptive_start"] = numbers(small)
    result["clip_adaptive"] = numbers(join([adaptive_clip(v, g, 0.01) for v, g in zip(split(small), split(gradients[0]))]))

    logits = torch.tensor(random.normal(size=(4, 5)).astype(np.float32) * 2, requires_grad=True)
    teacher = torch.tensor(random.normal(size=(4, 5)).astype(np.float32) * 2)
    first, second = torch.tensor([0, 3, 2, 4]), torch.tensor([1, 3, 0, 2])
    share = torch.tensor([0.25, 0.6, 1.0, 0.9])
    one_hot = lambda labels: torch.nn.functional.one_hot(labels, 5).float()
    mixed = one_hot(first) * share[:, None] + one_hot(second) * (1 - share[:, None])
    losses = {
        "plain": torch.nn.functional.cross_entropy(logits, first, label_smoothing=0.1),
        "mixed": torch.nn.functional.cross_entropy(logits, mixed, label_smoothing=0.1),
        "distillation": torch.nn.functional.kl_div(
            torch.log_softmax(logits / 3, 1), torch.softmax(teacher / 3, 1), reduction="batchmean") * 9,
    }
    result["loss"] = {
        "logits": numbers(logits.detach()), "teacher": numbers(teacher), "first": first.tolist(), "second": second.tolist(), "share": numbers(share),
        "temperature": 3, "smoothing": 0.1,
        **{name: {"value": float(f"{loss.item():.9g}"), "gradient": numbers(torch.autograd.grad(loss, logits, retain_graph=True)[0])} for name, loss in losses.items()},
    }
    json.dump(result, sys.stdout, separators=(",", ":"))


main()
