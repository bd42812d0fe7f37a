// Damage to stored ratchets, on either side, as a restored backup or a lost row does it.
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const kScript = path.join(path.dirname(fileURLToPath(import.meta.url)), 'ratchet_rows.py');

// The user of a LID: what stored ratchets are named by on both sides.
export function lidUser(client) {
  return client.creds.me.lid.split(/[:@]/)[0];
}

function konekwaRows(talk, command, input) {
  const database = path.join(talk.daemon.dataDirectory, 'konekwa.db');
  const args = [kScript, database, talk.session, lidUser(talk.baileys), command];
  return execFileSync('python3', args, { input, encoding: 'utf8', timeout: 20_000 });
}

// Each is called while its side is stopped. copy() gives what restore() takes.
export const konekwaRatchets = {
  copy: (talk) => konekwaRows(talk, 'dump'),
  restore: (talk, copied) => konekwaRows(talk, 'put', copied),
  lose: (talk) => konekwaRows(talk, 'delete'),
};

export const baileysRatchets = {
  copy: (talk) => talk.baileys.keys.signalSessions(),
  restore: (talk, copied) => copied.forEach(([key, text]) => talk.baileys.keys.rows.set(key, text)),
  lose: (talk) => talk.baileys.keys.signalSessions().forEach(([key]) => talk.baileys.keys.rows.delete(key)),
};
