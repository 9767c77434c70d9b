"""Dates as our own pages write them, and hours from 0 to 23, in the admin too."""

DATE_FORMAT = "F j, Y"
DATETIME_FORMAT = "M j, Y, H:i"
TIME_FORMAT = "H:i"
