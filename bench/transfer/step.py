#!/usr/bin/env python3
"""A fine-tuning step of EfficientNetV2-B0 by PyTorch: normalisations with their running statistics, AdamW.

    bench/transfer/step.py 32 160 5 1

Arguments: batch, resolution, rounds, threads. Prints the median processor time of a step. The tool's own step:

    dotnet run -c Release --project bench/EfficientNetSharp.Training.Benchmarks 32 160 5 "ours, fixed" tf_efficientnetv2_b0

Needs torch and torchvision.
"""
import functools
import statistics
import sys
import time

import torch
from torch import nn
from torchvision.models.efficientnet import EfficientNet, FusedMBConvConfig, MBConvConfig

# Expansion, kernel, stride, inputs, outputs, repeats.
STAGES = [
    FusedMBConvConfig(1, 3, 1, 32, 16, 1), FusedMBConvConfig(4, 3, 2, 16, 32, 2), FusedMBConvConfig(4, 3, 2, 32, 48, 2),
    MBConvConfig(4, 3, 2, 48, 96, 3), MBConvConfig(6, 3, 1, 96, 112, 5), MBConvConfig(6, 3, 2, 112, 192, 8),
]


def measure(format, batch, resolution, rounds):
    network = EfficientNet(STAGES, 0.2, last_channel=1280, norm_layer=functools.partial(nn.BatchNorm2d, eps=1e-3)).train()
    network = network.to(memory_format=format)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval()
    optimizer = torch.optim.AdamW(network.parameters(), 1e-4)
    images = torch.randn(batch, 3, resolution, resolution).to(memory_format=format)
    labels = torch.randint(1000, (batch,))
    times = []
    for _ in range(rounds + 1):
        started = time.process_time()
        optimizer.zero_grad()
        nn.functional.cross_entropy(network(images), labels).backward()
        optimizer.step()
        times.append(time.process_time() - started)
    return statistics.median(times[1:])


def main():
    batch, resolution, rounds, threads = map(int, sys.argv[1:5])
    torch.set_num_threads(threads)
    for name, format in (("NCHW", torch.contiguous_format), ("channels last", torch.channels_last)):
        print(f"{name:<14} processor {measure(format, batch, resolution, rounds):.2f} s")


if __name__ == "__main__":
    main()
