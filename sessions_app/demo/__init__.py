"""The tutorial a trial set-up starts with, as the plain page its organizers would have pasted."""

from pathlib import Path

TUTORIAL = Path(__file__).with_name("tutorial.txt")
