// The list on this device: who may come in, and who is in already, by the door on a day or by session.

const digest = async (code) => {
  if (!crypto.subtle) return null; // without https the list knows no codes; the server does
  const bytes = new TextEncoder().encode(code);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
};

export const tidy = (code) => code.toUpperCase().replace(/\s+/g, "");
export const isCode = (text) => /^\d{1,18}-[A-Z2-7]{24}$/.test(tidy(text));
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

export const makePeople = (dayOf) => {
  let list = { people: [], sessions: [], check_ins: [], count: 0, total: 0, moment: null };
  let byCode = new Map();
  let byId = new Map();
  let present = new Map();
  const place = (id, session, at) => `${id} ${session ?? dayOf(at)}`;

  const merge = (rows) => {
    for (const row of rows) {
      const where = place(row.person, row.session, row.at);
      if (!row.is_undone) present.set(where, row);
      else if (present.get(where)?.id === row.id) present.delete(where);
    }
  };

  return {
    load(found) {
      list = found;
      byCode = new Map(list.people.map((one) => [one.code, one]));
      byId = new Map(list.people.map((one) => [one.id, one]));
      present = new Map();
      merge(list.check_ins);
    },
    /** News of other desks; gives the list as it is to be kept. */
    learn({ check_ins, ...figures }) {
      merge(check_ins);
      list = { ...list, ...figures, check_ins: [...present.values()] };
      return list;
    },
    mark: (id, session, row) => present.set(place(id, session, row.at), { person: id, session, ...row }),
    unmark: (id, session, at) => present.delete(place(id, session, at)),
    countIn() {
      const today = ` ${dayOf(Date.now())}`;
      return [...present.keys()].filter((where) => where.endsWith(today)).length;
    },
    isIn: (id, session, at) => present.get(place(id, session, at)),
    byId: (id) => byId.get(id),
    byCode: async (code) => byCode.get(await digest(tidy(code))),
    called(words) {
      const wanted = plain(words).split(/\s+/).filter(Boolean);
      if (!wanted.length) return [];
      return list.people.filter((one) => {
        const text = plain(`${one.name} ${one.affiliation}`);
        return wanted.every((word) => text.includes(word));
      });
    },
    get figures() {
      return list;
    },
  };
};
