// Runs Baileys' own end-to-end suite against `konekwa-sandbox --tls`: node baileys_e2e.js DIRECTORY [options of jest].
// DIRECTORY is a checkout of Baileys with its dependencies; README.md says how to get one. Succeeds when every test
// passed and the sandbox saw no violation.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { Sandbox } from './lib/sandbox.js';

const kGroup = 'Baileys Group Test'; // the suite looks for it, and skips a test without it
const kAdvSecret = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='; // the suite's own default; it stands in the QR code
const kNeedsInternet = 'fetch-wa-web-version';

function jest(directory, socketUrl, options) {
  const args = [
    '--experimental-vm-modules',
    path.join('node_modules', '.bin', 'jest'),
    ...['--runInBand', '--forceExit', '--verbose'],
    ...['--testMatch', '**/*.test-e2e.ts', '--testPathIgnorePatterns', kNeedsInternet],
    ...options,
  ];
  const env = { ...process.env, SOCKET_URL: socketUrl, ADV_SECRET_KEY: kAdvSecret, NODE_TLS_REJECT_UNAUTHORIZED: '0' };
  const child = spawn(process.execPath, args, { cwd: directory, env, stdio: 'inherit' });
  return new Promise((resolve) => child.once('exit', resolve));
}

const [directory, ...options] = process.argv.slice(2);
if (!directory) {
  console.error('usage: node baileys_e2e.js DIRECTORY [options of jest]');
  process.exit(2);
}
const scratch = mkdtempSync(path.join(os.tmpdir(), 'konekwa-baileys-e2e-'));
const sandbox = await new Sandbox(scratch).start({ tls: true });
let isGood = false;
try {
  await sandbox.admin('POST', 'newcomers', { group: kGroup });
  const code = await jest(path.resolve(directory), sandbox.url, options);
  const violations = await sandbox.violations();
  console.log(`jest ended with ${code}; the sandbox saw ${violations.length} violations`);
  violations.forEach((violation) => console.log(JSON.stringify(violation)));
  isGood = code === 0 && violations.length === 0;
} finally {
  await sandbox.child.stop();
  rmSync(scratch, { recursive: true, force: true });
}
process.exit(isGood ? 0 : 1);
