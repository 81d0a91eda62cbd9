// A PouchDB in LevelDB that replicates live with the server, both ways.

import { createRequire } from 'node:module';
import { Awaited, obey, records } from '../desk.mjs';

const PouchDB = createRequire(import.meta.url)('pouchdb-node');
const [folder, server] = process.argv.slice(2);
const here = new PouchDB(folder);
const awaited = new Awaited();
const field = 'outcome_reason';
let line;
let count = 0;
let counted;

here.changes({ since: 'now', live: true, include_docs: true }).on('change', ({ id, doc }) => {
  awaited.came(id, doc[field]);
  count += doc._rev.startsWith('1-') ? 1 : 0;
  counted?.();
});

async function documents(ids) {
  const { rows } = await here.allDocs({ keys: ids, include_docs: true });
  return rows.map((row) => row.doc);
}

await obey({
  async fill({ work }) {
    for await (const some of records(work)) {
      await here.bulkDocs(some.map(({ id, ...fields }) => ({ _id: id, ...fields })));
    }
  },
  async connect() {
    line = here.sync(`${server.replace('ws:', 'http:')}/company`, { live: true });
    line.on('error', (fault) => process.stderr.write(`${fault}\n`));
  },
  async disconnect() {
    const over = new Promise((resolve) => line.on('complete', resolve));
    line.cancel();
    await over;
  },
  async change({ ids, value }) {
    for (const doc of await documents(ids)) await here.put({ ...doc, [field]: value });
  },
  async await({ ids, value }) {
    const now = new Map((await documents(ids)).map((doc) => [doc?._id, doc?.[field]]));
    await awaited.all(ids, value, (id) => now.get(id));
  },
  async holds({ count: all }) {
    while ((await here.info()).doc_count < all) {
      await new Promise((resolve) => {
        counted = resolve;
        setTimeout(resolve, 50);
      });
    }
  },
  async know() {},
});
