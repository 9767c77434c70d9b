"""python -m bench [serving] [registration]: prints the ratios; ends with 1 where one is too low."""

import sys

from bench import registration, serving

MEASUREMENTS = {"serving": serving.main, "registration": registration.main}

if __name__ == "__main__":
    wanted = sys.argv[1:] or list(MEASUREMENTS)
    reached = [MEASUREMENTS[name]() for name in wanted]
    sys.exit(0 if all(reached) else 1)
