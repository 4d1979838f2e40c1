"""Files of HEIF: items taken out of one, and put together to another.

Encoders in Python write single pictures. Grids, overlays, turns and crops, as phones write them,
are made here of what those wrote.
"""

import struct


def box(kind, *content):
    content = b"".join(content)
    return struct.pack(">I", 8 + len(content)) + kind + content


def full(kind, version, flags, *content):
    return box(kind, struct.pack(">I", version << 24 | flags), *content)


def boxes(data):
    while data:
        size, kind = struct.unpack_from(">I4s", data)
        yield kind, data[8:size]
        data = data[size:]


def find(data, kind):
    return next(content for other, content in boxes(data) if other == kind)


def items(file):
    """Number, kind, properties and bytes of each item; the primary one first."""
    meta = find(file, b"meta")[4:]
    primary, = struct.unpack(">H", find(meta, b"pitm")[4:6])
    kinds = {}
    for _, entry in boxes(find(meta, b"iinf")[6:]):
        kinds[struct.unpack(">H", entry[4:6])[0]] = entry[8:12]
    properties = list(boxes(find(find(meta, b"iprp"), b"ipco")))
    ipma = find(find(meta, b"iprp"), b"ipma")
    owned, at = {}, 8
    for _ in range(struct.unpack(">I", ipma[4:8])[0]):
        item, count = struct.unpack_from(">HB", ipma, at)
        owned[item] = [properties[(number & 0x7F) - 1] for number in ipma[at + 3 : at + 3 + count]]
        at += 3 + count
    made = {}
    iloc = find(meta, b"iloc")
    version, sizes = iloc[0], struct.unpack(">H", iloc[4:6])[0]
    offset, length, base, index = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    number = lambda at, size: int.from_bytes(iloc[at : at + size], "big")
    at = 8
    for _ in range(struct.unpack(">H", iloc[6:8])[0]):
        item = number(at, 2)
        at += 2 + (2 if version else 0) + 2
        start = number(at, base)
        at += base
        count = number(at, 2)
        at += 2
        data = b""
        for _ in range(count):
            at += index if version else 0
            place = start + number(at, offset)
            data += file[place : place + number(at + offset, length)]
            at += offset + length
        made[item] = data
    order = sorted(kinds, key=lambda item: item != primary)
    return [(item, kinds[item], owned.get(item, []), made.get(item, b"")) for item in order]


CODED = {b"hvc1": b"heic", b"av01": b"avif"}
KEPT = (b"hvcC", b"av1C", b"ispe", b"pixi", b"colr", b"auxC")
ESSENTIAL = (b"hvcC", b"av1C", b"irot", b"imir", b"clap")


def coded(file):
    """Kind, properties and bytes of the picture of a file, and those of its alpha if there is one."""
    kept = lambda owned: [entry for entry in owned if entry[0] in KEPT]
    return [(kind, kept(owned), data) for _, kind, owned, data in items(file) if kind in CODED]


def sides(width, height):
    return (b"ispe", struct.pack(">III", 0, width, height))


