"""Writes tiny datasets in the true formats, and expected.json with what a reader must find in them.

Needs Debian's python3-pil, python3-numpy, python3-scipy and python3-protobuf. Parquet files are made by make_parquet.cs.
"""
import hashlib, io, json, os, pickle, shutil, struct, tarfile
import numpy as np
import scipy.io
from PIL import Image
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

HERE = os.path.dirname(os.path.abspath(__file__))
random = np.random.RandomState(7)
expected = {}


def encode(kind="JPEG", size=(12, 9)):
    """A picture that no other picture here equals."""
    pixels = random.randint(0, 256, (size[1], size[0], 3), np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, kind)
    return out.getvalue()


def write(path, data):
    path = os.path.join(HERE, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb" if isinstance(data, bytes) else "w") as file:
        file.write(data)


def sha(data):
    return hashlib.sha256(data).hexdigest()


def picture(root, name, kind="JPEG"):
    data = encode(kind)
    write(f"{root}/{name}", data)
    return sha(data)


def expect(name, classes, **parts):
    """parts: part -> [(name, label, sha256 of the file)]."""
    expected[name] = {
        "classes": classes,
        "parts": {part: [{"name": n, "label": l, "sha256": h} for n, l, h in rows] for part, rows in parts.items()},
    }


def fresh(root):
    shutil.rmtree(os.path.join(HERE, root), ignore_errors=True)


def flowers():
    root = "flowers-102"
    fresh(root)
    labels = [77, 1, 102, 77, 5, 1]
    hashes = [picture(root, f"jpg/image_{i:05d}.jpg") for i in range(1, 7)]
    scipy.io.savemat(os.path.join(HERE, root, "imagelabels.mat"), {"labels": np.array([labels], np.uint8)}, do_compression=True)
    sets = {"trnid": [4, 2], "valid": [1], "tstid": [3, 6, 5]}
    scipy.io.savemat(os.path.join(HERE, root, "setid.mat"), {k: np.array([v], np.float64) for k, v in sets.items()}, do_compression=True)
    rows = lambda ids: [(f"jpg/image_{i:05d}.jpg", labels[i - 1] - 1, hashes[i - 1]) for i in ids]
    expect(root, [str(i) for i in range(1, 103)], train=rows(sets["trnid"]), val=rows(sets["valid"]), test=rows(sets["tstid"]))


def pets():
    root = "oxford-iiit-pet"
    fresh(root)
    train = [("Abyssinian_100", 1), ("Abyssinian_34", 1), ("american_bulldog_1", 2), ("american_bulldog_2", 2), ("yorkshire_terrier_9", 37)]
    test = [("Abyssinian_201", 1), ("yorkshire_terrier_106", 37)]
    write(f"{root}/annotations/trainval.txt", "".join(f"{n} {c} 1 1\n" for n, c in train))
    write(f"{root}/annotations/test.txt", "".join(f"{n} {c} 2 25\n" for n, c in test))
    # The real list.txt starts with comments; the two lists that are read may as well.
    rows = lambda list: [(f"images/{n}.jpg", c - 1, picture(root, f"images/{n}.jpg")) for n, c in list]
    classes = [str(i) for i in range(1, 38)]
    classes[0], classes[1], classes[36] = "Abyssinian", "American Bulldog", "Yorkshire Terrier"
    expect(root, classes, train=rows(train), test=rows(test))


def food():
    root = "food-101"
    fresh(root)
    write(f"{root}/meta/classes.txt", "apple_pie\nbaby_back_ribs\nwaffles\n")
    train = ["apple_pie/1005649", "apple_pie/1014775", "baby_back_ribs/1005293", "waffles/100", "waffles/101"]
    test = ["apple_pie/1011328", "waffles/99"]
    write(f"{root}/meta/train.txt", "\n".join(train) + "\n")
    write(f"{root}/meta/test.txt", "\n".join(test))
    classes = ["apple_pie", "baby_back_ribs", "waffles"]
    rows = lambda list: [(f"images/{n}.jpg", classes.index(n.split("/")[0]), picture(root, f"images/{n}.jpg")) for n in list]
    expect(root, classes, train=rows(train), test=rows(test))


def struct_array(rows, fields):
    array = np.empty((1, len(rows)), dtype=[(f, object) for f in fields])
    for i, row in enumerate(rows):
        array[0, i] = tuple(row)
    return array


def cell(texts):
    array = np.empty((1, len(texts)), dtype=object)
    array[0, :] = texts
    return array


def cars():
    classes = ["AM General Hummer SUV 2000", "Acura RL Sedan 2012", "smart fortwo Convertible 2012"]
    byte = lambda n: np.uint8(n)
    root = "cars-whole"
    fresh(root)
    rows = [(f"car_ims/{i:06d}.jpg", c, t) for i, (c, t) in enumerate([(1, 0), (1, 1), (3, 0), (2, 0), (2, 1)], 1)]
    hashes = {n: picture(root, n) for n, _, _ in rows}
    fields = ["relative_im_path", "bbox_x1", "bbox_y1", "bbox_x2", "bbox_y2", "class", "test"]
    scipy.io.savemat(os.path.join(HERE, root, "cars_annos.mat"), {
        "annotations": struct_array([(n, np.uint16(112), byte(7), np.uint16(853), np.uint16(717), byte(c), byte(t)) for n, c, t in rows], fields),
        "class_names": cell(classes)}, do_compression=True)
    expect(root, classes, train=[(n, c - 1, hashes[n]) for n, c, t in rows if t == 0], test=[(n, c - 1, hashes[n]) for n, c, t in rows if t == 1])

    root = "stanford_cars"
    fresh(root)
    os.makedirs(os.path.join(HERE, root, "devkit"))
    scipy.io.savemat(os.path.join(HERE, root, "devkit/cars_meta.mat"), {"class_names": cell(classes)})
    fields = ["bbox_x1", "bbox_y1", "bbox_x2", "bbox_y2", "class", "fname"]
    parts = {}
    for part, folder, file, labels in [("train", "cars_train", "devkit/cars_train_annos.mat", [3, 1, 1, 2]), ("test", "cars_test", "cars_test_annos_withlabels.mat", [2, 3])]:
        names = [f"{i:05d}.jpg" for i in range(1, len(labels) + 1)]
        parts[part] = [(f"{folder}/{n}", c - 1, picture(root, f"{folder}/{n}")) for n, c in zip(names, labels)]
        scipy.io.savemat(os.path.join(HERE, root, file), {"annotations": struct_array([(byte(39), np.uint16(116), np.uint16(569), np.uint16(375), byte(c), n) for n, c in zip(names, labels)], fields)})
    expect(root, classes, **parts)


def aircraft():
    root = "fgvc-aircraft-2013b"
    fresh(root)
    classes = ["707-320", "A300B4", "F/A-18", "Cessna Citation 525"]
    write(f"{root}/data/variants.txt", "\n".join(classes) + "\n")
    lists = {"train": [("0787226", 0), ("0056978", 2), ("0034309", 3)], "val": [("1025794", 1), ("0034958", 3)], "test": [("1514522", 0), ("0062765", 2)]}
    parts = {}
    for part, list in lists.items():
        write(f"{root}/data/images_variant_{part}.txt", "".join(f"{n} {classes[c]}\n" for n, c in list))
        parts[part] = [(f"images/{n}.jpg", c, picture(root, f"data/images/{n}.jpg")) for n, c in list]
    expect(root, classes, **parts)


def birdsnap():
    root = "birdsnap"
    fresh(root)
    write(f"{root}/species.txt", "id\tcommon\tscientific\tdir\twebpage\n1\tAcadian Flycatcher\tEmpidonax virescens\tAcadian_Flycatcher\tacadian\n2\tAcorn Woodpecker\tMelanerpes formicivorus\tAcorn_Woodpecker\tacorn\n")
    images = [("Acadian_Flycatcher/10.jpg", 1), ("Acadian_Flycatcher/11.jpg", 1), ("Acorn_Woodpecker/2.jpg", 2), ("Acorn_Woodpecker/3.jpg", 2), ("Acorn_Woodpecker/gone.jpg", 2)]
    test = ["Acadian_Flycatcher/11.jpg"]
    write(f"{root}/images.txt", "url\tmd5\tpath\tspecies_id\tbb_x1\tbb_y1\tbb_x2\tbb_y2\n" + "".join(f"http://x/{i}.jpg\tabc\t{n}\t{s}\t1\t2\t3\t4\n" for i, (n, s) in enumerate(images)))
    write(f"{root}/test_images.txt", "path\n" + "\n".join(test) + "\n")
    there = [(f"images/{n}", s - 1, picture(root, f"images/{n}")) for n, s in images if "gone" not in n]
    expect(root, ["Acadian Flycatcher", "Acorn Woodpecker"], train=[r for r in there if r[0][7:] not in test], test=[r for r in there if r[0][7:] in test])


def imagenet():
    ids = ["n01440764", "n01443537", "n02119789"]
    truth = [3, 1, 2, 1]  # ILSVRC numbers, which are not in the order of WordNet ids
    numbers = {1: "n02119789", 2: "n01443537", 3: "n01440764"}

    def common(root):
        fresh(root)
        train = [(f"{id}/{id}_{i}.JPEG", ids.index(id), picture(root, f"train/{id}/{id}_{i}.JPEG")) for id in ids for i in range(2)]
        val = []
        for i, number in enumerate(truth, 1):
            name = f"val/ILSVRC2012_val_{i:08d}.JPEG"
            val.append((name, ids.index(numbers[number]), picture(root, name)))
        return train, val

    root = "imagenet-devkit"
    train, val = common(root)
    write(f"{root}/ILSVRC2012_devkit_t12/data/ILSVRC2012_validation_ground_truth.txt", "".join(f"{n}\n" for n in truth))
    synsets = np.empty((4, 1), dtype=[(f, object) for f in ["ILSVRC2012_ID", "WNID", "words", "gloss", "num_children", "children", "wordnet_height", "num_train_images"]])
    for i, (number, id) in enumerate([*numbers.items(), (1001, "n02084071")]):
        synsets[i, 0] = (float(number), id, f"word {number}, other", "a gloss", 0.0 if number < 1001 else 2.0, np.array([[1.0, 2.0]]) if number == 1001 else np.zeros((1, 0)), 0.0, 1300.0)
    scipy.io.savemat(os.path.join(HERE, root, "ILSVRC2012_devkit_t12/data/meta.mat"), {"synsets": synsets}, do_compression=True)
    expect(root, ids, train=train, val=val)

    root = "imagenet-kaggle"
    train, val = common(root)
    for folder in ("train", "val"):
        os.makedirs(os.path.join(HERE, root, "ILSVRC/Data/CLS-LOC"), exist_ok=True)
        shutil.move(os.path.join(HERE, root, folder), os.path.join(HERE, root, "ILSVRC/Data/CLS-LOC", folder))
    write(f"{root}/LOC_val_solution.csv", "ImageId,PredictionString\n" + "".join(f"ILSVRC2012_val_{i:08d},{numbers[n]} 85 1 499 272 \n" for i, n in reversed(list(enumerate(truth, 1)))))
    expect(root, ids, train=train, val=val)


class Python2Pickler(pickle._Pickler):
    """Writes str as Python 2 wrote it, which CIFAR's files come from."""

    dispatch = dict(pickle._Pickler.dispatch)

    def save_string(self, value):
        data = value.encode() if isinstance(value, str) else value
        if len(data) < 256:
            self.write(b"U" + bytes([len(data)]) + data)
        else:
            self.write(b"T" + struct.pack("<i", len(data)) + data)
        self.memoize(value)

    dispatch[str] = save_string
    dispatch[bytes] = save_string


def dump(path, value):
    """NumPy of today names its functions as of old when the pickle is of protocol 2; the array's bytes become a str."""
    out = io.BytesIO()

    class Pickler(Python2Pickler):
        def reducer_override(self, value):
            if isinstance(value, np.ndarray):
                import numpy.core.multiarray as multiarray
                return multiarray._reconstruct, (np.ndarray, (0,), b"b"), (1, value.shape, value.dtype, False, value.tobytes())
            if isinstance(value, np.dtype):
                return np.dtype, ("u1", 0, 1), (3, "|", None, None, None, -1, -1, 0)
            return NotImplemented

    pickler = Pickler(out, 2)
    # The Python pickler asks reducer_override only where there is one and dispatch has nothing.
    pickler.dump(value)
    write(path, out.getvalue())


def cifar():
    ten = [f"class {i}" for i in range(10)]
    coarse, fine = [f"coarse {i}" for i in range(20)], [f"fine {i}" for i in range(100)]

    def batch(count, classes):
        return random.randint(0, 256, (count, 3072)).astype(np.uint8), [int(x) for x in random.randint(0, classes, count)]

    def rows(name, pixels, labels):
        hwc = [p.reshape(3, 32, 32).transpose(1, 2, 0).tobytes() for p in pixels]
        return [(f"{name}/{i}", l, sha(h)) for i, (l, h) in enumerate(zip(labels, hwc))]

    batches = {f"data_batch_{i}": batch(4 + (i == 5), 10) for i in range(1, 6)} | {"test_batch": batch(3, 10)}
    binary, python = "cifar-10-batches-bin", "cifar-10-batches-py"
    fresh(binary), fresh(python)
    write(f"{binary}/batches.meta.txt", "\n".join(ten) + "\n\n")
    dump(f"{python}/batches.meta", {"num_cases_per_batch": 10000, "label_names": ten, "num_vis": 3072})
    for name, (pixels, labels) in batches.items():
        write(f"{binary}/{name}.bin", b"".join(bytes([l]) + p.tobytes() for p, l in zip(pixels, labels)))
        dump(f"{python}/{name}", {"batch_label": "training batch 1 of 5", "labels": labels, "data": pixels, "filenames": [f"leptodactylus_pentadactylus_s_{i:06d}.png" for i in range(len(labels))]})
    train = [row for name in sorted(batches) if name != "test_batch" for row in rows(name, *batches[name])]
    for root in (binary, python):
        expect(root, ten, train=train, test=rows("test_batch", *batches["test_batch"]))

    parts = {"train": batch(6, 100), "test": batch(3, 100)}
    binary, python = "cifar-100-binary", "cifar-100-python"
    fresh(binary), fresh(python)
    write(f"{binary}/fine_label_names.txt", "\n".join(fine) + "\n")
    write(f"{binary}/coarse_label_names.txt", "\n".join(coarse) + "\n")
    dump(f"{python}/meta", {"fine_label_names": fine, "coarse_label_names": coarse})
    for name, (pixels, labels) in parts.items():
        write(f"{binary}/{name}.bin", b"".join(bytes([l // 5, l]) + p.tobytes() for p, l in zip(pixels, labels)))
        dump(f"{python}/{name}", {"filenames": ["a.png"] * len(labels), "batch_label": "x", "fine_labels": labels, "coarse_labels": [l // 5 for l in labels], "data": pixels})
    for root in (binary, python):
        expect(root, fine, **{part: rows(part, *parts[part]) for part in parts})


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


assert crc32c(b"123456789") == 0xE3069283


def masked(data):
    crc = crc32c(data)
    return struct.pack("<I", (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF)


def example_type():
    """tf.Example, built from its definition."""
    file = descriptor_pb2.FileDescriptorProto(name="example.proto", package="t", syntax="proto3")
    F = descriptor_pb2.FieldDescriptorProto

    def message(name, *fields):
        m = file.message_type.add(name=name)
        for field, number, kind, label, type_name in fields:
            m.field.add(name=field, number=number, type=kind, label=label, type_name=type_name)
        return m

    message("BytesList", ("value", 1, F.TYPE_BYTES, F.LABEL_REPEATED, None))
    message("FloatList", ("value", 1, F.TYPE_FLOAT, F.LABEL_REPEATED, None))
    message("Int64List", ("value", 1, F.TYPE_INT64, F.LABEL_REPEATED, None))
    message("Feature", ("bytes_list", 1, F.TYPE_MESSAGE, F.LABEL_OPTIONAL, ".t.BytesList"), ("float_list", 2, F.TYPE_MESSAGE, F.LABEL_OPTIONAL, ".t.FloatList"), ("int64_list", 3, F.TYPE_MESSAGE, F.LABEL_OPTIONAL, ".t.Int64List"))
    features = message("Features", ("feature", 1, F.TYPE_MESSAGE, F.LABEL_REPEATED, ".t.Features.FeatureEntry"))
    entry = features.nested_type.add(name="FeatureEntry")
    entry.field.add(name="key", number=1, type=F.TYPE_STRING, label=F.LABEL_OPTIONAL)
    entry.field.add(name="value", number=2, type=F.TYPE_MESSAGE, label=F.LABEL_OPTIONAL, type_name=".t.Feature")
    entry.options.map_entry = True
    message("Example", ("features", 1, F.TYPE_MESSAGE, F.LABEL_OPTIONAL, ".t.Features"))
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.MessageFactory(pool).GetPrototype(pool.FindMessageTypeByName("t.Example"))


def tfrecords():
    root = "tfrecords"
    fresh(root)
    Example = example_type()
    ids = ["n01440764", "n01443537", "n01484850"]

    def shard(name, labels):
        out, rows = b"", []
        for i, label in enumerate(labels):
            data = encode(size=(40, 30))
            example = Example()
            feature = example.features.feature
            feature["image/encoded"].bytes_list.value.append(data)
            feature["image/class/label"].int64_list.value.append(label)
            feature["image/class/synset"].bytes_list.value.append(ids[label - 1].encode())
            feature["image/class/text"].bytes_list.value.append(b"a fish, another name")
            feature["image/height"].int64_list.value.append(30)
            feature["image/object/bbox/xmin"].float_list.value.extend([0.1, 0.2])
            feature["image/filename"].bytes_list.value.append(f"{ids[label - 1]}_{i}.JPEG".encode())
            message = example.SerializeToString()
            length = struct.pack("<Q", len(message))
            out += length + masked(length) + message + masked(message)
            rows.append((f"{name}/{i}", label - 1, sha(data)))
        write(f"{root}/{name}", out)
        return rows

    train = shard("train-00000-of-00003", [1, 3]) + shard("train-00001-of-00003", [2, 2, 1]) + shard("train-00002-of-00003", [3])
    expect(root, ids, train=train, val=shard("validation-00000-of-00001", [2, 1]))


def webdataset():
    root = "webdataset"
    fresh(root)
    os.makedirs(os.path.join(HERE, root))
    write(f"{root}/classes.txt", "ant\nbee\ncat\n")

    def shard(name, samples, format):
        rows = []
        with tarfile.open(os.path.join(HERE, root, name), "w", format=format) as tar:
            def add(member, data):
                info = tarfile.TarInfo(member)
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
            for key, kind, label in samples:
                data = encode("JPEG" if kind == "jpg" else "PNG")
                if kind == "json-first":
                    add(f"{key}.json", json.dumps({"caption": "x", "label": label}).encode())
                add(f"{key}.{'jpg' if kind == 'jpg' else 'png'}", data)
                if kind != "json-first" and label is not None:
                    add(f"{key}.cls", str(label).encode())
                if label is not None:
                    rows.append((f"{name}/{key}.{'jpg' if kind == 'jpg' else 'png'}", label, sha(data)))
        return rows

    long = "a folder with a long name/" * 6 + "0003.x"
    train = shard("set-train-000000.tar", [("0000", "jpg", 2), ("0001", "json-first", 0), ("0002", "jpg", None)], tarfile.USTAR_FORMAT)
    train += shard("set-train-000001.tar", [("d.e/0000", "jpg", 1), (long.replace(".x", ""), "jpg", 0)], tarfile.GNU_FORMAT)
    val = shard("set-val-000000.tar", [(long.replace(".x", "ü"), "jpg", 1)], tarfile.PAX_FORMAT)
    expect(root, ["ant", "bee", "cat"], train=train, val=val)


def csv():
    root = "csv"
    fresh(root)
    h = {n: picture(root, n, "PNG") for n in ["pictures/1.png", "pictures/2.png", "pictures/a, b.png", "pictures/4.png", "pictures/5.png", "pictures/6.png"]}
    write(f"{root}/with_header.csv", 'label,split,path\nzebra,train,pictures/1.png\nant,train,pictures/2.png\n"big ""cat""",train,"pictures/a, b.png"\nant,test,pictures/4.png\nzebra,train,pictures/5.png\nant,train,pictures/6.png\n')
    classes = ["ant", 'big "cat"', "zebra"]
    train = [("pictures/1.png", 2), ("pictures/2.png", 0), ("pictures/a, b.png", 1), ("pictures/5.png", 2), ("pictures/6.png", 0)]
    expect(f"{root}/with_header.csv", classes, train=[(n, l, h[n]) for n, l in train], test=[("pictures/4.png", 0, h["pictures/4.png"])])
    write(f"{root}/plain.tsv", "pictures/1.png\t10\npictures/2.png\t0\npictures/4.png\t10\npictures/5.png\t2\npictures/6.png\t0\n")
    # Numbers with gaps are names of classes.
    plain = [("pictures/1.png", 1), ("pictures/2.png", 0), ("pictures/4.png", 1), ("pictures/5.png", 2), ("pictures/6.png", 0)]
    expect(f"{root}/plain.tsv", ["0", "10", "2"], train=[(n, l, h[n]) for n, l in plain])


def hashes():
    """The difference hash of some pictures, shrunk by Pillow."""
    found = {}
    for name in sorted(n for n in os.listdir(os.path.join(HERE, "csv/pictures"))):
        image = Image.open(os.path.join(HERE, "csv/pictures", name)).convert("RGB").resize((9, 8), Image.BOX)
        luma = np.asarray(image).astype(np.int64) @ np.array([19595, 38470, 7471])
        bits = (luma[:, :-1] < luma[:, 1:]).reshape(-1)
        found[f"csv/pictures/{name}"] = f"{int(''.join('1' if b else '0' for b in bits), 2):016x}"
    write("hashes.json", json.dumps(found, indent=1) + "\n")


flowers(), pets(), food(), cars(), aircraft(), birdsnap(), imagenet(), cifar(), tfrecords(), webdataset(), csv(), hashes()
write("expected.json", json.dumps(expected, indent=1, ensure_ascii=False) + "\n")
