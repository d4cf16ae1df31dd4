#!/usr/bin/env python3
"""SIGKILL at random moments, under load and with notices in flight: 20 times, 200 with
SEAMWATCH_LONG=1, or as often as SEAMWATCH_KILLS says. What must hold, however the moments fall:
- an alert whose cause stays is told, and so is its end;
- an alert that a receiver saw once, without taking it, is taken in the end;
- a notice that is told twice carries the same Idempotency-Key both times;
- the database is sound after every kill, and nothing is set aside.
SEAMWATCH_SEED repeats the choices of a run; the moments also depend on the machine."""
from harness import killed, runner, wait
from harness.agent import NO_NOISE_CONTROL

KILLS = killed.kills(20, 200)


class KillTest(killed.KilledAgent):
    def setUp(self):
        super().setUp()
        self.watch_and_tell_one(noise=NO_NOISE_CONTROL)

    def check_told(self):
        def untold():
            told = killed.last_told(self.hook)
            return {name: told.get(name) for name in self.failing if told.get(name) != "firing"}

        def unended():
            return {n for n, status in killed.last_told(self.hook).items() if status == "firing"}
        try:
            wait.until(lambda: not untold(), 30, "every integration that fails was told")
        except AssertionError:
            self.fail(f"fail and are not told, with what was told last: {untold()}; "
                      f"the agent says {[self.agent.state(name) for name in untold()]}, "
                      f"{self.agent.value('seamwatch_outbox_pending')} pending; requests:\n"
                      + "\n".join(killed.history(self.hook, name) for name in untold()))
        self.heal_all()
        wait.until(lambda: not unended(), 60, "every end was told")

    def test_kills(self):
        self.agent.kill()
        for _ in range(KILLS):
            self.run_and_kill()
        self.hook.mode = "ok"
        self.agent.start()
        self.check_told()
        self.agent.until_value(0, "seamwatch_outbox_pending", 60)
        self.check_nothing_lost(self.hook)
        self.check_keys(self.hook)
        self.assertEqual(self.agent.stop(), 0)
        self.assertEqual(self.agent.check_database(), "ok")
        taken = self.hook.received(True)
        print(f"{KILLS} kills with seed {killed.SEED}: {len(self.hook.received())} requests, "
              f"{len(taken)} taken, {len(taken) - len({r.key for r in taken})} of them twice",
              flush=True)


if __name__ == "__main__":
    print(f"seed {killed.SEED}", flush=True)
    runner.main()
