// The WebSocket server of Yjs, with its documents in LevelDB.

import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { say } from '../desk.mjs';

process.env.YPERSISTENCE = process.argv[2];
console.info = () => {};
const require = createRequire(import.meta.url);
const { setupWSConnection } = require('y-websocket/bin/utils');
const { WebSocketServer } = require('ws');
const http = createServer();
const sockets = new WebSocketServer({ server: http });
sockets.on('connection', setupWSConnection);
http.listen(0, '127.0.0.1', () => say({ port: http.address().port }));
