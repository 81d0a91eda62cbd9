// All records in one document of Yjs, a map for each, kept in LevelDB: one document for each record would be one connection for
// each with this server.

import { createRequire } from 'node:module';
import { Awaited, obey, records } from '../desk.mjs';

const require = createRequire(import.meta.url);
const Y = require('yjs');
const { WebsocketProvider } = require('y-websocket');
const { LeveldbPersistence } = require('y-leveldb');
const [folder, server] = process.argv.slice(2);
const disk = new LeveldbPersistence(folder);
const doc = new Y.Doc();
const all = doc.getMap('records');
const field = 'outcome_reason';
const awaited = new Awaited();
let kept = Promise.resolve();
let counted;
doc.on('update', (update) => {
  kept = disk.storeUpdate('company', update);
  for (const id of [...awaited.missing]) awaited.came(id, all.get(id)?.get(field));
  counted?.();
});
const line = new WebsocketProvider(server, 'company', doc, {
  connect: false,
  disableBc: true,
  WebSocketPolyfill: require('ws'),
});

function map(fields) {
  const made = new Y.Map();
  for (const [name, value] of Object.entries(fields)) {
    made.set(name, Array.isArray(value) ? Y.Array.from(value.map(map)) : value);
  }
  return made;
}

await obey({
  async fill({ work }) {
    for await (const some of records(work)) {
      doc.transact(() => some.forEach(({ id, ...fields }) => all.set(id, map(fields))));
      await kept;
    }
  },
  async connect() {
    line.connect();
  },
  async disconnect() {
    line.disconnect();
  },
  async change({ ids, value }) {
    for (const id of ids) {
      all.get(id).set(field, value);
      await kept;
    }
  },
  async await({ ids, value }) {
    await awaited.all(ids, value, (id) => all.get(id)?.get(field));
    await kept;
  },
  async holds({ count }) {
    while (all.size < count) await new Promise((resolve) => (counted = resolve));
    await kept;
  },
  async know() {},
});
