// Speaks to the server. A request that gets no answer in time, or a busy one, counts as offline: it is sent again later.

const PATIENCE = 5000; // ms

export class Offline extends Error {}
export class LoggedOut extends Error {}

export const makeLine = (address, firstToken) => {
  let token = firstToken;
  const ask = async (path, options = {}, isAgain = false) => {
    let answer;
    try {
      answer = await fetch(address + path, {
        ...options,
        headers: { "X-CSRFToken": token, "Content-Type": "application/json", ...options.headers },
        signal: AbortSignal.timeout(options.patience ?? PATIENCE),
        cache: "no-store",
      });
    } catch {
      throw new Offline();
    }
    token = answer.headers.get("X-CSRFToken") ?? token; // a login in another tab ends the one before
    if (answer.status === 403 && !isAgain) return ask(path, options, true);
    if (answer.status >= 500 || answer.status === 429) throw new Offline();
    if (answer.status === 401 || answer.status === 403) throw new LoggedOut();
    return answer;
  };
  const read = async (path, options) => {
    const answer = await ask(path, options);
    if (!answer.ok) throw new LoggedOut(); // no longer a member of this event
    return answer.json();
  };

  return {
    list: () => read("people/", { patience: 30_000 }),
    news: (since) => read(`?since=${encodeURIComponent(since)}`),
    async send({ nonce, code, person, session, at, desk }) {
      const body = JSON.stringify({ ...(code ? { code } : { person }), session, at, desk });
      const answer = await ask("", { method: "POST", body, headers: { "Idempotency-Key": nonce } });
      return { status: answer.status, ...(await answer.json().catch(() => ({}))) };
    },
    undo: (id) => ask(`${id}/`, { method: "DELETE" }),
  };
};
