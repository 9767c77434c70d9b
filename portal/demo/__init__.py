"""What a trial set-up shows: an event at each stage, and on request crowds and drafts to test with."""
