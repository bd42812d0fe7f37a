// A scenario is a program: it makes a world in a temporary directory, plays, checks, and leaves nothing behind when it
// succeeded. A failed one keeps its directory and says where.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { BaileysClient } from './baileys_client.js';
import { Konekwad } from './konekwad.js';
import { Sandbox } from './sandbox.js';
import { WebhookReceiver } from './webhook_receiver.js';

class World {
  clients = [];
  daemons = [];
  receivers = [];
  toleratedViolations = /^$/; // what a scenario's own damage causes

  constructor(directory) {
    this.directory = directory;
  }

  async startSandbox(options) {
    this.sandbox = await new Sandbox(this.directory).start(options);
    return this.sandbox;
  }

  async startKonekwad(name = 'k') {
    const directory = path.join(this.directory, name);
    mkdirSync(directory);
    const daemon = new Konekwad(directory, this.sandbox);
    this.daemons.push(daemon);
    return daemon.start();
  }

  async startReceiver() {
    const receiver = await new WebhookReceiver().start();
    this.receivers.push(receiver);
    return receiver;
  }

  makeBaileys(name, options) {
    const client = new BaileysClient(name, this.sandbox, path.join(this.directory, 'baileys.log'), options);
    this.clients.push(client);
    return client;
  }

  // What must hold at the end of every scenario, whatever it was about.
  async checkInvariants() {
    const violations = (await this.sandbox.violations()).map(asText);
    const caused = violations.filter((text) => !this.toleratedViolations.test(text));
    failWith('the sandbox saw violations', caused);
    failWith('the webhooks are not right', this.receivers.flatMap((receiver) => receiver.complaints()));
  }

  async stop() {
    for (const client of this.clients) await client.stop().catch(() => {});
    for (const daemon of this.daemons) if (daemon.child?.isRunning) await daemon.child.stop();
    if (this.sandbox?.child?.isRunning) await this.sandbox.child.stop();
    this.receivers.forEach((receiver) => receiver.stop());
  }
}

function failWith(what, found) {
  if (found.length > 0) throw new Error(`${what} (${found.length}):\n  ${found.slice(0, 10).join('\n  ')}`);
}

function asText(value) {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

export async function scenario(name, play) {
  // What is below Baileys writes keys to the console; a scenario writes to stderr itself.
  console.log = console.info = console.warn = console.error = () => {};
  const directory = mkdtempSync(path.join(os.tmpdir(), 'konekwa-interop-'));
  const world = new World(directory);
  const started = Date.now();
  try {
    await play(world);
    await world.checkInvariants();
    await world.stop();
  } catch (error) {
    process.stderr.write(`FAIL ${name}: ${error.stack ?? error}\n  logs: ${directory}\n`);
    process.exit(1);
  }
  rmSync(directory, { recursive: true, force: true });
  process.stderr.write(`  ok ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)\n`);
  process.exit(0);
}
