"""Speed as ratios: the product against bare Django views on the same server, in turns."""
