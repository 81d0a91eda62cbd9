// PouchDB's server, with its databases in LevelDB.

import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { say } from '../desk.mjs';

const require = createRequire(import.meta.url);
const folder = `${process.argv[2]}/`;
mkdirSync(folder, { recursive: true });
const PouchDB = require('pouchdb-node').defaults({ prefix: folder });
const app = require('express')();
app.use('/', require('express-pouchdb')(PouchDB, { mode: 'minimumForPouchDB', inMemoryConfig: true, logPath: `${folder}log` }));
const server = app.listen(0, '127.0.0.1', () => say({ port: server.address().port }));
