"""Random PromQL over a few series: mostly good, of all that Prometheus 2.42 and 3 read alike. Ranges never
end on a sample nor on a step of a subquery, as the two see those differently; and nothing makes much of the
last digit, which they sum differently: no rounding, no exp()."""

METRICS = ["m", "n", "c_total", "h_bucket"]
LABELS = ["a", "b"]
VALUES = ["x", "y", "z", ""]
RANGES = ["1m", "2m", "5m", "10m", "30s", "1h"]
OVER_TIME = ["sum", "avg", "min", "max", "count", "last", "present", "stddev", "stdvar"]
RATES = ["rate", "irate", "increase", "delta", "idelta", "deriv", "changes", "resets"]
MATH = ["abs", "sqrt", "ln", "log2", "log10", "sgn", "sin", "cos", "atan", "deg", "rad",
        "timestamp", "minute", "hour", "day_of_week", "days_in_month", "sort", "absent", "tanh", "month", "year"]
AGGREGATIONS = ["sum", "avg", "min", "max", "count", "group", "stddev", "stdvar"]
OPERATORS = ["+", "-", "*", "/", "%", "^", "==", "!=", ">", "<", ">=", "<=", "atan2"]


class Expressions:
    def __init__(self, chance):
        self._chance = chance

    def next(self):
        text = self.vector() if self._chance.random() < 0.9 else self.scalar()
        if self._chance.random() < 0.06:
            at = self._chance.randrange(len(text) + 1)
            text = text[:at] + self._chance.choice(list("(){}[],\"=~+-*/ 1a@:!")) + text[at + self._chance.randint(0, 1):]
        return text

    def _selector(self):
        chance = self._chance
        matchers = [f'{chance.choice(LABELS)}{chance.choice(("=", "!=", "=~", "!~"))}"'
                    f'{chance.choice(VALUES + ["x|y", ".*", ".+", "[xz]"])}"' for _ in range(chance.choice((0, 0, 1, 2)))]
        return chance.choice(METRICS) + (f"{{{','.join(matchers)}}}" if matchers else "")

    def _modifiers(self):
        chance = self._chance
        return chance.choice(("", "", "", "", " offset 1m", " offset -2m", " @ end()", " @ start()", " offset 5m"))

    def _range(self, depth):
        chance = self._chance
        if depth < 2 and chance.random() < 0.2:
            return f"({self.vector(depth + 1)})[{chance.choice(('5m31s', '2m31s'))}:1m]"
        return f"{self._selector()}[{chance.choice(RANGES)}]{self._modifiers()}"

    def scalar(self, depth=0):
        chance = self._chance
        way = chance.random()
        if way < 0.6 or depth > 2:
            return chance.choice(("1", "2", "0.5", "-1", "0", "NaN", "Inf", "1e3", "0x1F", "pi()", "-Inf", "3"))
        if way < 0.7:
            return f"scalar({self.vector(depth + 1)})"
        return f"({self.scalar(depth + 1)} {chance.choice(('+', '-', '*', '/', '%', '^', '== bool', '> bool'))} " \
               f"{self.scalar(depth + 1)})"

    def _by(self):
        chance = self._chance
        return chance.choice(("", f" by ({chance.choice(LABELS)})", f" without ({chance.choice(LABELS)})", " by (a, b)",
                              " without (a, b, le)", " by (le)", " by ()", " by (__name__)"))

    def vector(self, depth=0):
        chance = self._chance
        if depth > 3 or chance.random() < 0.2:
            return self._selector() + self._modifiers()
        return chance.choice((self._function, self._function, self._aggregation, self._aggregation, self._binary, self._binary,
                              self._special))(depth + 1)

    def _function(self, depth):
        chance = self._chance
        way = chance.random()
        if way < 0.3:
            return f"{chance.choice(OVER_TIME)}_over_time({self._range(depth)})"
        if way < 0.6:
            return f"{chance.choice(RATES)}({self._range(depth)})"
        if way < 0.66:
            return f"quantile_over_time({self.scalar(depth)}, {self._range(depth)})"
        if way < 0.7:
            # Over a range 2.42 loses points of one that is fixed by @.
            return f"predict_linear({self._selector()}[{chance.choice(RANGES)}], {self.scalar(depth)})"
        return f"{chance.choice(MATH)}({self.vector(depth)})"

    def _aggregation(self, depth):
        chance = self._chance
        way = chance.random()
        by, inner = self._by(), self.vector(depth)
        if way < 0.1:
            return f"quantile{by} ({self.scalar(depth)}, {inner})"
        if way < 0.16:
            return f'count_values{by} ("v", {self._selector()})'
        return f"{chance.choice(AGGREGATIONS)}{by} ({inner})"

    def _binary(self, depth):
        chance = self._chance
        operator = chance.choice(OPERATORS)
        if operator in ("==", "!=", ">", "<", ">=", "<=") and chance.random() < 0.5:
            operator += " bool"
        way = chance.random()
        if way < 0.3:
            return f"({self.vector(depth)} {operator} {self.scalar(depth)})"
        if way < 0.4:
            return f"({self.scalar(depth)} {operator} {self.vector(depth)})"
        on = chance.choice(("", " on (a)", " on (a, b)", " ignoring (b)", " ignoring (le)", " on ()", " on (a) group_left",
                            " on (b) group_right", " ignoring (le) group_left (b)", " on (a, b) group_right ()"))
        if way < 0.6:
            on = on.split(" group")[0]
            return f"({self.vector(depth)} {chance.choice(('and', 'or', 'unless'))}{on} {self.vector(depth)})"
        return f"({self.vector(depth)} {operator}{on} {self.vector(depth)})"

    def _special(self, depth):
        chance = self._chance
        return chance.choice((
            lambda: f"histogram_quantile({chance.choice(('0.5', '0.9', '0', '1', '-1', '2', 'NaN'))}, "
                    f"{chance.choice(('h_bucket', 'rate(h_bucket[5m])', 'sum by (le) (h_bucket)', 'sum by (a, le) (h_bucket)'))})",
            lambda: f'label_replace({self.vector(depth)}, "{chance.choice(("a", "new"))}", "{chance.choice(("$1", "k-$1", "", "$0"))}", '
                    f'"{chance.choice(LABELS)}", "{chance.choice(("(.*)", "x(.*)", "(x|y)", ""))}")',
            lambda: f'label_join({self.vector(depth)}, "{chance.choice(("a", "new"))}", "-", "a", "b")',
            lambda: f"clamp({self.vector(depth)}, {self.scalar(depth)}, {self.scalar(depth)})",
            lambda: f"clamp_max({self.vector(depth)}, {self.scalar(depth)})",
            lambda: f"round({self._selector()}, {chance.choice(('0.1', '5', '0', '-1'))})",
            lambda: f"{chance.choice(('ceil', 'floor', 'round', 'exp'))}({self._selector()})",
            lambda: f"vector({self.scalar(depth)})", lambda: f"-{self.vector(depth)}",
            lambda: f"absent_over_time({self._range(depth)})", lambda: "time() - " + self.vector(depth),
            lambda: f"({self.vector(depth)})"))()
