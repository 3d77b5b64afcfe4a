"""Makes the files beside it: PyTorch 1.13, h5py 3.7 and NumPy 1.24 (Debian 12). Run by hand; tests only read them.

Values are k/8 for the k-th element of a tensor, plus a tensor's own whole number, so that each value says where it belongs.
"""
import collections
import gzip
import io
import os
import struct
import tarfile
import zipfile

import h5py
import numpy as np
import torch


def grid(shape, start):
    return (start + np.arange(int(np.prod(shape))) / 8).reshape(shape).astype(np.float32)


def tensor(shape, start):
    return torch.from_numpy(grid(shape, start))


def make_torch():
    base = tensor((4, 3), 1)
    state = collections.OrderedDict()
    state["conv.weight"] = tensor((2, 3, 1, 1), 0)
    state["transposed"] = base.t()
    state["row"] = base[2]
    state["every_other"] = base[::2, 1:]
    state["half"] = tensor((3,), 2).half()
    state["bfloat16"] = tensor((3,), 3).bfloat16()
    state["double"] = tensor((2,), 4).double()
    state["long"] = torch.tensor([-3, 70000], dtype=torch.int64)
    state["int"] = torch.tensor([-3, 70000], dtype=torch.int32)
    state["short"] = torch.tensor([-3, 300], dtype=torch.int16)
    state["char"] = torch.tensor([-3, 100], dtype=torch.int8)
    state["byte"] = torch.tensor([3, 200], dtype=torch.uint8)
    state["bool"] = torch.tensor([True, False])
    state["bn.num_batches_tracked"] = torch.tensor(7)
    state["empty"] = torch.zeros(0, 5)
    state["expanded"] = torch.tensor([2.5]).expand(3)
    torch.save(state, "torch_zip.pth")
    torch.save(state, "torch_legacy.pth", _use_new_zipfile_serialization=False)
    for protocol in (4, 5):
        torch.save(state, f"torch_protocol{protocol}.pth", pickle_protocol=protocol)

    model = torch.nn.Sequential(collections.OrderedDict(conv=torch.nn.Conv2d(1, 2, 1), bn=torch.nn.BatchNorm2d(2)))
    with torch.no_grad():
        for i, value in enumerate(model.state_dict().values()):
            value.copy_(tensor(tuple(value.shape), i))
    wrapped = torch.nn.DataParallel(model)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    sum(p.sum() for p in model.parameters()).backward()
    optimizer.step()
    with torch.no_grad():
        for i, value in enumerate(model.state_dict().values()):
            value.copy_(tensor(tuple(value.shape), i))
    ema = collections.OrderedDict((k, v + 100) for k, v in model.state_dict().items())
    checkpoint = {
        "epoch": 12, "arch": "efficientnet_b0", "metric": 0.75, "best": True, "nothing": None, "history": [1.5, (2, "x"), {"y": 3}],
        "state_dict": wrapped.state_dict(), "optimizer": optimizer.state_dict(), "state_dict_ema": ema,
    }
    torch.save(checkpoint, "torch_checkpoint.pth")
    torch.save(checkpoint, "torch_checkpoint_legacy.pth", _use_new_zipfile_serialization=False)
    average = torch.optim.swa_utils.AveragedModel(model)
    torch.save({"model_ema": average.state_dict(), "epoch": 3}, "torch_averaged.pth")
    torch.save(dict(model.named_parameters()), "torch_parameters.pth")
    torch.save(model, "torch_module.pth")
    torch.save([1, 2], "torch_list.pth")
    torch.save({"weights": 1}, "torch_no_tensors.pth")

    # The same archive packed anew with compression.
    with zipfile.ZipFile("torch_zip.pth") as old, zipfile.ZipFile("torch_deflated.pth", "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name), old.read(name), zipfile.ZIP_DEFLATED)

    # Newer versions write the byte order; here of a machine with the other one.
    with zipfile.ZipFile("torch_zip.pth") as old, zipfile.ZipFile("torch_big_endian.pth", "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name.endswith("/data/0"):
                data = np.frombuffer(data, "<f4").astype(">f4").tobytes()
            new.writestr(zipfile.ZipInfo(name), data)
        new.writestr(zipfile.ZipInfo("torch_zip/byteorder"), b"big")


def make_numpy():
    arrays = {
        "conv": grid((2, 3), 1), "blocks/0/w": grid((4,), 2).astype(np.float64), "fortran": np.asfortranarray(grid((2, 3), 3)),
        "scalar": np.float32(2.5), "ints": np.array([-3, 7], np.int32), "zeros": np.zeros((1000,), np.float16),
    }
    np.savez("numpy.npz", **arrays)
    np.savez_compressed("numpy_compressed.npz", **arrays)
    np.savez("numpy_objects.npz", a=np.array([{}], dtype=object))


def text_list(names):
    return np.array([name.encode() for name in names], dtype=f"S{max(len(name) for name in names)}")


def keras2_layers(group, layers):
    group.attrs["layer_names"] = text_list([layer for layer, _ in layers])
    group.attrs["backend"] = b"tensorflow"
    group.attrs["keras_version"] = b"2.11.0"
    for layer, weights in layers:
        own = group.create_group(layer)
        own.attrs["weight_names"] = text_list([name for name, _ in weights]) if weights else np.zeros((0,), "S1")
        for name, value in weights:
            own.create_dataset(name, data=value)


def make_keras():
    stem = [("stem_conv/kernel:0", grid((1, 1, 3, 2), 1))]
    bn = [(f"stem_bn/{name}:0", grid((2,), 2 + i)) for i, name in enumerate(["gamma", "beta", "moving_mean", "moving_variance"])]
    top = [("predictions/kernel:0", grid((2, 3), 6)), ("predictions/bias:0", grid((3,), 7))]
    layers = [("input_1", []), ("stem_conv", stem), ("stem_bn", bn), ("activation", []), ("predictions", top)]
    with h5py.File("keras2_weights.h5", "w") as f:
        keras2_layers(f, layers)
    with h5py.File("keras2_model.h5", "w") as f:
        f.attrs["model_config"] = '{"class_name": "Functional"}'
        keras2_layers(f.create_group("model_weights"), layers)
        optimizer = f.create_group("optimizer_weights")
        optimizer.create_dataset("Adam/iter:0", data=np.int64(7))
    with h5py.File("keras2_nested.h5", "w") as f:
        keras2_layers(f, [("efficientnetb0", stem + bn), ("top_level", [("old_name/kernel:0", grid((2, 2), 8))]), ("predictions", top)])
    # Without attributes; in chunks that reach beyond the edges, compressed, with a checksum.
    with h5py.File("keras2_chunked.h5", "w") as f:
        f.create_dataset("stem_dense/stem_dense/kernel:0", data=grid((64, 3), 1), compression="gzip", shuffle=True, chunks=(16, 3))
        f.create_dataset("stem_conv/stem_conv/kernel:0", data=grid((5, 7, 3), 1), chunks=(2, 3, 2))
        f.create_dataset("stem_bn/stem_bn/beta:0", data=grid((3,), 2).astype(np.float16), compression="gzip", chunks=(2,), fletcher32=True)
    # In the newer file version, float16, integers and big-endian.
    with h5py.File("keras2_latest.h5", "w", libver="latest") as f:
        f.create_dataset("stem_bn/stem_bn/beta:0", data=grid((3,), 2).astype(np.float16))
        f.create_dataset("stem_bn/stem_bn/counts:0", data=np.array([-3, 7], np.int16))
        f.create_dataset("stem_bn/stem_bn/gamma:0", data=grid((3,), 3).astype(">f8"))
    with h5py.File("keras2_latest_chunked.h5", "w", libver="latest") as f:
        f.create_dataset("stem_conv/stem_conv/kernel:0", data=grid((64, 3), 1), compression="gzip", chunks=(16, 3))
    # More names than one node of a group's tree takes (32 tables of 8); and lists of names in parts, as Keras splits long ones.
    with h5py.File("keras2_many.h5", "w") as f:
        f.attrs["layer_names0"], f.attrs["layer_names1"] = ["zeta"], text_list(["many"])
        f.attrs["backend"] = "\u20ac"
        f.create_dataset("zeta/bias:0", data=grid((1,), 1))
        for i in range(300):
            f[f"many/w{i:03}"] = f["zeta/bias:0"]
    for name, top_group in (("keras3.weights.h5", "layers"), ("keras3_dependencies.weights.h5", "_layer_checkpoint_dependencies")):
        with h5py.File(name, "w") as f:
            f.create_dataset(f"{top_group}/conv2d/vars/0", data=grid((1, 1, 3, 2), 1))
            for i in range(4):
                f.create_dataset(f"{top_group}/batch_normalization/vars/{i}", data=grid((2,), 2 + i))
            f.create_dataset(f"{top_group}/functional/layers/dense/vars/0", data=grid((2, 3), 6))
            f.create_group(f"{top_group}/activation/vars")
            f.create_dataset("optimizer/vars/0", data=np.int64(3))
    for name, method in (("keras3.keras", zipfile.ZIP_STORED), ("keras3_deflated.keras", zipfile.ZIP_DEFLATED)):
        with zipfile.ZipFile(name, "w") as z:
            z.writestr(zipfile.ZipInfo("metadata.json"), '{"keras_version": "3.0.0"}', method)
            z.writestr(zipfile.ZipInfo("config.json"), "{}", method)
            z.writestr(zipfile.ZipInfo("model.weights.h5"), open("keras3.weights.h5", "rb").read(), method)
    with h5py.File("hdf5_other.h5", "w") as f:
        f.create_dataset("names", data=text_list(["a", "b"]))
    with h5py.File("hdf5_links.h5", "w") as f:
        f.create_dataset("layer/kernel:0", data=grid((2,), 1))
        f["layer/linked"] = h5py.ExternalLink("keras2_weights.h5", "/stem_conv/stem_conv/kernel:0")
        f["layer/soft"] = h5py.SoftLink("/layer")
        f["layer/hard"] = f["layer"]
    with h5py.File("hdf5_outside.h5", "w") as f:
        f.create_dataset("layer/outside:0", (4,), "u1", external=[("numpy.npz", 0, 4)])


def crc32c(data):
    crc = 0xFFFFFFFF
    for b in data:
        crc = crc >> 8 ^ CRC_TABLE[(crc ^ b) & 0xFF]
    return crc ^ 0xFFFFFFFF


assert crc32c(b"123456789") == 0xE3069283


def masked(data):
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def varint(n):
    out = b""
    while n >= 0x80:
        out += bytes([n & 0x7F | 0x80])
        n >>= 7
    return out + bytes([n])


def field(number, value):
    if isinstance(value, bytes):
        return varint(number << 3 | 2) + varint(len(value)) + value
    return varint(number << 3) + varint(value)


def block(entries, restart_interval):
    out, restarts, last = b"", [], b""
    for i, (key, value) in enumerate(entries):
        shared = 0
        if i % restart_interval == 0:
            restarts.append(len(out))
        else:
            while shared < min(len(last), len(key)) and last[shared] == key[shared]:
                shared += 1
        out += varint(shared) + varint(len(key) - shared) + varint(len(value)) + key[shared:] + value
        last = key
    restarts = restarts or [0]
    return out + b"".join(struct.pack("<I", r) for r in restarts) + struct.pack("<I", len(restarts))


def table(entries, entries_per_block):
    out, index = b"", []

    def append(contents):
        nonlocal out
        handle = varint(len(out)) + varint(len(contents))
        out += contents + b"\0" + struct.pack("<I", masked(contents + b"\0"))
        return handle

    for i in range(0, len(entries), entries_per_block):
        part = entries[i:i + entries_per_block]
        index.append((part[-1][0] + b"\0", append(block(part, 16))))
    meta = append(block([], 1))
    footer = meta + append(block(index, 1))
    return out + footer.ljust(40, b"\0") + struct.pack("<Q", 0xDB4775248B80FB57)


TF_TYPES = {"float32": 1, "float64": 2, "int32": 3, "uint8": 4, "int16": 5, "int8": 6, "int64": 9, "bool": 10, "float16": 19}


def make_tensorflow():
    variables = {
        "efficientnet-b0/stem/conv2d/kernel": grid((1, 1, 3, 2), 1),
        "efficientnet-b0/stem/tpu_batch_normalization/beta": grid((2,), 2),
        "efficientnet-b0/stem/tpu_batch_normalization/gamma": grid((2,), 3),
        "efficientnet-b0/blocks_0/conv2d/kernel": grid((3, 3), 4).astype(np.float64),
        "efficientnet-b0/head/dense/bias": grid((3,), 5).astype(np.float16),
        "global_step": np.array(1234567, dtype=np.int64),
    }
    entries, shards = [(b"", field(1, 2) + field(3, field(1, 1)))], [b"", b""]
    for i, (name, value) in enumerate(sorted(variables.items())):
        data, shard = value.tobytes(), i % 2
        shape = b"".join(field(2, field(1, d)) for d in value.shape)
        message = field(1, TF_TYPES[str(value.dtype)]) + field(2, shape)
        message += (field(3, shard) if shard else b"") + (field(4, len(shards[shard])) if shards[shard] else b"")
        message += field(5, len(data)) + varint(6 << 3 | 5) + struct.pack("<I", masked(data))
        entries.append((name.encode(), message))
        shards[shard] += data
    # A text, which is no weight, and a variable in two parts, whose parts have keys of another order.
    entries.append((b"_CHECKPOINTABLE_OBJECT_GRAPH", field(1, 7) + field(2, b"") + field(5, 0)))
    entries.append((b"split", field(1, 1) + field(2, field(2, field(1, 4))) + field(7, field(1, b""))))
    entries.append((b"\0split-part", field(1, 1)))
    entries.sort()
    index = table(entries, 3)
    files = {"model.ckpt.index": index, "model.ckpt.data-00000-of-00002": shards[0], "model.ckpt.data-00001-of-00002": shards[1]}
    files["checkpoint"] = b'model_checkpoint_path: "/home/tpu/run/model.ckpt"\nall_model_checkpoint_paths: "/home/tpu/run/model.ckpt"\n'
    for name, data in files.items():
        open(f"tensorflow/{name}", "wb").write(data)

    def pack(path, members, **options):
        raw = io.BytesIO()
        with tarfile.open(fileobj=raw, mode="w", **options) as tar:
            for name, data in members.items():
                info = tarfile.TarInfo(name)
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
        open(path, "wb").write(gzip.compress(raw.getvalue(), mtime=0) if path.endswith("gz") else raw.getvalue())

    pack("tensorflow.tar.gz", {f"efficientnet-b0/{name}": data for name, data in files.items()}, format=tarfile.GNU_FORMAT)
    long = "a-folder-with-a-long-name/" * 6
    pack("tensorflow_pax.tar.gz", {long + name: data for name, data in files.items()} | {"evil/../../escape.index.txt": b"x", "._model.ckpt.index": b"x"}, format=tarfile.PAX_FORMAT)
    pack("tensorflow_several.tar.gz", {**{f"a/{n}": d for n, d in files.items()}, **{f"b/{n}": d for n, d in files.items()}})


if __name__ == "__main__":
    os.makedirs("tensorflow", exist_ok=True)
    torch.manual_seed(0)
    make_torch()
    make_numpy()
    make_keras()
    make_tensorflow()
