// What the desk says.

export const UNKNOWN = "This code belongs to no ticket of this event. Look the person up by name, or register them now.";
export const clock = (moment) => new Date(moment).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
export const about = (person) => [person.ticket_type, person.affiliation].filter(Boolean).join(", ");
export const letIn = (row) => `Let in at ${clock(row.at)} by ${row.by}. Ask for a name before you let anyone in again.`;
export const WAITS = "Known on this device. It is sent when the network is back.";
export const SENT = "Let in without the network; it has been sent since.";
export const LOOK = "Let in without the network; it has been sent since. See “To look into”.";

const INTEREST = "has shown interest only and holds no ticket";
const REASONS = {
  waitlisted: "is on the waitlist and holds no seat",
  cancelled: "has cancelled",
  declined: "was declined",
  awaiting_approval: "still waits to be approved",
};
export const whyNot = (person) => `${person.name} ${REASONS[person.state] ?? INTEREST}.`;
