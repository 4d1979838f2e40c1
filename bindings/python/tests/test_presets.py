from __future__ import annotations

import json
import pickle
import unittest
from pathlib import Path
from typing import Any

import thimble_engine
from thimble_engine import Preset, PresetError, parse_presets

TABLE: dict[str, Any] = json.loads(Path(__file__).parents[2].joinpath("presets.json").read_text("utf-8"))


def told(preset: Preset) -> dict[str, Any]:
    focus = preset.focus
    return {
        "bounds": [preset.width, preset.height],
        "fit": preset.fit,
        "focus": list(focus) if isinstance(focus, tuple) else focus,
        "background": list(preset.background),
        "enlarge": preset.enlarge,
        "format": preset.media_type,
        "quality": preset.quality,
        "settings": [list(setting) for setting in preset.settings],
    }


class Presets(unittest.TestCase):
    def test_presets_mean_what_they_mean_in_the_native_host(self) -> None:
        self.assertGreater(len(TABLE["cases"]), 100)
        for case in TABLE["cases"]:
            with self.subTest(case["line"]):
                if "spec" in case:
                    preset = Preset.parse(case["line"])
                    self.assertEqual((preset.name, told(preset)), (case["name"], case["spec"]))
                    continue
                with self.assertRaises(PresetError) as raised:
                    Preset.parse(case["line"])
                error = raised.exception
                expected = (case["problem"], case["column"], case["length"], case["message"])
                self.assertEqual((error.problem, error.column, error.length, str(error)), expected)

    def test_a_mistake_is_pointed_at_and_crosses_processes(self) -> None:
        with self.assertRaises(PresetError) as raised:
            Preset.parse("a=1x1,cvoer")
        error = pickle.loads(pickle.dumps(raised.exception))
        self.assertEqual((error.kind, error.pointer), ("invalid-preset", "a=1x1,cvoer\n      ^^^^^"))

    def test_the_line_of_a_configuration_is_read_and_no_name_twice(self) -> None:
        self.assertEqual([preset.name for preset in parse_presets(" a=1x1;  b=2x2 ")], ["a", "b"])
        with self.assertRaisesRegex(PresetError, "two presets have one name: a"):
            parse_presets(["a=1x1", "a=2x2"])

    def test_defaults_are_those_of_the_native_host(self) -> None:
        defaults, limits = TABLE["defaults"], thimble_engine.Limits()
        self.assertEqual(list(thimble_engine.DEFAULT_PRESETS), defaults["presets"])
        engine = thimble_engine.Engine
        self.assertEqual(
            (engine.MEMORY, engine.SECONDS, engine.MAX_SOURCE),
            (defaults["memory"], defaults["seconds"], defaults["maxSource"]),
        )
        of_limits = limits.max_pixels, limits.max_side, limits.max_frames, limits.max_profile, limits.max_output_side
        names = "maxPixels", "maxSide", "maxFrames", "maxProfile", "maxOutputSide"
        self.assertEqual(of_limits, tuple(defaults["limits"][name] for name in names))


if __name__ == "__main__":
    unittest.main()
