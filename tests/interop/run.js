// Runs the scenarios, a process each, two at a time, each with a limit. Names given as arguments choose among them.
// The last line is "N passed, N failed".
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const kScenarios = path.join(path.dirname(fileURLToPath(import.meta.url)), 'scenarios');
const kParallel = Number(process.env.KONEKWA_INTEROP_PARALLEL ?? 2);
const kLimitMs = Number(process.env.KONEKWA_INTEROP_LIMIT_S ?? 240) * 1000;

function chosen(names) {
  const all = readdirSync(kScenarios).filter((file) => file.endsWith('.js')).sort();
  const unknown = names.filter((name) => !all.includes(`${name}.js`));
  if (unknown.length > 0) throw new Error(`no such scenario: ${unknown.join(', ')}`);
  return names.length > 0 ? names.map((name) => `${name}.js`) : all;
}

// True when it passed. A scenario ends its own programs when it is asked to stop; one that does not is killed.
function run(file) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [path.join(kScenarios, file)], { stdio: ['ignore', 'inherit', 'inherit'] });
    const limit = setTimeout(() => {
      process.stderr.write(`FAIL ${file}: not done after ${kLimitMs / 1000} s\n`);
      child.kill('SIGTERM');
      setTimeout(() => child.kill('SIGKILL'), 3000).unref();
    }, kLimitMs);
    child.once('exit', (code) => {
      clearTimeout(limit);
      resolve(code === 0);
    });
  });
}

const waiting = chosen(process.argv.slice(2));
let passed = 0;
let failed = 0;

async function lane() {
  while (waiting.length > 0) {
    if (await run(waiting.shift())) passed += 1;
    else failed += 1;
  }
}

await Promise.all(Array.from({ length: kParallel }, lane));
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
