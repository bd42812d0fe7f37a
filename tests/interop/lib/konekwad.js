// konekwad as a process, its API and its CLI. A restart keeps the data directory and the token; the port is a new one.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

import { binary, Child } from './child.js';
import { call, fetchBytes, request } from './http.js';
import { until } from './wait.js';

const run = promisify(execFile);

export class Konekwad {
  constructor(directory, sandbox) {
    this.dataDirectory = path.join(directory, 'data');
    this.socket = path.join(directory, 's');
    this.logFile = path.join(directory, 'konekwad.log');
    this.sandbox = sandbox;
    mkdirSync(this.dataDirectory, { recursive: true, mode: 0o700 });
  }

  async start() {
    const { url, rootKey, caFile } = this.sandbox;
    const args = [
      ...['--data-dir', this.dataDirectory, '--socket', this.socket, '--listen', '127.0.0.1:0'],
      ...['--whatsapp-url', url, '--whatsapp-root-key', rootKey, '--allow-url-hosts', '127.0.0.1'],
      ...['--rate-limit', '0'], // a burst is what the scenarios are about
      ...(caFile ? ['--whatsapp-ca-file', caFile] : []),
    ];
    const logged = existsSync(this.logFile) ? statSync(this.logFile).size : 0;
    this.child = new Child('konekwad', args, this.logFile);
    this.port = await until('konekwad says where it listens', () => this.#listensAt(logged), { timeoutMs: 20_000 });
    await until('konekwad serves', () => this.#serves(), { timeoutMs: 20_000 });
    this.token ??= (await this.cli('tokens', 'create', '--name', 'interop')).token;
    return this;
  }

  async restart() {
    await this.child.stop();
    await this.start();
  }

  async crash() {
    await this.child.kill();
    await this.start();
  }

  // The answer of a konekwa command, over the Unix socket.
  async cli(...args) {
    const where = ['--url', `unix://${this.socket}`, '--json'];
    const { stdout } = await run(binary('konekwa'), [...args, ...where], { timeout: 30_000 });
    return JSON.parse(stdout);
  }

  api(method, apiPath, body, headers = {}) {
    return call({ ...this.#where(apiPath), method, body, headers: { 'x-api-key': this.token, ...headers } });
  }

  // The port of its "ready" line, which stands in the log after `offset`.
  #listensAt(offset) {
    this.child.mustRun();
    const log = readFileSync(this.logFile).subarray(offset).toString();
    return log.match(/ready, http:\/\/127\.0\.0\.1:(\d+)/)?.[1];
  }

  async #serves() {
    this.child.mustRun();
    const answer = await request(this.#where('/health')).catch(() => undefined);
    return answer?.status === 200;
  }

  #where(apiPath) {
    return { url: `http://127.0.0.1:${this.port}`, path: apiPath };
  }

  // A new session with both webhooks at `receiver`, linked by the phone of `phoneNumber` (a fresh account without one).
  async link(name, receiver, phoneNumber) {
    const webhooks = { message: receiver.url, status: receiver.url };
    const { id } = await this.api('POST', '/v1/sessions', { name, webhooks });
    receiver.trust(id, (await this.api('GET', `/v1/sessions/${id}/webhooks/secret`)).secret);
    const qr = await until(
      `session ${id} shows a code`,
      async () => (await call(this.#where(`/api/v1/qr/${id}`))).qr,
      { timeoutMs: 20_000 },
    );
    const scanned = await this.sandbox.scanQr(qr, phoneNumber);
    await this.connected(id);
    return { id, number: scanned.phone_number };
  }

  connected(session) {
    return until(
      `session ${session} is CONNECTED`,
      async () => (await this.api('GET', `/v1/sessions/${session}`)).status === 'CONNECTED',
      { timeoutMs: 40_000, everyMs: 50 },
    );
  }

  // Accepted and durable: {message_id, status, queued_at}.
  send(session, recipient, content, headers) {
    const body = { session_id: session, recipient, message_type: 'text', content };
    return this.api('POST', '/v1/messages', body, headers);
  }

  message(id) {
    return this.api('GET', `/v1/messages/${id}`);
  }

  // An upload: {id, media_url, sha256, ...}.
  async upload(bytes, type) {
    const answer = await fetch(`http://127.0.0.1:${this.port}/v1/media`, {
      method: 'POST', body: bytes, headers: { 'x-api-key': this.token, 'content-type': type },
    });
    if (!answer.ok) throw new Error(`POST /v1/media: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  // The file of a message, as it came.
  fileOf(id) {
    const url = new URL(`http://127.0.0.1:${this.port}/v1/messages/${id}/media`);
    return fetchBytes(url, { headers: { 'x-api-key': this.token } });
  }

  // Every message of a session, oldest first.
  async messages(session) {
    const out = [];
    let token;
    do {
      const query = new URLSearchParams({ session_id: session, page_size: '100' });
      if (token) query.set('page_token', token);
      const page = await this.api('GET', `/v1/messages?${query}`);
      out.push(...page.messages);
      token = page.next_page_token;
    } while (token);
    return out.reverse();
  }
}
