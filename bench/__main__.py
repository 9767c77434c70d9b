"""python -m bench [serving] [freshness] [registration] [mail]: prints the figures; ends with 1 where one is missed."""

import sys

from bench import freshness, mail, registration, serving

MEASUREMENTS = {
    "serving": serving.main,
    "freshness": freshness.main,
    "registration": registration.main,
    "mail": mail.main,
}

if __name__ == "__main__":
    wanted = sys.argv[1:] or list(MEASUREMENTS)
    reached = [MEASUREMENTS[name]() for name in wanted]
    sys.exit(0 if all(reached) else 1)
