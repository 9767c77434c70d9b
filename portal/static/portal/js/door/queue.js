// Scans that wait to be sent. Each has a number of its own, so that sending it twice does no harm.

import { clock, LOOK, SENT } from "./words.js";

const inHex = (byte) => byte.toString(16).padStart(2, "0");
export const newNonce = () => [...crypto.getRandomValues(new Uint8Array(16))].map(inHex).join("");

export const makeQueue = ({ line, drawer, people, screen }) => {
  const waiting = new Map();
  const conflicts = []; // in words; they outlast a reload, until somebody says that they were looked into

  const keep = () => drawer.set("conflicts", conflicts);
  const mark = (scan) => people.mark(scan.id, scan.session, { at: scan.at, by: "this device" });
  const look = (text) => {
    conflicts.push(text);
    screen.conflict(text);
    return keep();
  };
  const settle = async (scan, answer) => {
    scan.number = answer.id;
    scan.answered?.(answer.status === 201 ? SENT : LOOK); // none after a reload
    scan.noted?.(answer.status === 201 ? "sent" : "sent, to look into");
    const here = `${scan.who} was let in here at ${clock(scan.at)}`;
    if (answer.status === 200) await look(`${here}, but had come in at ${clock(answer.at)}, by ${answer.by}.`);
    else if (answer.status !== 201) await look(`${here}, but: ${answer.detail}`);
  };

  return {
    get size() {
      return waiting.size;
    },
    mark: () => [...waiting.values()].forEach(mark),
    async restore() {
      for (const scan of await drawer.waiting()) waiting.set(scan.nonce, scan);
      conflicts.push(...((await drawer.get("conflicts")) ?? []));
      for (const text of conflicts) screen.conflict(text);
    },
    looked() {
      conflicts.length = 0;
      screen.looked();
      return keep();
    },
    async add(scan) {
      await drawer.add(scan);
      waiting.set(scan.nonce, scan);
      mark(scan);
    },
    /** Whether it was still here to be withdrawn. */
    async withdraw(scan) {
      await drawer.remove(scan.nonce);
      return waiting.delete(scan.nonce);
    },
    async send() {
      for (const scan of [...waiting.values()].sort((one, other) => one.at.localeCompare(other.at))) {
        const answer = await line.send(scan);
        if (waiting.delete(scan.nonce)) await settle(scan, answer);
        else if (answer.status === 201) await line.undo(answer.id); // withdrawn while it was on its way
        await drawer.remove(scan.nonce);
      }
    },
  };
};
