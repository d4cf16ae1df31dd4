"""A real Alertmanager and the agent side by side, with the same file, and the same asked of both."""
import json

from harness.agent import NO_NOISE_CONTROL, Agent
from harness.alertmanager import Alertmanager


class Servers:
    def __init__(self, test_class, config):
        """Both end with `test_class`."""
        self.theirs = Alertmanager(config=config)
        test_class.addClassCleanup(self.theirs.stop)
        self.ours = Agent(notify=config, notification={"noise": NO_NOISE_CONTROL},
                          silences={"matchers_min": 0, "length_max": "100y"})
        test_class.addClassCleanup(self.ours.stop)

    def reload(self, config):
        self.theirs.write(config)
        self.ours.notify = config
        self.ours.write()
        return self.ask("/-/reload", "POST")

    def ask(self, path, method="GET", body=None, **more):
        """Both answers, the Alertmanager's first."""
        return (self.theirs.get(path, method=method, body=body, **more),
                self.ours.get(path, method=method, body=body, **more))

    def post(self, alerts):
        """Posts alerts that both must take."""
        for answer in self.ask("/api/v2/alerts", "POST", json.dumps(alerts).encode(),
                               headers={"Content-Type": "application/json"}):
            assert answer.status == 200, answer
