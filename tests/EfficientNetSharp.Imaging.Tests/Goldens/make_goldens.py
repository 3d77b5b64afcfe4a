"""Makes the golden files of this folder with Pillow and torchvision. See README.md.

    python3 make_goldens.py        run in this folder

Everything follows from the seeds here, so a second run with the same versions changes nothing.
"""
import hashlib
import io
import json
import os
import struct
import zlib

import numpy as np
import PIL
from PIL import Image, ImageCms, ImageOps, PngImagePlugin
import torchvision
from torchvision import transforms
from torchvision.transforms import functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
FILES = os.path.join(HERE, "files")
FILTERS = {
    "Bilinear": Image.BILINEAR,
    "Bicubic": Image.BICUBIC,
    "Lanczos": Image.LANCZOS,
    "Box": Image.BOX,
}


def sha(data):
    return hashlib.sha256(data).hexdigest()


def photo(width, height, seed):
    """A picture with smooth areas, edges, texture and noise."""
    rng = np.random.RandomState(seed)
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    planes = []
    for c in range(3):
        a, b, p = rng.uniform(0.02, 0.3, 3)
        v = 127 + 70 * np.sin(a * x + p) + 50 * np.cos(b * y + c)
        cx, cy, r = rng.uniform(0, width), rng.uniform(0, height), rng.uniform(5, 25)
        v[(x - cx) ** 2 + (y - cy) ** 2 < r * r] = rng.uniform(0, 255)
        planes.append(v + rng.normal(0, 6, v.shape))
    return Image.fromarray(np.clip(np.dstack(planes), 0, 255).astype(np.uint8), "RGB")


def pattern(width, height):
    """A rough picture given by a formula; PatternPicture.cs has the same one."""
    y, x, c = np.mgrid[0:height, 0:width, 0:3].astype(np.uint32)
    v = (x * x * 3 + y * y * 7 + x * y * 5 + c * 91) ^ (x * 13 + y * 29)
    return Image.fromarray((v & 255).astype(np.uint8), "RGB")


def lattice():
    """Colours from all over the cube: 32 levels of each channel with varying lower bits, 256x128."""
    i = np.arange(32768, dtype=np.uint32)
    r, g, b = (i >> 10) * 8 + i % 8, ((i >> 5) & 31) * 8 + (i // 3) % 8, (i & 31) * 8 + (i // 7) % 8
    return Image.fromarray(np.dstack([r, g, b]).astype(np.uint8).reshape(128, 256, 3), "RGB")


# ---------------------------------------------------------------- files

def png_chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_bytes(rows, width, height, depth, color, interlaced=0):
    """A PNG from ready-made scanlines (each with its filter byte), for kinds Pillow does not write."""
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, interlaced)
    return (b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header)
            + png_chunk(b"IDAT", zlib.compress(rows, 9)) + png_chunk(b"IEND", b""))


def png16(array, color):
    height, width = array.shape[:2]
    be = array.astype(">u2").reshape(height, -1)
    return png_bytes(b"".join(b"\0" + row.tobytes() for row in be), width, height, 16, color)


def adam7(image):
    a = np.asarray(image)
    rows = b""
    for x0, y0, dx, dy in ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)):
        part = a[y0::dy, x0::dx]
        if part.size:
            rows += b"".join(b"\0" + row.tobytes() for row in part)
    return png_bytes(rows, image.width, image.height, 8, 2, 1)


