"""The program of a wheel, and its tag: any Python, and what the program runs on."""

import os

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PlatformTag(BuildHookInterface):
    def initialize(self, version, build_data):
        program = os.environ["THIMBLE_PROGRAM"]
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{os.environ['THIMBLE_PLATFORM']}"
        build_data["shared_scripts"][program] = os.path.basename(program)
