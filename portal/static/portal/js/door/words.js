// What the desk says.

export const UNKNOWN = "This code belongs to no ticket of this event. Look the person up by name, or register them now.";
export const clock = (moment) => new Date(moment).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
export const about = (person) => [person.ticket_type, person.affiliation].filter(Boolean).join(", ");
export const letIn = (row) => `Let in at ${clock(row.at)} by ${row.by}. Ask for a name before you let anyone in again.`;