def file_of(tiles, columns, size, extra=(), alpha=None):
    """A file whose picture is one tile, or a grid of them."""
    if len(tiles) == 1:
        entries, references = [with_more(tiles[0], extra)], []
    else:
        color = [entry for entry in tiles[0][1] if entry[0] == b"colr"]
        grid = struct.pack(">BBBBHH", 0, 0, len(tiles) // columns - 1, columns - 1, *size)
        entries = [(b"grid", [sides(*size), *color, *extra], grid), *tiles]
        references = [(b"dimg", 1, range(2, 2 + len(tiles)))]
    if alpha:
        entries.append(alpha)
        references.append((b"auxl", len(entries), [1]))
    return written(entries, references)


def overlay_of(layers, size, fill, extra=()):
    """A file whose picture is a canvas; layers are left, top, and an item."""
    places = b"".join(struct.pack(">hh", left, top) for left, top, _ in layers)
    overlay = struct.pack(">BB6H", 0, 0, *fill, *size) + places
    entries = [(b"iovl", [sides(*size), *extra], overlay), *(item for _, _, item in layers)]
    return written(entries, [(b"dimg", 1, range(2, 2 + len(layers)))])


def derived_of(item, *steps):
    """A file whose picture is derived from another, once for each list of properties; the last list comes first."""
    entries = [(b"iden", list(properties), b"") for properties in steps] + [item]
    return written(entries, [(b"dimg", number, [number + 1]) for number in range(1, len(entries))])


def film_of(frames, size):
    """A file of a track and no items: what a reader of its first frame looks at."""
    kind, owned, _ = frames[0]
    kept = b"".join(box(*entry) for entry in owned if entry[0] in (b"hvcC", b"av1C", b"colr"))
    entry = box(kind, bytes(24), struct.pack(">HH", *size), bytes(50), kept)
    brand = {b"hvc1": b"hevc", b"av01": b"avis"}[kind]
    ftyp = box(b"ftyp", brand, b"\0\0\0\0msf1", brand)
    sizes = [len(data) for _, _, data in frames]

    def moov(start):
        table = box(
            b"stbl",
            full(b"stsd", 0, 0, struct.pack(">I", 1), entry),
            full(b"stsz", 0, 0, struct.pack(f">II{len(sizes)}I", 0, len(sizes), *sizes)),
            full(b"stco", 0, 0, struct.pack(">II", 1, start)),
        )
        return box(b"moov", box(b"trak", box(b"mdia", box(b"minf", table))))

    start = len(ftyp) + len(moov(0)) + 8
    return ftyp + moov(start) + box(b"mdat", *(data for _, _, data in frames))


def with_more(item, extra):
    kind, owned, data = item
    return (kind, [*owned, *extra], data)


def written(entries, references=()):
    """A file of items, numbered from 1: kind, properties and bytes of each. The first is the picture."""
    pool, associations = [], b""
    for number, (_, owned, _) in enumerate(entries, 1):
        places = []
        for entry in owned:
            if entry not in pool:
                pool.append(entry)
            essential = 0x80 if entry[0] in ESSENTIAL else 0
            places.append(pool.index(entry) + 1 | essential)
        associations += struct.pack(f">HB{len(places)}B", number, len(places), *places)
    infe = [full(b"infe", 2, 0, struct.pack(">HH", number, 0), kind, b"\0") for number, (kind, _, _) in enumerate(entries, 1)]
    refer = b"".join(
        box(kind, struct.pack(f">HH{len(to)}H", number, len(to), *to)) for kind, number, to in references
    )
    brand = next(CODED[kind] for kind, _, _ in entries if kind in CODED)
    ftyp = box(b"ftyp", brand, b"\0\0\0\0mif1", brand)

    def meta(start):
        iloc = struct.pack(">BBH", 0x44, 0, len(entries))
        for number, (_, _, data) in enumerate(entries, 1):
            # Of an item without bytes nothing lies anywhere.
            iloc += struct.pack(">HHH", number, 0, min(len(data), 1))
            iloc += struct.pack(">II", start, len(data)) if data else b""
            start += len(data)
        return full(
            b"meta", 0, 0,
            full(b"hdlr", 0, 0, b"\0\0\0\0pict", bytes(13)),
            full(b"pitm", 0, 0, struct.pack(">H", 1)),
            full(b"iloc", 0, 0, iloc),
            full(b"iinf", 0, 0, struct.pack(">H", len(entries)), *infe),
            box(
                b"iprp",
                box(b"ipco", *(box(kind, content) for kind, content in pool)),
                full(b"ipma", 0, 0, struct.pack(">I", len(entries)), associations),
            ),
            *([full(b"iref", 0, 0, refer)] if refer else []),
        )

    start = len(ftyp) + len(meta(0)) + 8
    return ftyp + meta(start) + box(b"mdat", *(data for _, _, data in entries))
