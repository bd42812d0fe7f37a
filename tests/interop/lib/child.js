// A program under test: started with its output in a log file, stopped by signal, never left behind.
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { until, within } from './wait.js';

const kRoot = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
const kBinaries = process.env.KONEKWA_BIN_DIR ?? path.join(kRoot, 'build/dev/bin');
const kStopLimitMs = Number(process.env.KONEKWA_STOP_LIMIT_MS ?? 15_000);

const alive = new Set();
process.on('exit', () => alive.forEach((child) => child.process.kill('SIGKILL')));
process.on('SIGTERM', () => process.exit(1));
process.on('SIGINT', () => process.exit(1));

export function binary(name) {
  const file = path.join(kBinaries, name);
  if (!existsSync(file)) throw new Error(`${file} is not built`);
  return file;
}

export class Child {
  // stdout and stderr are appended to `logFile`, which survives restarts.
  constructor(name, args, logFile) {
    this.name = name;
    this.logFile = logFile;
    const log = openSync(logFile, 'a');
    this.process = spawn(binary(name), args, { stdio: ['ignore', 'pipe', log] });
    closeSync(log);
    this.output = '';
    this.process.stdout.setEncoding('utf8');
    this.process.stdout.on('data', (text) => (this.output += text));
    this.exited = new Promise((resolve) => {
      this.process.once('error', (error) => resolve(`could not start: ${error.message}`));
      this.process.once('exit', (code, signal) => resolve(signal ?? code));
    }).then((how) => {
      alive.delete(this);
      return (this.exit = how);
    });
    alive.add(this);
  }

  get pid() {
    return this.process.pid;
  }

  get isRunning() {
    return this.exit === undefined;
  }

  // The first line on stdout that is a JSON object.
  async readyLine(timeoutMs = 20_000) {
    return until(
      `${this.name} printed its ready line`,
      () => {
        this.mustRun();
        const line = this.output.split('\n').slice(0, -1).find((text) => text.startsWith('{'));
        return line && JSON.parse(line);
      },
      { timeoutMs },
    );
  }

  mustRun() {
    if (this.isRunning) return;
    throw new Error(`${this.name} has ended (${this.exit})\n${this.logTail()}`);
  }

  logTail(lines = 15) {
    return readFileSync(this.logFile, 'utf8').split('\n').slice(-lines).join('\n');
  }

  // An orderly stop: SIGTERM and exit status 0.
  async stop() {
    if (this.isRunning) this.process.kill('SIGTERM');
    const how = await within(kStopLimitMs, `the stop of ${this.name}`, this.exited);
    if (how !== 0 && how !== 'SIGKILL') throw new Error(`${this.name} ended with ${how}\n${this.logTail()}`);
  }

  // As a crash would: nothing of it runs any more.
  async kill() {
    this.process.kill('SIGKILL');
    await this.exited;
  }
}
