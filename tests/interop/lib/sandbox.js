// konekwa-sandbox as a process, and its admin API.
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { Child } from './child.js';
import { call, fetchBytes } from './http.js';

export class Sandbox {
  constructor(directory) {
    this.stateDirectory = path.join(directory, 'sandbox');
    this.logFile = path.join(directory, 'sandbox.log');
    mkdirSync(this.stateDirectory, { recursive: true, mode: 0o700 });
  }

  // Port 0 is asked for once; the state directory keeps the port, so clients find a restarted sandbox where it was.
  async start({ tls = this.tls } = {}) {
    this.tls = tls;
    const args = ['--listen', '127.0.0.1:0', '--state-dir', this.stateDirectory, ...(tls ? ['--tls'] : [])];
    this.child = new Child('konekwa-sandbox', args, this.logFile);
    this.ready = await this.child.readyLine();
    return this;
  }

  async restart() {
    await this.child.stop();
    await this.start();
  }

  get url() {
    return this.ready.url;
  }

  get rootKey() {
    return this.ready.root_key;
  }

  // The file of the authority that signed its certificate; nothing without TLS.
  get caFile() {
    return this.ready.ca_file;
  }

  admin(method, target, body) {
    const base = new URL(this.ready.admin);
    const ca = this.caFile && readFileSync(this.caFile);
    return call({ url: base, path: `${base.pathname.replace(/\/$/, '')}/${target}`, method, body, ca });
  }

  // The phone `phoneNumber` scans the code; without a number, a fresh account does.
  scanQr(qrText, phoneNumber) {
    return this.admin('POST', `mock-phone/scan-qr${phoneNumber ? `?phone=${phoneNumber}` : ''}`, qrText);
  }

  async createAccount(pushName) {
    return (await this.admin('POST', 'accounts', { push_name: pushName })).phone_number;
  }

  say(from, to, text) {
    return this.admin('POST', `accounts/${from}/say`, { to, text });
  }

  // As the phone `from`; `group` is the group's address.
  sayInGroup(from, group, text) {
    return this.admin('POST', `groups/${group}/say`, { from, text });
  }

  // Any kind: { kind, text, file_base64, ... } as admin.md has them.
  async sayKind(from, to, saying) {
    return (await this.admin('POST', `accounts/${from}/say`, { to, ...saying })).id;
  }

  // The bytes of a file that a phone has got and decrypted.
  async mediaOf(number, id) {
    const url = new URL(`${this.ready.admin}/accounts/${number}/inbox/${id}/media`);
    return fetchBytes(url, { ca: this.caFile && readFileSync(this.caFile) });
  }

  async inbox(number) {
    const answer = await this.admin('GET', `accounts/${number}/inbox`);
    return answer.messages ?? answer;
  }

  async violations() {
    const answer = await this.admin('GET', 'violations');
    return answer.violations ?? answer;
  }

  disconnectAll() {
    return this.admin('POST', 'disconnect');
  }
}
