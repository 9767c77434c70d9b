"""python -m bench [NAME …]: the figures of all measurements, or of those named; exits with 1 on a miss."""

import sys

from bench import abuse, checkin, door, exchange, fairness, freshness, mail, registration, resize, rush, serving

MEASUREMENTS = {
    "serving": serving.main,
    "freshness": freshness.main,
    "registration": registration.main,
    "rush": rush.main,
    "exchange": exchange.main,
    "resize": resize.main,
    "checkin": checkin.main,
    "abuse": abuse.main,
    "door": door.main,
    "mail": mail.main,
    "fairness": fairness.main,
}

if __name__ == "__main__":
    wanted = sys.argv[1:] or list(MEASUREMENTS)
    reached = [MEASUREMENTS[name]() for name in wanted]
    sys.exit(0 if all(reached) else 1)
