"""The door of decoding for people: frames of a device in, what they say out, line by line."""

from tapestry.app._frames import NAMES, Frames, OutputLine, input_lines, spec_of

__all__ = ["NAMES", "Frames", "OutputLine", "input_lines", "spec_of"]
