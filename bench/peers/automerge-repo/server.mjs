// The sync server of automerge-repo as its authors run it: it gives a document to whoever asks for it by its identity.

import { WebSocketServerAdapter } from '@automerge/automerge-repo-network-websocket';
import { NodeFSStorageAdapter } from '@automerge/automerge-repo-storage-nodefs';
import { Repo } from '@automerge/automerge-repo';
import { WebSocketServer } from 'ws';
import { say } from '../desk.mjs';

const sockets = new WebSocketServer({ host: '127.0.0.1', port: 0 });
new Repo({
  network: [new WebSocketServerAdapter(sockets)],
  storage: new NodeFSStorageAdapter(process.argv[2]),
  peerId: 'server',
  sharePolicy: async () => false,
});
sockets.on('listening', () => say({ port: sockets.address().port }));
