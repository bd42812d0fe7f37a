// What a user's server does with webhooks: checks the Standard Webhooks signature, keeps each event once by its id.
import { createHmac, timingSafeEqual } from 'node:crypto';
import http from 'node:http';

const kClockSkewSeconds = 300;

// Throws a text that says what is wrong. The secret is "whsec_" and the base64 of the key.
export function verifySignature(secret, headers, rawBody) {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers;
  if (!id || !timestamp || !signatures) throw new Error('a webhook header is missing');
  const age = Math.abs(Date.now() / 1000 - Number(timestamp));
  if (!(age < kClockSkewSeconds)) throw new Error(`stale timestamp ${timestamp}`);
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(rawBody).digest();
  const matches = signatures.split(' ').some((entry) => {
    const [version, value] = entry.split(',', 2);
    const given = Buffer.from(value ?? '', 'base64');
    return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected);
  });
  if (!matches) throw new Error(`the signature of ${id} does not verify`);
}

export class WebhookReceiver {
  secrets = new Map(); // session id -> secret
  events = []; // each event once, in order of arrival
  byId = new Map();
  duplicates = 0;
  problems = [];
  unverified = []; // came before the secret of their session was known

  async start() {
    this.server = http.createServer((incoming, answer) => this.#receive(incoming, answer));
    await new Promise((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${this.server.address().port}/webhook`;
    return this;
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }

  trust(session, secret) {
    this.secrets.set(session, secret);
    const waiting = this.unverified;
    this.unverified = [];
    waiting.forEach(({ headers, raw, event }) => this.#check(headers, raw, event));
  }

  of(session, eventType) {
    return this.events.filter((event) => event.session_id === session && event.event_type === eventType);
  }

  received(session) {
    return this.of(session, 'message.received').map((event) => event.data.message);
  }

  // Everything that must hold of webhooks whatever the scenario did.
  complaints() {
    const out = [...this.problems];
    if (this.unverified.length > 0) out.push(`${this.unverified.length} webhooks of sessions without a known secret`);
    const last = new Map();
    for (const event of this.events) {
      if (!event.event_type.startsWith('message.')) continue;
      const chat = `${event.session_id} ${event.data.message?.chat_id ?? event.data.recipient}`;
      const lane = `${chat} ${event.event_type === 'message.received' ? 'in' : 'out'}`;
      if ((last.get(lane) ?? 0) >= event.sequence) out.push(`${event.id}: sequence ${event.sequence} is out of order`);
      last.set(lane, event.sequence);
    }
    return out;
  }

  #receive(incoming, answer) {
    const parts = [];
    incoming.on('data', (part) => parts.push(part));
    incoming.on('end', () => {
      this.#take(incoming.headers, Buffer.concat(parts));
      answer.writeHead(200).end();
    });
  }

  #take(headers, raw) {
    let event;
    try {
      event = JSON.parse(raw);
    } catch (error) {
      this.problems.push(`a webhook body is not JSON: ${error.message}`);
      return;
    }
    this.#check(headers, raw, event);
    const known = this.byId.get(event.id);
    if (known) {
      this.duplicates += 1;
      if (!known.raw.equals(raw)) this.problems.push(`${event.id} came again with another body`);
      return;
    }
    this.byId.set(event.id, { raw });
    this.events.push(event);
  }

  #check(headers, raw, event) {
    const secret = this.secrets.get(event.session_id);
    if (!secret) {
      this.unverified.push({ headers, raw, event });
      return;
    }
    try {
      verifySignature(secret, headers, raw);
    } catch (error) {
      this.problems.push(error.message);
    }
    const named = headers['webhook-id'];
    if (named !== event.id) this.problems.push(`webhook-id ${named} is not ${event.id}`);
  }
}