def odd_profile():
    """An sRGB profile with its red and green primaries exchanged: a reader that applies it is found out."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    r, g = profile.index(b"rXYZ"), profile.index(b"gXYZ")
    profile[r:r + 4], profile[g:g + 4] = b"gXYZ", b"rXYZ"
    # createProfile stamps the time; a fixed one keeps the files the same on every run.
    profile[24:36] = b"\0" * 12
    return bytes(profile)


def encode(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def exif(orientation):
    data = Image.Exif()
    data[0x0112] = orientation
    return data.tobytes()


def make_files():
    base = photo(51, 37, 1)
    small = photo(20, 13, 2)
    files = {}
    files["jpeg_420.jpg"] = encode(base, "JPEG", quality=90, subsampling=2)
    files["jpeg_422.jpg"] = encode(base, "JPEG", quality=80, subsampling=1)
    files["jpeg_444.jpg"] = encode(base, "JPEG", quality=90, subsampling=0)
    files["jpeg_progressive.jpg"] = encode(base, "JPEG", quality=85, progressive=True)
    files["jpeg_progressive_444.jpg"] = encode(base, "JPEG", quality=75, progressive=True, subsampling=0)
    files["jpeg_optimized_low.jpg"] = encode(base, "JPEG", quality=20, optimize=True)
    files["jpeg_grey.jpg"] = encode(base.convert("L"), "JPEG", quality=85)
    files["jpeg_cmyk.jpg"] = encode(base.convert("CMYK"), "JPEG", quality=90)
    files["jpeg_profile.jpg"] = encode(base, "JPEG", quality=85, icc_profile=odd_profile())
    files["jpeg_one_pixel.jpg"] = encode(base.crop((20, 20, 21, 21)), "JPEG")
    files["jpeg_tall.jpg"] = encode(photo(33, 150, 3), "JPEG", quality=85)
    files["jpeg_tall_progressive.jpg"] = encode(photo(33, 150, 3), "JPEG", quality=85, progressive=True)
    files["jpeg_tall_422.jpg"] = encode(photo(33, 150, 3), "JPEG", quality=85, subsampling=1)
    for o in range(1, 9):
        files[f"exif_{o}.jpg"] = encode(small, "JPEG", quality=85, exif=exif(o))

    rgba = base.copy()
    y, x = np.mgrid[0:37, 0:51]
    rgba.putalpha(Image.fromarray(((x * 5 + y * 3) % 256 // 64 * 85).astype(np.uint8), "L"))
    la = rgba.convert("LA")
    palette = base.quantize(40)
    files["png_rgb.png"] = encode(base, "PNG")
    files["png_rgba.png"] = encode(rgba, "PNG")
    files["png_la.png"] = encode(la, "PNG")
    files["png_grey.png"] = encode(base.convert("L"), "PNG")
    files["png_one_bit.png"] = encode(base.convert("1"), "PNG")
    files["png_palette.png"] = encode(palette, "PNG")
    files["png_palette_16.png"] = encode(base.quantize(13), "PNG", bits=4)
    files["png_palette_transparency.png"] = encode(palette, "PNG", transparency=bytes([0, 128, 255, 7] * 10))
    files["png_palette_transparent_index.png"] = encode(palette, "PNG", transparency=5)
    files["png_grey_transparent_level.png"] = encode(base.convert("L"), "PNG", transparency=int(np.asarray(base.convert("L"))[5, 5]))
    files["png_rgb_transparent_colour.png"] = encode(base, "PNG", transparency=base.getpixel((5, 5)))
    files["png_interlaced.png"] = adam7(base)
    gamma = PngImagePlugin.PngInfo()
    gamma.add(b"gAMA", struct.pack(">I", 100000))
    files["png_gamma.png"] = encode(base, "PNG", pnginfo=gamma)
    files["png_profile.png"] = encode(base, "PNG", icc_profile=odd_profile())
    files["png_exif_6.png"] = encode(small, "PNG", exif=exif(6))
    wide = np.random.RandomState(4).randint(0, 65536, (11, 14, 4))
    files["png_rgb_16.png"] = png16(wide[:, :, :3], 2)
    files["png_rgba_16.png"] = png16(wide, 6)
    files["png_la_16.png"] = png16(wide[:, :, :2], 4)
    files["png_grey_16.png"] = png16(wide[:, :, 0], 0)

    files["webp_lossy.webp"] = encode(base, "WEBP", quality=80)
    files["webp_lossless.webp"] = encode(base, "WEBP", lossless=True)
    files["webp_lossy_alpha.webp"] = encode(rgba, "WEBP", quality=80)
    files["webp_lossless_alpha.webp"] = encode(rgba, "WEBP", lossless=True, exact=True)
    files["webp_exif_6.webp"] = encode(small, "WEBP", exif=exif(6))

    files["bmp_rgb.bmp"] = encode(small, "BMP")
    files["bmp_palette.bmp"] = encode(small.quantize(20), "BMP")
    files["bmp_grey.bmp"] = encode(small.convert("L"), "BMP")
    files["bmp_one_bit.bmp"] = encode(small.convert("1"), "BMP")
    alpha = small.copy()
    alpha.putalpha(Image.fromarray((np.mgrid[0:13, 0:20][1] * 12).astype(np.uint8), "L"))
    files["bmp_32.bmp"] = encode(alpha, "BMP")

    files["gif.gif"] = encode(palette, "GIF")
    files["gif_not_interlaced.gif"] = encode(palette, "GIF", interlace=False)
    files["gif_grey.gif"] = encode(base.convert("L"), "GIF")
    files["gif_transparent.gif"] = encode(palette, "GIF", transparency=5)
    files["gif_animated.gif"] = encode(palette, "GIF", save_all=True, append_images=[photo(51, 37, 7).quantize(30)], duration=40)

    os.makedirs(FILES, exist_ok=True)
    decoded = []
    for name, data in sorted(files.items()):
        with open(os.path.join(FILES, name), "wb") as f:
            f.write(data)
        if name == "png_grey_16.png":
            # Here the library departs from Pillow, which clips: the upper eight bits.
            rgb = Image.fromarray((wide[:, :, 0] >> 8).astype(np.uint8), "L").convert("RGB")
        else:
            rgb = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
        decoded.append({"file": name, "width": rgb.width, "height": rgb.height, "sha256": sha(rgb.tobytes())})
    return decoded


# ---------------------------------------------------------------- resampling

def make_resampled(source):
    rng = np.random.RandomState(11)
    cases = []

    def add(picture, name, filter_name, size, box=None):
        result = picture.resize(size, FILTERS[filter_name], box=box)
        cases.append({"picture": name, "filter": filter_name, "width": size[0], "height": size[1],
                      "box": list(box) if box else None, "sha256": sha(result.tobytes())})

    w, h = source.size
    for filter_name in FILTERS:
        for size in ((w, h), (1, 1), (224, 224), (13, 7), (w, 17), (19, h), (w * 2, h * 3), (33, 200)):
            add(source, "source", filter_name, size)
        for size, box in (((50, 40), (3, 2, 90, 60)), ((31, 31), (0.5, 1.25, 80.75, 59.5)), ((64, 64), (10.1, 20.2, 12.3, 22.4)),
                          ((7, 5), (0, 0, 1, 1)), ((w, h), (1, 1, w, h))):
            add(source, "source", filter_name, size, box)
        for _ in range(6):
            left, right = sorted(rng.uniform(0, w, 2))
            top, bottom = sorted(rng.uniform(0, h, 2))
            size = (int(rng.randint(1, 150)), int(rng.randint(1, 150)))
            add(source, "source", filter_name, size, (left, top, right, bottom))
        for (pw, ph), size in (((2048, 16), (7, 3)), ((3000, 5), (224, 224)), ((1, 1), (5, 9)), ((1, 500), (30, 20)),
                               ((517, 389), (224, 224)), ((5000, 3), (1, 1))):
            add(pattern(pw, ph), f"pattern {pw} {ph}", filter_name, size)
    return cases


def make_resized_crops(source):
    rng = np.random.RandomState(12)
    cases = []
    for filter_name in FILTERS:
        for _ in range(6):
            cw, ch = int(rng.randint(1, source.width + 1)), int(rng.randint(1, source.height + 1))
            left, top = int(rng.randint(0, source.width - cw + 1)), int(rng.randint(0, source.height - ch + 1))
            size = (int(rng.randint(1, 120)), int(rng.randint(1, 120)))
            result = F.resized_crop(source, top, left, ch, cw, (size[1], size[0]), F.InterpolationMode(filter_name.lower()))
            cases.append({"filter": filter_name, "crop": [left, top, cw, ch], "width": size[0], "height": size[1],
                          "sha256": sha(result.tobytes())})
    return cases


# ---------------------------------------------------------------- transforms

def make_evaluations():
    cases = []
    for size in ((640, 427), (427, 640), (300, 300), (225, 300), (3000, 20), (20, 900), (17, 13), (333, 500), (1, 1)):
        picture = pattern(*size)
        for resize, crop, filter_name in ((256, 224, "Bicubic"), (255, 240, "Bilinear"), (224, 224, "Bicubic"), (33, 32, "Lanczos"),
                                          (20, 31, "Bicubic"), (21, 32, "Bilinear")):
            if max(size) / min(size) * resize > 40000:
                continue
            steps = [transforms.Resize(resize, F.InterpolationMode(filter_name.lower())), transforms.CenterCrop(crop)]
            result = transforms.Compose(steps)(picture)
            values = transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))(transforms.ToTensor()(result))
            grey = transforms.Compose(steps)(picture.convert("L"))
            values_grey = transforms.Normalize((0.5,), (0.25,))(transforms.ToTensor()(grey))
            cases.append({"rule": "ResizeThenCenterCrop", "picture": list(size), "resizeTo": resize, "width": crop, "height": crop,
                          "filter": filter_name, "pixels": sha(result.tobytes()), "values": sha(values.numpy().tobytes()),
                          "greyValues": sha(values_grey.numpy().tobytes())})
        for resize, crop in ((256, 224), (332, 300), (64, 32)):
            short = min(size)
            part = max(1, int(crop / resize * short))
            top, left = ((size[1] - part) + 1) // 2, ((size[0] - part) + 1) // 2
            if part == short == 1:
                top, left = min(top, size[1] - 1), min(left, size[0] - 1)
            result = picture.crop((left, top, left + part, top + part)).resize((crop, crop), Image.BICUBIC)
            cases.append({"rule": "CenterCropThenResize", "picture": list(size), "resizeTo": resize, "width": crop, "height": crop,
                          "filter": "Bicubic", "pixels": sha(result.tobytes()), "values": None, "greyValues": None})
        for crop in ((32, 32), (50, 20)):
            result = picture.resize(crop, Image.BICUBIC)
            cases.append({"rule": "Squash", "picture": list(size), "resizeTo": 32, "width": crop[0], "height": crop[1],
                          "filter": "Bicubic", "pixels": sha(result.tobytes()), "values": None, "greyValues": None})
    return cases


def make_augmented(source):
    def hue(picture, shift):
        # torchvision's adjust_hue with the cast spelt out: newer numpy refuses negative numbers there.
        h, s, v = picture.convert("HSV").split()
        turned = np.asarray(h) + np.int32(shift * 255).astype(np.uint8)
        return Image.merge("HSV", (Image.fromarray(turned, "L"), s, v)).convert("RGB")

    operations = {"Brightness": F.adjust_brightness, "Contrast": F.adjust_contrast, "Saturation": F.adjust_saturation, "Hue": hue}
    cases = []
    for name, operation in operations.items():
        factors = (-0.5, -0.31, -0.004, -0.003, 0.0, 0.1, 0.25, 0.499, 0.5) if name == "Hue" else (0.0, 0.1, 0.6, 0.999, 1.0, 1.01, 1.4, 2.0, 7.3)
        for picture_name, picture in (("source", source), ("lattice", lattice())):
            for factor in factors:
                cases.append({"operation": name, "factor": factor, "picture": picture_name, "sha256": sha(operation(picture, factor).tobytes())})
    return cases


def main():
    source = photo(97, 61, 5)
    decoded = make_files()
    source.save(os.path.join(HERE, "source.png"))
    source.resize((24, 16), Image.BICUBIC).save(os.path.join(HERE, "source_bicubic_24x16.png"))
    source.resize((40, 9), Image.LANCZOS, box=(5.5, 3.25, 70, 61)).save(os.path.join(HERE, "source_lanczos_box_40x9.png"))
    goldens = {
        "madeWith": f"Pillow {PIL.__version__}, torchvision {torchvision.__version__}, numpy {np.__version__}",
        "decoded": decoded,
        "patternHash": sha(pattern(37, 23).tobytes()),
        "latticeHash": sha(lattice().tobytes()),
        "sourceLumaHash": sha(source.convert("L").tobytes()),
        "latticeLumaHash": sha(lattice().convert("L").tobytes()),
        "resampled": make_resampled(source),
        "resizedCrops": make_resized_crops(source),
        "evaluations": make_evaluations(),
        "augmented": make_augmented(source),
    }
    with open(os.path.join(HERE, "goldens.json"), "w") as f:
        json.dump(goldens, f, indent=1)
        f.write("\n")


main()
