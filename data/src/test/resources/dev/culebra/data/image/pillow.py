"""Makes pillow.json: image files of all kinds, what Pillow makes of them, and what transformers'
image processors do to pictures. Needs Pillow, numpy and transformers; the tests do not."""

import base64
import io
import json
import struct
import zlib

import numpy as np
from PIL import Image, ImageOps
from transformers import CLIPImageProcessorPil, ViTImageProcessorPil

random = np.random.default_rng(7)


def text(data):
    return base64.b64encode(bytes(data)).decode()


def picture(width, height, channels):
    y, x = np.mgrid[0:height, 0:width]
    planes = [
        128 + 110 * np.sin(x / (2.0 + c) + c) * np.cos(y / (3.0 + c)) + random.normal(0, 9, (height, width))
        for c in range(channels)
    ]
    return np.stack(planes, -1).clip(0, 255).astype("uint8")


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


PASSES = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def rows(samples, depth):
    """Rows of [height, width, channels] as bytes, each behind its filter: none, and up in turn."""
    out = b""
    before = None
    for number, row in enumerate(samples):
        bits = "".join(format(int(v), f"0{depth}b") for v in row.reshape(-1))
        bits += "0" * (-len(bits) % 8)
        data = bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8))
        if number % 2 == 1:
            out += b"\2" + bytes((a - b) & 255 for a, b in zip(data, before))
        else:
            out += b"\0" + data
        before = data
    return out


def png(samples, depth, colour, extra=b"", interlaced=False, late=b""):
    height, width = samples.shape[:2]
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced)
    if interlaced:
        raw = b"".join(
            rows(samples[b::d, a::c], depth) for a, b, c, d in PASSES if samples[b::d, a::c].size
        )
    else:
        raw = rows(samples, depth)
    data = zlib.compress(raw)
    half = len(data) // 2
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + extra
        + chunk(b"IDAT", data[:half])
        + chunk(b"IDAT", data[half:])
        + late
        + chunk(b"IEND", b"")
    )


def saved(image, form, **options):
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def exif(orientation, order="MM"):
    mark = ">" if order == "MM" else "<"
    return order.encode() + struct.pack(mark + "HIHHHIHH", 42, 8, 1, 0x0112, 3, 1, orientation, 0) + b"\0" * 4


files = {}
values = random.integers(0, 2**16, (7, 11, 4))
for depth in (1, 2, 4, 8, 16):
    for interlaced in (False, True):
        shape = values[..., :1] >> (16 - depth)
        files[f"grey {depth}{' interlaced' if interlaced else ''}"] = png(shape, depth, 0, b"", interlaced)
files["grey 16 dark"] = png(values[..., :1] >> 7, 16, 0)
files["grey 8 with a transparent value"] = png(values[..., :1] >> 8, 8, 0, chunk(b"tRNS", b"\0\x50"))
palette = chunk(b"PLTE", random.integers(0, 256, 48).astype("uint8").tobytes())
for depth in (1, 2, 4, 8):
    index = values[..., :1] % min(16, 2**depth)
    files[f"palette {depth}"] = png(index, depth, 3, palette)
    files[f"palette {depth} interlaced"] = png(index, depth, 3, palette, True)
files["palette with alpha"] = png(values[..., :1] % 16, 4, 3, palette + chunk(b"tRNS", bytes(range(0, 160, 10))))
files["palette with one transparent colour"] = png(values[..., :1] % 16, 4, 3, palette + chunk(b"tRNS", b"\xff\0"))
files["palette that is too short"] = png(values[..., :1] % 64, 8, 3, palette)
for depth in (8, 16):
    part = values >> (16 - depth)
    files[f"colour {depth}"] = png(part[..., :3], depth, 2)
    files[f"colour {depth} interlaced"] = png(part[..., :3], depth, 2, b"", True)
    files[f"grey and alpha {depth}"] = png(part[..., :2], depth, 4)
    files[f"colour and alpha {depth}"] = png(part, depth, 6)
    files[f"colour and alpha {depth} interlaced"] = png(part, depth, 6, b"", True)
colour = values[..., :3] >> 8
files["colour with a transparent one"] = png(colour, 8, 2, chunk(b"tRNS", b"\0\1\0\2\0\3"))
files["gamma"] = png(colour, 8, 2, chunk(b"gAMA", struct.pack(">I", 100000)))
files["profile"] = png(colour, 8, 2, chunk(b"iCCP", b"x\0\0" + zlib.compress(b"no profile")))
files["animated"] = png(
    colour,
    8,
    2,
    chunk(b"acTL", struct.pack(">II", 1, 0)) + chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, 11, 7, 0, 0, 1, 1, 0, 0)),
)
files["filters"] = saved(Image.fromarray(picture(31, 19, 3)), "png", optimize=True)
for number in range(1, 9):
    files[f"png turned {number}"] = png(colour, 8, 2, chunk(b"eXIf", exif(number)))
