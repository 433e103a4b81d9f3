"""Tapestry: convoys tracked from the device in the cab to the watch officer's screen."""

__version__ = "0.1.0"
