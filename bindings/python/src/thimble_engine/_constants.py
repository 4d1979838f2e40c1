"""Facts about the engine of this package, which were written down when it was built."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

FILES = resources.files(__package__)
CONSTANTS: dict[str, Any] = json.loads(FILES.joinpath("engine.json").read_text("utf-8"))
DEFAULTS: dict[str, Any] = CONSTANTS["defaults"]