files["png turned behind the data"] = png(colour, 8, 2, late=chunk(b"eXIf", exif(6, "II")))
files["png turned by xmp"] = png(
    colour, 8, 2, chunk(b"iTXt", b'XML:com.adobe.xmp\0\0\0\0\0<x tiff:Orientation="8"/>')
)
raw = ("\nexif\n%8d\n" % (len(exif(5)) + 6) + (b"Exif\0\0" + exif(5)).hex() + "\n").encode()
files["png turned by raw exif"] = png(colour, 8, 2, chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(raw)))
files["png turned nowhere"] = png(colour, 8, 2, chunk(b"eXIf", exif(9)))

photo = Image.fromarray(picture(37, 23, 3))
for sampling in ("4:4:4", "4:2:2", "4:2:0", "4:1:1"):
    for progressive in (False, True):
        name = f"jpeg {sampling}{' progressive' if progressive else ''}"
        files[name] = saved(photo, "jpeg", quality=80, subsampling=sampling, progressive=progressive)
files["jpeg grey"] = saved(photo.convert("L"), "jpeg")
files["jpeg rgb"] = saved(photo, "jpeg", keep_rgb=True)
files["jpeg restarts"] = saved(photo, "jpeg", restart_marker_blocks=2)
files["jpeg of one pixel"] = saved(photo.crop((0, 0, 1, 1)), "jpeg")
inks = Image.fromarray(picture(20, 13, 4), "CMYK")
cmyk = saved(inks, "jpeg", quality=85)
files["jpeg cmyk"] = cmyk
adobe = cmyk.index(b"Adobe")
files["jpeg ycck"] = cmyk[: adobe + 11] + b"\2" + cmyk[adobe + 12 :]
files["jpeg cmyk without adobe"] = cmyk[: adobe - 4] + cmyk[adobe + 12 :]
plain = saved(photo, "jpeg", subsampling="4:4:4")
files["jpeg without jfif"] = plain[:2] + plain[20:]
tall = bytearray(saved(photo.crop((0, 0, 32, 16)), "jpeg", subsampling="4:2:2", quality=90))
tall[tall.index(b"\xff\xc0") + 11] = 0x12
files["jpeg 4:4:0"] = bytes(tall)
for number in range(1, 9):
    files[f"jpeg turned {number}"] = saved(photo, "jpeg", exif=b"Exif\0\0" + exif(number, "II"))
files["jpeg with more behind it"] = files["jpeg grey"] + b"more"

decoded = []
for name, data in files.items():
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    # As a user of grey models would convert it; of 16 bits of colour there is no other way.
    upright = image.convert("RGB")
    decoded.append(
        {
            "name": name,
            "file": text(data),
            "width": upright.width,
            "height": upright.height,
            "rgb": text(upright.tobytes()),
            "grey": text(upright.convert("L").tobytes()),
        }
    )

resized = []
for channels in (1, 3):
    source = picture(23, 17, channels)
    image = Image.fromarray(source if channels == 3 else source[..., 0])
    for filter in range(6):
        for size in ((7, 5), (23, 9), (40, 31), (5, 17), (46, 3), (1, 1)):
            resized.append(
                {
                    "filter": filter,
                    "channels": channels,
                    "source": text(source.tobytes()),
                    "width": size[0],
                    "height": size[1],
                    "pixels": text(image.resize(size, filter).tobytes()),
                }
            )

processed = []
for kind, config, size in [
    (CLIPImageProcessorPil, {"size": {"shortest_edge": 8}, "crop_size": {"height": 8, "width": 8}}, (23, 17)),
    (CLIPImageProcessorPil, {"size": 8, "crop_size": 8, "resample": 1}, (17, 23)),
    (CLIPImageProcessorPil, {"size": [9, 7], "crop_size": 8, "do_normalize": False}, (23, 17)),
    (CLIPImageProcessorPil, {"do_resize": False, "crop_size": 8, "image_mean": [0.1, 0.2, 0.3]}, (5, 30)),
    (CLIPImageProcessorPil, {"do_resize": False, "crop_size": 9, "do_rescale": False}, (4, 6)),
    (CLIPImageProcessorPil, {"size": {"height": 6, "width": 5}, "do_center_crop": False}, (23, 17)),
    (ViTImageProcessorPil, {"size": 8}, (23, 17)),
    (ViTImageProcessorPil, {"size": {"height": 8, "width": 8}, "resample": 4, "rescale_factor": 0.01}, (8, 8)),
    (ViTImageProcessorPil, {"size": 12, "do_center_crop": True, "crop_size": [7, 9], "image_std": 0.25}, (23, 17)),
]:
    source = picture(*size, 3)
    processor = kind(**config)
    # The keys that are given, as a person writes them, and all that transformers writes.
    for written in ({**config, "image_processor_type": kind.__name__}, json.loads(processor.to_json_string())):
        values = processor(Image.fromarray(source), return_tensors="np")["pixel_values"][0]
        processed.append(
            {
                "config": written,
                "width": size[0],
                "height": size[1],
                "source": text(source.tobytes()),
                "shape": list(values.shape),
                "values": text(values.astype("<f4").tobytes()),
            }
        )

with open("pillow.json", "w") as out:
    json.dump({"decoded": decoded, "resized": resized, "processed": processed}, out, indent=0)
    out.write("\n")
