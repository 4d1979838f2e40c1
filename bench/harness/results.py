"""Results of a run, in the form that is kept between measuring and reporting."""

from dataclasses import asdict, dataclass, field

from measure import Turns


@dataclass
class Row:
    """One image and workload, with the turns of each peer."""

    image: str
    workload: str
    turns: dict


@dataclass
class Results:
    """Everything a report is made of."""

    machine: dict
    versions: dict
    rows: list = field(default_factory=list)
    # Image -> what `pictures.judge` found.
    quality: dict = field(default_factory=dict)
    # Result of `growth.measure`.
    growth: dict = field(default_factory=dict)
    # Milliseconds of the host's own steps.
    host: dict = field(default_factory=dict)

    def to_json(self):
        return asdict(self)

    @classmethod
    def from_json(cls, value):
        rows = [
            Row(row["image"], row["workload"], {name: Turns(**turns) for name, turns in row["turns"].items()})
            for row in value["rows"]
        ]
        return cls(**{**value, "rows": rows})

    def of(self, workload):
        return [row for row in self.rows if row.workload == workload]
