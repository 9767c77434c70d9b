// What this device keeps of one event: the list of people, and the scans that wait to be sent. Survives a reload.

const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

export const openDrawer = async (name) => {
  const opening = indexedDB.open(name, 1);
  opening.onupgradeneeded = () => {
    opening.result.createObjectStore("kept");
    opening.result.createObjectStore("scans", { keyPath: "nonce" });
  };
  const database = await done(opening);
  const store = (part, mode) => database.transaction(part, mode).objectStore(part);
  return {
    get: (key) => done(store("kept", "readonly").get(key)),
    set: (key, value) => done(store("kept", "readwrite").put(value, key)),
    waiting: () => done(store("scans", "readonly").getAll()),
    add: (scan) => done(store("scans", "readwrite").put(scan)),
    remove: (nonce) => done(store("scans", "readwrite").delete(nonce)),
    empty: async () => {
      database.close();
      await done(indexedDB.deleteDatabase(name));
    },
  };
};
