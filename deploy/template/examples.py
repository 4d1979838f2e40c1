"""Values that the descriptions of parameters state, beside those that the parameters take."""

import re

from parameters import variables

# A value stands there with what it begins with, a whole or a scheme alone: s3://BUCKET/KEY, channel:NAME, gs://.
VALUE = re.compile(r"\b[a-z][a-z0-9]*:(?://)?[\w./:%{}-]*\w|\b[a-z][a-z0-9]*://")
# The one word of such a value that is a number.
ACCOUNT = "000000000000"


def refused(template):
    """A line about each value in a description that its parameter would refuse, and about each name of a variable."""
    lines = []
    for name, parameter in template["Parameters"].items():
        for text in (parameter["Description"], parameter.get("ConstraintDescription", "")):
            lines += [f"{name}: {what}" for what in wrong(text, parameter)]
    return lines


def wrong(text, parameter):
    pattern, values = parameter.get("AllowedPattern", ""), parameter.get("AllowedValues")
    for value in VALUE.findall(text):
        if not re.fullmatch(pattern or ".*", value.replace("ACCOUNT", ACCOUNT)):
            yield f"{value} is no value of {pattern}"
    for value in re.findall(r"`([\w-]+)`", text) if values else ():
        if value not in values:
            yield f"`{value}` is none of {', '.join(map(str, values))}"
    for least, most in re.findall(r"\b(\d+) to (\d+)\b", text):
        if (int(least), int(most)) != (parameter.get("MinValue"), parameter.get("MaxValue")):
            yield f"{least} to {most} are not its bounds"
    for variable in set(re.findall(r"\b[A-Z]+_[A-Z_]+\b", text)) & {*variables(), "THUMBNAILS_BUCKET", "SOURCE_BUCKET"}:
        yield f"{variable} is a variable of the function, and no parameter"
