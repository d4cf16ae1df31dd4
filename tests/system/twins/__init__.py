"""Random cases for the agent and the program that it stands in for: generators, and what is known to
differ. The tests `twin_*_test.py` run both."""
