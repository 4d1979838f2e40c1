"""The quality and the size of what the peers made."""

from dataclasses import replace

from quality import Reference, size_at
from workers import ONCE, SHARP, THIMBLE, Refused
from workloads import QUALITY, Workload

JUDGED = (THIMBLE, SHARP, ONCE)

# The settings between which a size at equal quality is looked for.
QUALITIES = (55, 65, QUALITY, 90)


def judge(running, image, workload, folder, equal):
    """Each judged peer's thumbnails against the reference, and sizes at sharp's quality."""
    reference = Reference(image.path)
    found = {"peers": {}, "equal": None}
    for name in JUDGED:
        files = [folder / name / str(index) for index in range(len(workload.sizes))]
        if all(file.exists() for file in files):
            found["peers"][name] = [_entry(reference, file.read_bytes()) for file in files]
    if equal and image.format != "png":
        found["equal"] = _equal(running, image, workload, reference, folder)
    return found


def _entry(reference, file):
    quality = reference.compare(file)
    return {"ssim": quality.ssim, "psnr": quality.psnr, "bytes": len(file)}


def _equal(running, image, workload, reference, folder):
    """Thimble's size over sharp's where the largest thumbnail is as good as sharp's."""
    largest = max(workload.sizes, key=lambda size: size[0] * size[1])
    curves = {}
    for worker in running:
        if worker.name in (THIMBLE, SHARP):
            try:
                curves[worker.name] = _curve(worker, image, Workload("", (largest,)), reference, folder)
            except Refused:
                return None
    wanted, size = curves[SHARP][QUALITIES.index(QUALITY)]
    reached = size_at(curves[THIMBLE], wanted)
    return None if reached is None else reached / size


def _curve(worker, image, workload, reference, folder):
    points = []
    for quality in QUALITIES:
        worker.run(replace(workload, quality=quality).request(image, 1, folder))
        file = (folder / "0").read_bytes()
        points.append((reference.compare(file).ssim, len(file)))
    return points
