// The days of the event, as the server knows them too: an evening past midnight belongs to the day before.

const BEGINS = 4 * 3_600_000; // ms after midnight

const clockIn = (timeZone) => {
  const said = { dateStyle: "short", timeStyle: "short" };
  try {
    return new Intl.DateTimeFormat("sv-SE", { ...said, timeZone }); // 2026-01-15 09:30
  } catch {
    return new Intl.DateTimeFormat("sv-SE", said); // an old phone may not know the zone
  }
};

/** Gives a function that tells the day of a moment, as 2026-01-15. */
export const daysIn = (timeZone) => {
  const clock = clockIn(timeZone);
  return (moment) => {
    const onTheWall = `${clock.format(new Date(moment)).replace(" ", "T")}Z`;
    return new Date(Date.parse(onTheWall) - BEGINS).toISOString().slice(0, 10);
  };
};
