"""A template with the values of its parameters, as CloudFormation sees it after the conditions."""

import re

MISSING = object()


def evaluate(template, given):
    """Resources and outputs of a stack that is made with these parameters."""
    values = {name: str(each.get("Default", "")) for name, each in template["Parameters"].items()} | given
    evaluator = Evaluator(values, template["Conditions"])
    resources = evaluator.those_there(template["Resources"])
    for each in resources.values():
        each.get("Properties", {}).pop("Code", None)
    return {"Resources": resources, "Outputs": evaluator.those_there(template["Outputs"])}


class Evaluator:
    def __init__(self, values, conditions):
        self.values, self.conditions = values, conditions

    def holds(self, name):
        return name is None or self.truth(self.conditions[name])

    def those_there(self, parts):
        """Resources, or outputs, whose condition holds."""
        there = {name: each for name, each in parts.items() if self.holds(each.get("Condition"))}
        bare = {name: {key: each[key] for key in each if key != "Condition"} for name, each in there.items()}
        return {name: self.value(each) for name, each in bare.items()}

    def truth(self, condition):
        (function, parts), = condition.items()
        if function == "Condition":
            return self.holds(parts)
        if function == "Fn::Equals":
            one, two = map(self.value, parts)
            return one == two
        if function == "Fn::Not":
            return not self.truth(parts[0])
        return (any if function == "Fn::Or" else all)(self.truth(each) for each in parts)

    def value(self, value):
        if isinstance(value, list):
            return [each for each in map(self.value, value) if each is not MISSING]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            (function, argument), = value.items()
            if function in FUNCTIONS:
                return FUNCTIONS[function](self, argument)
        found = {key: self.value(each) for key, each in value.items()}
        return {key: each for key, each in found.items() if each is not MISSING}

    def choose(self, argument):
        condition, on, off = argument
        return self.value(on if self.holds(condition) else off)

    def refer(self, name):
        return MISSING if name == "AWS::NoValue" else self.values.get(name, {"Ref": name})

    def substitute(self, argument):
        text, own = argument if isinstance(argument, list) else (argument, {})
        known = self.values | {name: self.value(each) for name, each in own.items()}
        return {"Fn::Sub": re.sub(r"\$\{(\w+)\}", lambda hit: known.get(hit[1], hit[0]), text)}

    def select(self, argument):
        index, items = argument
        return self.value(items)[index]

    def split(self, argument):
        separator, text = argument
        return self.value(text).split(separator)

    def join(self, argument):
        separator, texts = argument
        return separator.join(self.value(texts))


FUNCTIONS = {
    "Fn::If": Evaluator.choose, "Ref": Evaluator.refer, "Fn::Sub": Evaluator.substitute,
    "Fn::Select": Evaluator.select, "Fn::Split": Evaluator.split, "Fn::Join": Evaluator.join,
}


def differences(expected, found, place=""):
    """Lines about each place where two templates are not the same."""
    expected, found = plain(expected), plain(found)
    if place.endswith("/Statement"):
        # A policy has no order.
        expected, found = (sorted(each, key=lambda statement: statement.get("Sid", "")) for each in (expected, found))
    if isinstance(expected, dict) and isinstance(found, dict):
        lines = [f"{place}/{key}: is missing" for key in expected.keys() - found.keys()]
        lines += [f"{place}/{key}: is one too many" for key in found.keys() - expected.keys()]
        for key in expected.keys() & found.keys():
            lines += differences(expected[key], found[key], f"{place}/{key}")
        return sorted(lines)
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        pairs = enumerate(zip(expected, found))
        return [line for index, (one, two) in pairs for line in differences(one, two, f"{place}/{index}")]
    return [] if expected == found else [f"{place}: {expected!r} by osls, {found!r} by the template"]


def plain(value):
    """A value without differences that make none: numbers as text, substitutions of nothing."""
    if isinstance(value, dict) and list(value) == ["Fn::Sub"] and "${" not in value["Fn::Sub"]:
        return value["Fn::Sub"]
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, (int, str)) else value
