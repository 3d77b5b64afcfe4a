"""Writes small.safetensors from the format's description alone, with struct; no safetensors library takes part.

Run with numpy and torch, in this folder. The file has every kind of tensor that is read as float32, a scalar, an empty tensor,
raw integer tensors, names beyond ASCII, and metadata. Order and padding follow the reference implementation: widest type first
in the order of its dtype list, then by name; the header filled up with spaces to a multiple of eight.
The values that the tests expect of F16 and BF16 are what numpy and torch print here.
"""
import json
import struct

import numpy as np
import torch

third = [1 / 3, -2.5, 65504.0, 6e-8, 0.0, float("inf")]
half = np.array(third, dtype=np.float16)
brain = torch.tensor([1 / 3, -2.5, 3.0e38, 1e-40, 0.0, float("-inf")]).to(torch.bfloat16)

tensors = [  # (name, dtype, shape, bytes), in the order of the file
    ("long", "I64", [2], struct.pack("<2q", -(2**63), 2**63 - 1)),
    ("double", "F64", [1, 3], struct.pack("<3d", 1 / 3, 1e300, -0.0)),
    ("empty", "F32", [0, 3], b""),
    ("scalar", "F32", [], struct.pack("<f", 3.25)),
    ('stages.0 "größe" 😀', "F32", [2, 2], struct.pack("<4f", 1, -2, 0.1, float("nan"))),
    ("half", "F16", [2, 3], half.tobytes()),
    ("brain", "BF16", [6], brain.view(torch.int16).numpy().tobytes()),
    ("bytes", "I8", [3], struct.pack("<3b", -128, 0, 127)),
    ("flags", "BOOL", [2], b"\x00\x01"),
]
# The reference's list of dtypes runs BOOL … U8 I8 … I16 U16 F16 BF16 I32 U32 F32 C64 F64 I64 U64, and is sorted downwards.
order = ["BOOL", "U8", "I8", "I16", "U16", "F16", "BF16", "I32", "U32", "F32", "C64", "F64", "I64", "U64"]
tensors.sort(key=lambda t: (-order.index(t[1]), t[0].encode()))

header, offset = {"__metadata__": {"format": "test", "line": 'a "b"\n'}}, 0
for name, dtype, shape, data in tensors:
    header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [offset, offset + len(data)]}
    offset += len(data)
text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
text += b" " * (-len(text) % 8)
with open("small.safetensors", "wb") as file:
    file.write(struct.pack("<Q", len(text)) + text + b"".join(t[3] for t in tensors))

print("half", [repr(float(v)) for v in half.astype(np.float32)])
print("brain", [repr(float(v)) for v in brain.float()])
