"""Shared fixtures: real servers are in `tests.servers`, fakes in `tests.fakes`."""

pytest_plugins = ["tests.servers"]
