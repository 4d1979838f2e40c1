"""Several shapes of one stack, joined by conditions."""

import json

from parameters import FEATURES, SWITCHES

NOTHING = {"Ref": "AWS::NoValue"}


def join(shapes):
    """One template of all `shapes`, by the features that are on in each; and its conditions."""
    joiner = Joiner()
    template = joiner.dictionary(shapes)
    for part in ("Resources", "Outputs"):
        template[part] = joiner.conditional({shape: each[part] for shape, each in shapes.items()})
    return template, joiner.conditions()


class Joiner:
    """Finds for each place the one condition that explains its values."""

    def __init__(self):
        self.used = set()
        names = list(FEATURES)
        pairs = [(one, two) for index, one in enumerate(names) for two in names[index + 1:]]
        # In the order in which they are tried: the simplest first.
        self.candidates = [("is", name) for name in names]
        self.candidates += [("or", *pair) for pair in pairs] + [("and", *pair) for pair in pairs]

    def conditional(self, shapes):
        """Resources, or outputs: each with the condition on which it is there."""
        found = {}
        for name in ordered(shapes.values()):
            there = {shape: each[name] for shape, each in shapes.items() if name in each}
            part = self.value(there)
            if len(there) < len(shapes):
                sides = self.sides({shape: name in each for shape, each in shapes.items()}, name)
                part = {"Condition": self.name(*sides), **part}
            found[name] = part
        return found

    def value(self, values):
        """The value of one place, from its value in each shape."""
        first = next(iter(values.values()))
        if all(each == first for each in values.values()):
            return first
        kinds = {type(each) for each in values.values()}
        if kinds == {dict} and not any(is_function(each) for each in values.values()):
            return self.dictionary(values)
        if kinds == {list}:
            return self.list(values)
        return self.choice(values)

    def choice(self, values):
        """A condition with the value of either side."""
        condition, negated = self.sides({shape: json.dumps(each, default=str) for shape, each in values.items()}, values)
        on = next(each for shape, each in values.items() if holds(condition, shape))
        off = next(each for shape, each in values.items() if not holds(condition, shape))
        return {"Fn::If": [self.name(condition, negated), *((off, on) if negated else (on, off))]}

    def optional(self, values, there, place):
        """A part that only some shapes have."""
        condition = self.name(*self.sides({shape: shape in there for shape in values}, place))
        return {"Fn::If": [condition, self.value(there), NOTHING]}

    def dictionary(self, values):
        found = {}
        for key in ordered(values.values()):
            there = {shape: each[key] for shape, each in values.items() if key in each}
            found[key] = self.value(there) if len(there) == len(values) else self.optional(values, there, key)
        return found

    def list(self, values):
        if all(len(each) == 1 for each in values.values()):
            return [self.value({shape: each[0] for shape, each in values.items()})]
        keyed = {shape: {identity(item): item for item in each} for shape, each in values.items()}
        return list(self.dictionary(keyed).values())

    def sides(self, values, place):
        """The simplest condition that tells the two values apart, and whether it is to be negated."""
        for condition in self.candidates:
            on = {value for shape, value in values.items() if holds(condition, shape)}
            off = {value for shape, value in values.items() if not holds(condition, shape)}
            if len(on) == 1 and len(off) == 1 and on != off:
                return condition, on == {False}
        raise SystemExit(f"template: no condition of one or two parameters explains the values of {place}")

    def name(self, condition, negated):
        self.used.add((condition, negated))
        return name_of(condition, negated)

    def conditions(self):
        """All conditions that are used, and those that they are made of."""
        found = {}
        needed = {name for (_, *names), _ in self.used for name in names}
        for name, condition in FEATURES.items():
            if name not in needed:
                continue
            title = name[0].upper() + name[1:]
            found[condition] = (
                {"Fn::Equals": [{"Ref": title}, "yes"]} if name in SWITCHES
                else {"Fn::Not": [{"Fn::Equals": [{"Ref": title}, ""]}]}
            )
        for condition, negated in sorted(self.used):
            kind, *names = condition
            if kind != "is":
                parts = [{"Condition": FEATURES[name]} for name in names]
                found[name_of(condition, False)] = {f"Fn::{kind.capitalize()}": parts}
            if negated:
                found[name_of(condition, True)] = {"Fn::Not": [{"Condition": name_of(condition, False)}]}
        return found


def name_of(condition, negated):
    kind, *names = condition
    name = kind.capitalize().join(FEATURES[each] for each in names)
    if not negated:
        return name
    return name.replace("Has", "HasNo", 1) if name.startswith("Has") and kind == "is" else f"Not{name}"


def holds(condition, shape):
    kind, *names = condition
    return (any if kind == "or" else all)(name in shape for name in names)


def is_function(value):
    return len(value) == 1 and next(iter(value)).startswith(("Fn::", "Ref"))


def identity(item):
    """A name by which an item of a list is the same in another shape."""
    if isinstance(item, dict):
        for key in ("Sid", "PolicyName", "Event", "Id"):
            if key in item:
                return item[key]
    return json.dumps(item)


def ordered(dictionaries):
    """The keys of all, each after the one that it follows where it occurs."""
    found = []
    for each in dictionaries:
        place = 0
        for key in each:
            if key in found:
                place = found.index(key) + 1
            else:
                found.insert(place, key)
                place += 1
    return found
