"""The order in which rooms are visited: intake, desk, and the ports to the world outside.

In: bytes and people's decisions. Out: durable messages and answers. Never: a concrete adapter.
"""
