// What the desk shows: one big answer, the last scans, the people found by a name, the figures.

import { clock } from "./words.js";

const SCANS = 12;
const LOOKS = {
  in: { heading: "Come in", tone: "good", look: "result-ok", icon: "final", small: "check" },
  already: { heading: "Already in", tone: "warn", look: "result-again", icon: "again", small: "again" },
  unknown: { heading: "Not on the list", tone: "bad", look: "result-unknown", icon: "cross", small: "cross" },
  refused: { heading: "No seat", tone: "bad", look: "result-unknown", icon: "cross", small: "cross" },
  offline: { heading: "Come in, offline", tone: "", look: "result-offline", icon: "offline", small: "offline" },
  undone: { heading: "Taken back", tone: "warn", look: "result-again", icon: "left", small: "left" },
};

const part = (place, name) => place.querySelector(`[data-${name}]`);
const grown = (template) => template.content.firstElementChild.cloneNode(true);

export const makeScreen = (desk) => {
  const icons = desk.dataset.icons;
  const draw = (place, name) => place.querySelector("use").setAttribute("href", `${icons}#${name}`);
  const result = part(desk, "result");
  const scans = part(desk, "scans");
  let shown = 0;

  return {
    /** Gives a function that says something else, as long as this is the answer shown. */
    answer(kind, { who = "", said = "" }) {
      const look = LOOKS[kind];
      const number = (shown += 1);
      result.hidden = false;
      result.dataset.kind = kind;
      result.className = `result ${look.look} ${look.tone && `tone-${look.tone}`}`;
      draw(result, look.icon);
      part(result, "heading").textContent = look.heading;
      part(result, "who").textContent = who;
      part(result, "said").textContent = said;
      return (later) => {
        if (number === shown) part(result, "said").textContent = later;
      };
    },
    /** Gives a function that says something else in this line. */
    note(kind, { at, who, said }, onUndo) {
      const row = grown(part(desk, "scan-row"));
      row.className = LOOKS[kind].tone && `tone-${LOOKS[kind].tone}`;
      draw(row, LOOKS[kind].small);
      row.querySelector("time").textContent = clock(at);
      part(row, "who").firstChild.data = `${who} `;
      part(row, "who").querySelector("small").textContent = said;
      const button = row.querySelector("button");
      if (onUndo) {
        button.querySelector("span").textContent = ` the check-in of ${who}`;
        button.addEventListener("click", () => onUndo(button));
      } else button.remove();
      scans.prepend(row);
      while (scans.children.length > SCANS) scans.lastElementChild.remove();
      return (later) => {
        part(row, "who").querySelector("small").textContent = later;
      };
    },
    conflict(text) {
      const row = document.createElement("li");
      row.textContent = text;
      part(desk, "conflicts").append(row);
      part(desk, "conflict-box").hidden = false;
    },
    looked() {
      part(desk, "conflicts").replaceChildren();
      part(desk, "conflict-box").hidden = true;
    },
    matches(people, onChosen) {
      const rows = people.map((one) => {
        const row = grown(part(desk, "match-row"));
        const button = row.querySelector("button");
        button.firstChild.data = `${one.name} `;
        button.querySelector("small").textContent = [one.affiliation, one.ticket_type].filter(Boolean).join(", ");
        button.addEventListener("click", () => onChosen(one));
        return row;
      });
      part(desk, "matches").replaceChildren(...rows);
    },
    figures({ count, total }, waiting, state) {
      part(desk, "count").textContent = count;
      part(desk, "total").textContent = total;
      part(desk, "state").textContent = waiting ? `${state}, ${waiting} ${waiting === 1 ? "waits" : "wait"} to be sent` : state;
    },
  };
};
