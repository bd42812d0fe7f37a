// A conversation between an account behind konekwad and one behind Baileys, with the books kept by message id:
// what was sent on one side against what was shown on the other.
import assert from 'node:assert/strict';

import { until } from './wait.js';

const kDelivered = 3; // Baileys' numbers for the states of a message of its own
const kStates = ['QUEUED', 'SENDING', 'SENT', 'DELIVERED', 'READ'];

function byId(texts) {
  return [...texts].sort((a, b) => (a.id < b.id ? -1 : 1));
}

export class Conversation {
  fromKonekwa = []; // {messageId, text}, in order of acceptance
  fromBaileys = []; // {id, text}, in order of sending

  constructor({ daemon, session, number, receiver, baileys }) {
    Object.assign(this, { daemon, session, number, receiver, baileys });
  }

  async konekwaSends(text) {
    const { message_id: messageId } = await this.daemon.send(this.session, this.baileys.number, text);
    this.fromKonekwa.push({ messageId, text });
    return messageId;
  }

  async baileysSends(text) {
    const id = await this.baileys.send(this.number, text);
    this.fromBaileys.push({ id, text });
    return id;
  }

  // The first text of each side, one after the other, so that both speak in one Signal session. When first texts cross,
  // each side has begun a session of its own, and Baileys tries a stanza on the sessions that it keeps, not on copies:
  // a wrong guess spoils one, and texts have to be asked for again and come later than the ones after them.
  async greet() {
    await this.konekwaSends('konekwa greets');
    await this.allShown();
    await this.baileysSends('Baileys greets back');
    await this.allShown();
  }

  shownAt(side) {
    return side === 'baileys'
      ? this.baileys.inbound().map(({ id, text }) => ({ id, text }))
      : this.receiver.received(this.session).map((message) => ({ id: message.wa_message_id, text: message.content }));
  }

  async allShown(timeoutMs = 60_000) {
    await until('Baileys was shown every text', () => this.shownAt('baileys').length >= this.fromKonekwa.length, {
      timeoutMs,
      describe: () => `${this.shownAt('baileys').length} of ${this.fromKonekwa.length}; ${this.#missingAtBaileys()}`,
    });
    await until('the webhooks reported every text', () => this.shownAt('konekwa').length >= this.fromBaileys.length, {
      timeoutMs,
      describe: () => `${this.shownAt('konekwa').length} of ${this.fromBaileys.length}`,
    });
  }

  // Each text once, under the id it was sent with, in the order it was sent (a text that had to be asked for again may
  // come after a later one).
  async checkTexts({ inOrder = true } = {}) {
    const books = inOrder ? (texts) => texts : byId;
    const same = (shown, sent, what) => assert.deepEqual(books(shown), books(sent), what);
    const stored = new Map((await this.daemon.messages(this.session)).map((message) => [message.id, message]));
    const sentByKonekwa = this.fromKonekwa.map(({ messageId, text }) => {
      assert.ok(stored.has(messageId), `${messageId} was accepted and is not there any more`);
      return { id: stored.get(messageId).wa_message_id, text };
    });
    const listed = [...stored.values()]
      .filter((message) => message.direction === 'INBOUND')
      .map((message) => ({ id: message.wa_message_id, text: message.content }));
    same(this.shownAt('baileys'), sentByKonekwa, 'what Baileys was shown of konekwa');
    same(this.shownAt('konekwa'), this.fromBaileys, 'what the webhooks reported of Baileys');
    same(listed, this.fromBaileys, 'what GET /v1/messages lists as received');
  }

  // DELIVERED and READ of every message of konekwa's, by webhook and by GET. When an ack was lost in a crash, a receipt
  // may be the first to say that a message has left: then there is nothing to report as sent.
  async allRead({ acksWereLost = false, timeoutMs = 30_000 } = {}) {
    const ids = this.fromKonekwa.map((entry) => entry.messageId);
    for (const state of acksWereLost ? ['delivered', 'read'] : ['sent', 'delivered', 'read']) {
      const reported = () => new Set(this.receiver.of(this.session, `message.${state}`).map((e) => e.data.message_id));
      await until(`message.${state} came for every message`, () => ids.every((id) => reported().has(id)), {
        timeoutMs,
        describe: () => `${ids.filter((id) => !reported().has(id)).length} of ${ids.length} without it`,
      });
    }
    const stored = new Map((await this.daemon.messages(this.session)).map((message) => [message.id, message]));
    for (const id of ids) {
      const message = stored.get(id);
      assert.equal(message.status, 'READ', `${id} is ${message.status}`);
      assert.ok(message.delivered_at && message.read_at, `${id} lacks a time`);
      assert.ok(acksWereLost || message.sent_at, `${id} lacks sent_at`);
    }
    for (const state of ['sent', 'delivered', 'read']) {
      const events = this.receiver.of(this.session, `message.${state}`).map((event) => event.data.message_id);
      assert.equal(new Set(events).size, events.length, `message.${state} was reported twice for a message`);
    }
  }

  // Every text of konekwa's has left, whatever its receipts.
  async allSent(timeoutMs = 30_000) {
    await until(
      'every message of konekwa is SENT or further',
      async () => (await this.#outbound()).every((m) => kStates.indexOf(m.status) >= kStates.indexOf('SENT')),
      { timeoutMs, everyMs: 200 },
    );
  }

  // Baileys saw its own messages delivered.
  async baileysSeesDelivery(timeoutMs = 30_000) {
    const undelivered = () => this.fromBaileys.filter(({ id }) => (this.baileys.statuses.get(id) ?? 0) < kDelivered);
    await until('Baileys saw a delivery receipt for each of its texts', () => undelivered().length === 0, {
      timeoutMs,
      describe: () => `${undelivered().length} of ${this.fromBaileys.length} without one`,
    });
  }

  // Nothing had to be asked for again and nothing was shown twice.
  checkCalm() {
    assert.deepEqual(this.baileys.undecryptable, [], 'stanzas that Baileys could not read');
    const ids = this.baileys.texts.filter((entry) => !entry.fromMe).map((entry) => entry.id);
    assert.equal(new Set(ids).size, ids.length, 'Baileys was shown a text twice');
  }

  async #outbound() {
    const sent = new Set(this.fromKonekwa.map((entry) => entry.messageId));
    return (await this.daemon.messages(this.session)).filter((message) => sent.has(message.id));
  }

  #missingAtBaileys() {
    const shown = new Set(this.shownAt('baileys').map((entry) => entry.text));
    const missing = this.fromKonekwa.filter((entry) => !shown.has(entry.text)).map((entry) => entry.text);
    return `missing: ${missing.slice(0, 5).join(', ')}`;
  }
}

// konekwad with one session and one Baileys, each an account of its own.
export async function startConversation(world, { readsMessages = true } = {}) {
  if (!world.sandbox) await world.startSandbox();
  const receiver = await world.startReceiver();
  const baileys = world.makeBaileys('Pelanggan', { readsMessages });
  const daemon = await world.startKonekwad();
  const [linked] = await Promise.all([daemon.link('Toko', receiver), baileys.start()]);
  const talk = new Conversation({ daemon, session: linked.id, number: linked.number, receiver, baileys });
  await talk.greet();
  return talk;
}
