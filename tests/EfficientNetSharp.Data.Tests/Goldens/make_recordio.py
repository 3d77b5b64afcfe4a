"""Writes recordio/: a set in insightface's layout, framed by mxnet/recordio.py's rules, with nothing but the standard library."""
import os, struct, zlib

MAGIC = 0xCED7230A


def png(draw, side=8):
    rows = b"".join(b"\0" + bytes(255 if draw(x, y) else 30 for x in range(side)) for y in range(side))
    chunk = lambda name, data: struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)) + chunk(
        b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def frame(payload):
    parts, start, word = [], 0, struct.pack("<I", MAGIC)
    for at in range(0, len(payload) // 4 * 4, 4):
        if payload[at:at + 4] == word:
            parts.append(payload[start:at])
            start = at + 4
    parts.append(payload[start:])
    out = b""
    for number, part in enumerate(parts):
        flag = 0 if len(parts) == 1 else 1 if number == 0 else 3 if number == len(parts) - 1 else 2
        out += struct.pack("<II", MAGIC, flag << 29 | len(part)) + part + b"\0" * (-len(part) % 4)
    return out


def pack(key, labels, image=b""):
    header = struct.pack("<IfQQ", 0, labels[0], key, 0) if len(labels) == 1 else struct.pack(
        "<IfQQ", len(labels), 0, key, 0) + struct.pack(f"<{len(labels)}f", *labels)
    return frame(header + image)


here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "recordio")
os.makedirs(here, exist_ok=True)
images = [(0, lambda x, y, r=r: (x - 4) ** 2 + (y - 4) ** 2 < r) for r in (4, 9, 14)] + [
    (1, lambda x, y, r=r: abs(x - 4) < r and abs(y - 4) < r) for r in (1, 2, 3)]
records = [pack(0, [7.0, 9.0])]
listed = []
for key, (label, draw) in enumerate(images, 1):
    # Behind the end of a PNG decoders do not look; the record is split there, where it happens to be aligned.
    records.append(pack(key, [float(label)], png(draw) + b"\0" * (-len(png(draw)) % 4) + (struct.pack("<I", MAGIC) * 3 if key == 2 else b"")))
    listed.append(f"{key}\t{label:.6f}\t{('circle', 'square')[label]}/{key}.png\n")
records += [pack(7, [1.0, 4.0]), pack(8, [4.0, 7.0])]
with open(os.path.join(here, "train.rec"), "wb") as rec, open(os.path.join(here, "train.idx"), "w") as idx:
    for key, record in enumerate(records):
        idx.write(f"{key}\t{rec.tell()}\n")
        rec.write(record)
open(os.path.join(here, "train.lst"), "w").write("".join(listed))
open(os.path.join(here, "property"), "w").write("2,8,8\n")
