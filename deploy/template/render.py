"""The template that osls makes of serverless.yml, without an account and without a package."""

import json
import os
import re
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from parameters import FEATURES, ROOT, SWITCHES, UNFILTERED
from sentinels import NAME, STAGE, mark

# The configuration file of the stacks that the template makes, if they are to have one.
FILE = os.environ.get("THIMBLE_CONFIG_FILE")

# An archive of nothing: a template names an archive, and has none in it.
NOTHING = b"PK\5\6" + bytes(18)


class Renderer:
    """Renders the stage of marks in a copy of its files, whose values may be of any type."""

    name = NAME

    def __init__(self, osls):
        self.osls = Path(osls).resolve()

    def sentinels(self, parameters, shape):
        """A mark for each parameter, and for a feature only if it is on; a switch that is not on is off."""
        marked = (each.name for each in parameters if each.name not in UNFILTERED)
        off = {name: "no" for name in SWITCHES if name not in shape}
        return off | {name: mark(name) for name in marked if name not in FEATURES or name in shape}

    def render_all(self, wanted):
        """The templates of all wanted sets of parameters, by their keys."""
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return dict(zip(wanted, pool.map(self.render, wanted.values())))

    def render(self, values):
        with tempfile.TemporaryDirectory() as folder:
            self.copy(Path(folder))
            # A file that decides about permissions is that of each stack of this template.
            if FILE:
                values = {"config": mark("config"), **values, "configFile": str((ROOT / FILE).resolve())}
            given = [word for name, value in values.items() for word in ("--param", f"{name}={value}")]
            command = [self.osls, "package", "--package", "rendered", "--stage", STAGE, *given]
            quiet = {"SLS_TELEMETRY_DISABLED": "1", "SLS_NOTIFICATIONS_MODE": "off", "THIMBLE_FOR_ANYBODY": "1"}
            done = subprocess.run(
                command, cwd=folder, env={**os.environ, **quiet}, text=True, capture_output=True, check=False
            )
            if done.returncode:
                raise SystemExit(f"template: osls cannot render serverless.yml: {done.stdout}{done.stderr}")
            return json.loads((Path(folder) / "rendered/cloudformation-template-update-stack.json").read_text())

    @staticmethod
    def copy(folder):
        text = (ROOT / "serverless.yml").read_text()
        checked = "configValidationMode: error"
        if checked not in text:
            raise SystemExit(f"template: serverless.yml has no line `{checked}`")
        # A mark is no number.
        (folder / "serverless.yml").write_text(text.replace(checked, "configValidationMode: off"))
        (folder / "deploy").mkdir()
        for pattern in ("*.js", "*.yml"):
            for file in (ROOT / "deploy").glob(pattern):
                shutil.copy(file, folder / "deploy")
        for archive in re.findall(r"artifact: (\S+)", text):
            (folder / archive).parent.mkdir(parents=True, exist_ok=True)
            (folder / archive).write_bytes(NOTHING)


def own_part(template):
    """Resources and outputs without those that osls adds for itself: a bucket for code, versions of functions."""
    def is_own(name, value):
        return not name.startswith("ServerlessDeployment") and value.get("Type") != "AWS::Lambda::Version"

    def is_asked_for(name):
        return not name.startswith("Serverless") and not name.endswith("QualifiedArn")

    resources = {name: value for name, value in template["Resources"].items() if is_own(name, value)}
    for value in resources.values():
        value.get("Properties", {}).pop("Code", None)
    outputs = {
        name: {key: part for key, part in value.items() if key != "Export"}
        for name, value in template["Outputs"].items() if is_asked_for(name)
    }
    return {"Resources": resources, "Outputs": outputs}
