"""Files of HEIF: items taken out of one, and put together to another.

libheif's encoder in Python writes single pictures. Grids, turns and crops, as phones write them,
are made here of what it wrote.
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


def coded(file):
    """Record, color and bytes of the picture of a file, and those of its alpha if there is one."""
    pictures = [entry for entry in items(file) if entry[1] == b"hvc1"]
    wanted = lambda owned: [(kind, content) for kind, content in owned if kind in (b"hvcC", b"ispe", b"colr", b"auxC")]
    return [(wanted(owned), data) for _, _, owned, data in pictures]


def file_of(tiles, columns, size, extra=(), alpha=None):
    """A file whose picture is one tile, or a grid of them; tiles are properties and bytes."""
    width, height = size
    is_grid = len(tiles) > 1
    entries = []  # kind, properties, bytes
    if is_grid:
        rows = len(tiles) // columns
        grid = struct.pack(">BBBBHH", 0, 0, rows - 1, columns - 1, width, height)
        color = [entry for entry in tiles[0][0] if entry[0] == b"colr"]
        ispe = (b"ispe", struct.pack(">III", 0, width, height))
        entries.append((b"grid", [ispe, *color, *extra], grid))
        entries += [(b"hvc1", owned, data) for owned, data in tiles]
    else:
        entries.append((b"hvc1", [*tiles[0][0], *extra], tiles[0][1]))
    references = b""
    if is_grid:
        numbers = range(2, 2 + len(tiles))
        references += box(b"dimg", struct.pack(f">HH{len(tiles)}H", 1, len(tiles), *numbers))
    if alpha:
        owned, data = alpha
        entries.append((b"hvc1", owned, data))
        references += box(b"auxl", struct.pack(">HHH", len(entries), 1, 1))
    pool, associations = [], b""
    for number, (_, owned, _) in enumerate(entries, 1):
        places = []
        for entry in owned:
            if entry not in pool:
                pool.append(entry)
            essential = 0x80 if entry[0] in (b"hvcC", b"irot", b"imir", b"clap") else 0
            places.append(pool.index(entry) + 1 | essential)
        associations += struct.pack(f">HB{len(places)}B", number, len(places), *places)
    infe = [full(b"infe", 2, 0, struct.pack(">HH", number, 0), kind, b"\0") for number, (kind, _, _) in enumerate(entries, 1)]
    ftyp = box(b"ftyp", b"heic\0\0\0\0mif1heic")

    def meta(start):
        iloc = struct.pack(">BBH", 0x44, 0, len(entries))
        for number, (_, _, data) in enumerate(entries, 1):
            iloc += struct.pack(">HHHII", number, 0, 1, start, len(data))
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
            *([full(b"iref", 0, 0, references)] if references else []),
        )

    start = len(ftyp) + len(meta(0)) + 8
    return ftyp + meta(start) + box(b"mdat", *(data for _, _, data in entries))
