from __future__ import annotations

import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import thimble_engine
from images import png
from thimble_engine import Image, Limits, ThimbleError
from thimble_engine._check import check
from thimble_engine._contract import Output, RawThumbnail

SLOW = png(12_000, 12_000)
MIB = 1 << 20

MISTAKES: list[tuple[str, bytes, str, dict[str, Any], str]] = [
    ("an unknown word of a preset", png(8, 8), "a=1x1,cvoer", {}, "invalid-preset"),
    ("a setting that the engine has not", png(8, 8), "a=1x1,cvoer=1", {}, "invalid-spec"),
    ("a thumbnail that is too large", png(8, 8), "a=5000x", {}, "invalid-spec"),
    ("bytes that are no image", b"<svg></svg>", "a=1x1", {}, "unsupported-format"),
    ("no bytes at all", b"", "a=1x1", {}, "unsupported-format"),
    ("a truncated image", png(300, 200)[:40], "a=1x1", {}, "malformed-source"),
    ("a bomb", png(8, 8, claims=(60_000, 60_000)), "a=1x1", {}, "limit-exceeded"),
    ("an image over a limit", png(8, 8), "a=1x1", {"limits": Limits(max_pixels=63)}, "limit-exceeded"),
    ("a file that is too large", png(8, 8), "a=1x1", {"max_source": 10}, "source-too-large"),
    ("too little memory", png(3_000, 3_000, interlaced=True), "a=1x1", {"memory": 16 * MIB}, "engine-memory"),
    ("hardly any memory", png(8, 8), "a=1x1", {"memory": 65_536}, "engine-memory"),
    ("too little time", SLOW, "a=1000x1000", {"seconds": 0.001}, "engine-time"),
]


class Thumbnails(unittest.TestCase):
    def test_thumbnails_come_in_the_order_of_their_presets_with_their_names(self) -> None:
        made = thimble_engine.thumbnails(png(300, 200), ["small=100x100", "icon=16x16,cover,webp"])
        self.assertEqual(made.source, Image("image/png", 300, 200, 1))
        told = [(each.name, each.media_type, each.width, each.height) for each in made.thumbnails]
        self.assertEqual(told, [("small", "image/png", 100, 67), ("icon", "image/webp", 16, 16)])
        self.assertEqual(made.warnings, ())

    def test_an_image_is_a_path_or_bytes_of_any_kind(self) -> None:
        data = png(30, 20)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "photo.png")
            path.write_bytes(data)
            for source in (path, str(path), data, bytearray(data), memoryview(data)):
                self.assertEqual(len(thimble_engine.thumbnails(source).thumbnails), 3)
            with self.assertRaises(FileNotFoundError):
                thimble_engine.thumbnails(Path(folder, "missing.png"))

    def test_an_engine_and_an_image_describe_themselves(self) -> None:
        info = thimble_engine.describe()
        self.assertEqual(info.name, "thimble-engine")
        self.assertEqual(info.version, thimble_engine.__version__, "the package has the version of its engine")
        self.assertIn("image/jpeg", info.decodes)
        self.assertIn("webp.lossless", info.settings)
        self.assertEqual(thimble_engine.inspect(png(3, 2)), Image("image/png", 3, 2, 1))

    def test_each_mistake_is_an_error_of_its_kind(self) -> None:
        for what, image, preset, options, kind in MISTAKES:
            with self.subTest(what), self.assertRaises(ThimbleError) as raised:
                thimble_engine.thumbnails(image, [preset], **options)
            self.assertEqual(raised.exception.kind, kind, raised.exception)

    def test_a_caller_with_all_the_time_there_is_gets_thumbnails(self) -> None:
        made = thimble_engine.thumbnails(png(8, 8), "a=1x1", seconds=float("inf"), memory=1 << 40)
        self.assertEqual(len(made.thumbnails), 1)

    def test_mistakes_of_a_program_are_errors_of_the_language(self) -> None:
        with self.assertRaises(ValueError):
            thimble_engine.Engine(seconds=-1)
        with self.assertRaises(ValueError):
            Limits(max_side=-1)

    def test_threads_share_an_engine_and_no_image_meets_what_another_left_behind(self) -> None:
        engine = thimble_engine.Engine()
        images = [png(64, 64), png(640, 480), png(64, 64), b"nothing"] * 4
        with ThreadPoolExecutor(4) as pool:
            work = [pool.submit(engine.thumbnails, image, ["a=9x9"]) for image in images]
        self.assertEqual(work[0].result(), work[2].result())
        self.assertEqual(sum(isinstance(each.exception(), ThimbleError) for each in work), 4)


class Lies(unittest.TestCase):
    """Answers of an engine that lies: none of them gets through."""

    TRUTH = Output("image/png", 20, 10, 1, [RawThumbnail(b"\x89PNG\r", "image/png", 10, 5)], [])

    def verdict(self, line: str, output: Output) -> None:
        check(output, [thimble_engine.Preset.parse(line)], Limits(), thimble_engine.describe())

    def test_a_true_answer_passes(self) -> None:
        self.verdict("a=10x10", self.TRUTH)

    def test_lies_do_not(self) -> None:
        made = self.TRUTH.thumbnails[0]
        source: dict[str, dict[str, Any]] = {
            "no thumbnail": {"thumbnails": []},
            "no size": {"width": 0},
            "over the limits": {"width": 10**6},
            "no image": {"media_type": "text/html"},
        }
        thumbnail: dict[str, dict[str, Any]] = {
            "enlarged": {"width": 21},
            "of no size": {"height": 0},
            "of a type that nobody writes": {"media_type": "text/html"},
            "of other bytes": {"data": b"<h"},
            "of no bytes": {"data": b""},
        }
        outputs = {what: replace(self.TRUTH, **change) for what, change in source.items()}
        for what, change in thumbnail.items():
            outputs[what] = replace(self.TRUTH, thumbnails=[replace(made, **change)])
        cases = [(what, "a=10x10", output) for what, output in outputs.items()]
        for line in ("a=9x9", "a=10x10,contain", "a=10x10,fill,enlarge", "a=10x10,webp"):
            cases.append((line, line, self.TRUTH))
        for what, line, output in cases:
            with self.subTest(what), self.assertRaises(ThimbleError) as raised:
                self.verdict(line, output)
            self.assertEqual(raised.exception.kind, "engine-output")


if __name__ == "__main__":
    unittest.main()
