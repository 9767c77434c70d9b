"""What a trial set-up shows: the tutorial, a larger conference, and on request crowds and drafts to test with."""
