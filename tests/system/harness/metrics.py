"""Reads Prometheus' text format: enough to find one series in a scrape."""
import re

_LINE = re.compile(r'([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)(?: .*)?$')
_LABEL = re.compile(r'([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)",?')
_ESCAPES = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}


class Sample:
    def __init__(self, name, labels, value):
        self.name = name
        self.labels = labels
        self.value = value

    def __repr__(self):
        return f"{self.name}{self.labels} {self.value}"


def parse(text):
    """All samples of a scrape, in order. Raises ValueError on a line that is none."""
    samples = []
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        match = _LINE.match(line)
        if not match:
            raise ValueError(f"no sample line: {line!r}")
        labels = {name: re.sub(r'\\[\\"n]', lambda m: _ESCAPES[m.group()], value)
                  for name, value in _LABEL.findall(match.group(2) or "")}
        samples.append(Sample(match.group(1), labels, float(match.group(3))))
    return samples


def select(samples, name, **labels):
    """The samples of `name` that carry all of `labels`; a function says whether a value fits."""
    def fits(sample):
        return all(wanted(sample.labels.get(label)) if callable(wanted)
                   else sample.labels.get(label) == wanted for label, wanted in labels.items())
    return [sample for sample in samples if sample.name == name and fits(sample)]


def value(samples, name, **labels):
    """The value of the one such sample; LookupError where there is none or more than one."""
    found = select(samples, name, **labels)
    if len(found) != 1:
        raise LookupError(f"{len(found)} series {name}{labels}: {found[:5]}")
    return found[0].value
