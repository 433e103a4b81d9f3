"""The house's hands: bus, store, sockets, keys, passwords, children. Only `wiring` names what is in here.

In: what the ports of `app` ask for. Out: the world's answers, faults turned into ours. Never: a decision.
"""
