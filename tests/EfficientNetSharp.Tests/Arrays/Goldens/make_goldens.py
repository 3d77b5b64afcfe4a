"""Writes the .npy files of this folder with NumPy. Run in this folder; the tests hold the values that are expected."""
import numpy as np
from numpy.lib import format as npy

grid = np.arange(24, dtype=np.float32).reshape(2, 3, 4) / 8
np.save("float32_2x3x4.npy", grid)
np.save("fortran_2x3x4.npy", np.asfortranarray(grid))
np.save("big_endian_2x3x4.npy", grid.astype(">f4"))
np.save("float64_3.npy", np.array([1 / 3, -1e300, 2.0**-149]))
np.save("float16_4.npy", np.array([1 / 3, 65504, 6e-8, -np.inf], dtype=np.float16))
np.save("uint8_4.npy", np.array([0, 1, 128, 255], dtype=np.uint8))
np.save("int64_3.npy", np.array([-(2**63), 16777217, 5]))
np.save("bool_3.npy", np.array([True, False, True]))
np.save("scalar.npy", np.float32(2.5))
np.save("empty_0x5.npy", np.zeros((0, 5), dtype=np.float32))
np.save("complex_1.npy", np.array([1j]))
np.save("text_1.npy", np.array(["a"]))
np.save("record_1.npy", np.zeros(1, dtype=[("a", "<f4"), ("b", "<i4")]))
np.save("object_1.npy", np.array([None]), allow_pickle=True)
for version in [(2, 0), (3, 0)]:
    with open(f"version{version[0]}_2.npy", "wb") as file:
        npy.write_array(file, np.array([1.5, -2.5], dtype=np.float32), version=version)
