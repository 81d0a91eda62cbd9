// A repository with a document for each record, on disk.

import { Repo } from '@automerge/automerge-repo';
import { WebSocketClientAdapter } from '@automerge/automerge-repo-network-websocket';
import { NodeFSStorageAdapter } from '@automerge/automerge-repo-storage-nodefs';
import { readFileSync, writeFileSync } from 'node:fs';
import { Awaited, obey, records } from '../desk.mjs';

const [folder, server] = process.argv.slice(2);
const repo = new Repo({ network: [], storage: new NodeFSStorageAdapter(folder) });
const handles = new Map();
const awaited = new Awaited();
const field = 'outcome_reason';
let line;

function hold(id, handle) {
  handles.set(id, handle);
  handle.on('change', ({ doc }) => awaited.came(id, doc[field]));
}

await obey({
  async fill({ work, ids }) {
    const known = {};
    for await (const some of records(work)) {
      for (const { id, ...fields } of some) {
        const handle = repo.create(fields);
        known[id] = handle.url;
        hold(id, handle);
      }
      await repo.flush();
    }
    writeFileSync(ids, JSON.stringify(known));
  },
  async connect() {
    if (line) return repo.networkSubsystem.reconnect();
    line = new WebSocketClientAdapter(server, 60_000);
    repo.networkSubsystem.addNetworkAdapter(line);
  },
  async disconnect() {
    repo.networkSubsystem.disconnect();
  },
  async change({ ids, value }) {
    for (const id of ids) handles.get(id).change((doc) => (doc[field] = value));
    await repo.flush(ids.map((id) => handles.get(id).documentId));
  },
  async await({ ids, value }) {
    await awaited.all(ids, value, (id) => handles.get(id)?.doc()?.[field]);
    await repo.flush(ids.map((id) => handles.get(id).documentId));
  },
  // Nobody can ask this server what there is; the application brings the list.
  async know({ ids }) {
    const known = Object.entries(JSON.parse(readFileSync(ids)));
    await Promise.all(known.map(async ([id, url]) => hold(id, await repo.find(url))));
    await repo.flush();
  },
  async holds({ count }) {
    if (handles.size < count) throw new Error(`${handles.size} documents are here`);
  },
});
