// Decides about each scan: by the server while there is one, else by the list on this device, to be told to it later.

import { LoggedOut, Offline } from "./line.js";
import { tidy } from "./people.js";
import { makeQueue, newNonce } from "./queue.js";
import { makeUndo } from "./undo.js";
import { about, clock, letIn, UNKNOWN, WAITS, whyNot } from "./words.js";

// A list kept from before it said so tells the state only.
const holdsSeat = (person) => person.holds_seat ?? ["confirmed", "pending"].includes(person.state);
const kindOf = (status) => ({ 201: "in", 200: "already", 409: "refused" })[status] ?? "unknown";

export const makeDesk = ({ line, drawer, people, screen, chosen }) => {
  let state = "reading the list";
  let isBusy = false;
  const queue = makeQueue({ line, drawer, people, screen });

  const show = () => screen.figures({ count: people.countIn(), total: people.figures.total }, queue.size, state);
  const fail = (error) => {
    if (!(error instanceof Offline || error instanceof LoggedOut)) throw error;
    state = error instanceof LoggedOut ? "log in again, in another tab" : "offline";
  };
  const undo = makeUndo({ queue, line, people, screen, fail, show });

  const tell = (kind, scan, said, brief) => {
    const who = scan.who || "Unknown code";
    const isIn = kind === "offline" || scan.number;
    scan.answered = screen.answer(kind, { who: scan.who, said });
    scan.noted = screen.note(kind, { at: scan.at, who, said: brief }, isIn && undo(scan));
  };

  const answered = (scan, answer) => {
    const kind = kindOf(answer.status);
    Object.assign(scan, { who: answer.person?.name ?? scan.who, id: answer.person?.id, number: answer.id });
    if (answer.id) people.mark(scan.id, scan.session, answer);
    if (kind === "in") tell(kind, scan, about(answer.person), answer.person.ticket_type);
    else if (kind === "already") tell(kind, scan, letIn(answer), `already, ${clock(answer.at)}`);
    else if (kind === "refused") tell(kind, scan, answer.detail, "no seat");
    else tell(kind, scan, answer.status === 404 ? UNKNOWN : answer.detail, "not on the list");
  };

  const alone = async (scan, person) => {
    const earlier = person && people.isIn(person.id, scan.session, scan.at);
    if (earlier) scan.number = earlier.id;
    if (!person) tell("unknown", scan, "This device doesn't know the code, and is offline.", "unknown here");
    else if (earlier) tell("already", scan, letIn(earlier), `already, ${clock(earlier.at)}`);
    else if (!holdsSeat(person)) tell("refused", scan, whyNot(person), "no seat");
    else {
      await queue.add(scan);
      tell("offline", scan, WAITS, "waits to be sent");
    }
  };

  const guarded = (act) => async () => {
    if (isBusy) return;
    isBusy = true;
    try {
      await queue.send();
      await drawer.set("list", await act());
      state = `synced ${clock(Date.now())}`;
    } catch (error) {
      fail(error);
    } finally {
      isBusy = false;
      show();
    }
  };
  const news = async () => people.figures.moment && people.learn(await line.news(people.figures.moment));
  const load = (list) => {
    people.load(list);
    queue.mark();
    return list;
  };

  return {
    async start() {
      const kept = await drawer.get("list");
      await queue.restore();
      if (kept) load(kept);
      show();
    },
    refresh: guarded(async () => load(await line.list())),
    sync: guarded(async () => (await news()) ?? load(await line.list())), // there may be no list yet
    hasWaiting: () => queue.size > 0,
    looked: queue.looked,
    async scan({ code, person }) {
      const found = person ?? (await people.byCode(code));
      const scan = { nonce: newNonce(), at: new Date().toISOString(), who: found?.name ?? "", id: found?.id };
      Object.assign(scan, { ...(person ? { person: person.id } : { code: tidy(code) }), ...chosen() });
      try {
        answered(scan, await line.send(scan));
      } catch (error) {
        fail(error);
        await alone(scan, found);
      }
      show();
    },
  };
};
