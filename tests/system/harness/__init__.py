"""What the system tests share: the agent binary, real peers on loopback, and a small runner.
One idea a module; Python's standard library and Debian's programs only."""
