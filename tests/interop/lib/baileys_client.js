// An unmodified Baileys as a well-behaved linked device: it comes back after every close but a logout, answers with
// delivery and read receipts, and keeps what it was shown by message id.
import makeWASocket, { BufferJSON, Browsers, downloadMediaMessage, initAuthCreds, proto } from 'baileys';
import { appendFileSync, readFileSync } from 'node:fs';
import { Agent } from 'node:https';

import { pause, until } from './wait.js';

const kLoggedOut = 401;
const kReconnectMs = 100;

// Baileys writes through a pino-like logger; the file is read when a scenario has failed.
function fileLogger(file, name) {
  const text = (value) => (typeof value === 'string' ? value : JSON.stringify(value, errorsAsText));
  const line = (level, args) => `${Date.now()} ${name} ${level} ${args.map(text).join(' ')}\n`;
  const write = (level) => (...args) => appendFileSync(file, line(level, args));
  const level = process.env.KONEKWA_BAILEYS_LOG ?? 'debug'; // trace adds every stanza
  const logger = { level, trace: level === 'trace' ? write('trace') : () => {}, child: () => logger };
  for (const level of ['debug', 'info', 'warn', 'error', 'fatal']) logger[level] = write(level);
  return logger;
}

function errorsAsText(_, value) {
  return value instanceof Error ? `${value.message} ${value.stack}` : value;
}

// Keys in memory, kept as the JSON that a file store would hold, so that nothing is shared by reference.
class MemoryKeys {
  rows = new Map();

  async get(type, ids) {
    const out = {};
    for (const id of ids) {
      const text = this.rows.get(`${type} ${id}`);
      if (text === undefined) continue;
      const value = JSON.parse(text, BufferJSON.reviver);
      out[id] = type === 'app-state-sync-key' ? proto.Message.AppStateSyncKeyData.fromObject(value) : value;
    }
    return out;
  }

  async set(data) {
    for (const [type, values] of Object.entries(data)) {
      for (const [id, value] of Object.entries(values)) {
        const key = `${type} ${id}`;
        if (value === null || value === undefined) this.rows.delete(key);
        else this.rows.set(key, JSON.stringify(value, BufferJSON.replacer));
      }
    }
  }

  // The stored Signal sessions, as [key, JSON text]: what a test corrupts.
  signalSessions() {
    return [...this.rows].filter(([key]) => key.startsWith('session '));
  }
}

// What the global fetch takes instead of an https.Agent: Node's own dispatcher, with the sandbox's authority. Baileys
// downloads by fetch, and uploads by https.
async function dispatcherFor(ca) {
  await fetch('data:,'); // makes the global one
  const Dispatcher = globalThis[Symbol.for('undici.globalDispatcher.1')].constructor;
  return new Dispatcher({ connect: { ca } });
}

function textOf(message) {
  return message?.conversation || message?.extendedTextMessage?.text || undefined;
}

function noticeOf({ key, messageStubType, messageStubParameters }) {
  const type = proto.WebMessageInfo.StubType[messageStubType];
  return { chat: key.remoteJid, type, parameters: messageStubParameters ?? [] };
}

function merge(map, { id, ...fields }) {
  map.set(id, { ...map.get(id), ...fields });
}

export class BaileysClient {
  keys = new MemoryKeys();
  creds = initAuthCreds();
  texts = []; // {id, text, fromMe, chat, author}: every text shown, in order, repeats included
  notices = []; // {chat, type, parameters}: what groups announced, by Baileys' names (GROUP_PARTICIPANT_ADD, ...)
  messages = new Map(); // id -> the message as shown, of every kind
  updates = []; // of messages.update and messages.reaction: edits, revokes, reactions
  chats = new Map(); // jid -> what chats.update said of it, the newest of each field
  contacts = new Map(); // jid -> the same of contacts
  presences = []; // {id, is}: who is available, and who types
  undecryptable = []; // ids of stanzas that it could not read (it asks for them again)
  statuses = new Map(); // id of a message of ours -> highest status seen (3 delivered, 4 read)
  sent = new Map(); // id -> content, for resends
  closes = []; // status codes of closes
  wanted = true;

  // `phoneNumber`: the account whose phone scans the code; without it the sandbox makes one.
  constructor(name, sandbox, logFile, { phoneNumber, readsMessages = true, label = name } = {}) {
    Object.assign(this, { name, sandbox, phoneNumber, readsMessages });
    this.logger = fileLogger(logFile, label);
  }

  async start() {
    this.wanted = true;
    this.#connect();
    await until(`Baileys ${this.name} is open`, () => this.isOpen, {
      timeoutMs: 60_000,
      describe: () => `closes: ${this.closes.join(' ')}`,
    });
    return this;
  }

  // Leaves the network, as a closed browser does. Everything it knows is kept for the next start().
  async stop() {
    this.wanted = false;
    this.isOpen = false;
    const socket = this.socket;
    await socket?.end(undefined);
    // Work that Baileys has begun (a decryption, a write of keys) ends in the old socket's tasks.
    await pause(200);
  }

  get number() {
    return this.creds.me?.id?.split(/[:@]/)[0];
  }

  send(toNumber, text) {
    return this.sendTo(`${toNumber}@s.whatsapp.net`, text);
  }

  // To any chat, a group for one.
  async sendTo(jid, text) {
    const message = await this.socket.sendMessage(jid, { text });
    this.sent.set(message.key.id, message.message);
    return message.key.id;
  }

  // Any content that Baileys can make; the whole message, which quotes and reactions refer to.
  async sendContent(toNumber, content, options) {
    const message = await this.socket.sendMessage(`${toNumber}@s.whatsapp.net`, content, options);
    this.sent.set(message.key.id, message.message);
    return message;
  }

  // The decrypted file of a message.
  async download(message) {
    this.dispatcher ??= await dispatcherFor(readFileSync(this.sandbox.caFile));
    return downloadMediaMessage(message, 'buffer', { options: { dispatcher: this.dispatcher } });
  }

  // The phone puts the file at the CDN again; the message gets the new address. downloadMediaMessage would call this
  // when the CDN has lost a file, but looks for the status where its own errors do not have it.
  async askForFileAgain(message) {
    await this.socket.refreshMediaConn(); // the host of the new address; without it, WhatsApp's
    return this.socket.updateMediaMessage(message);
  }

  shown(id) {
    return this.texts.filter((entry) => entry.id === id);
  }

  // Texts of others, each id once, in order of first appearance.
  inbound() {
    const seen = new Set();
    return this.texts.filter((entry) => !entry.fromMe && !seen.has(entry.id) && seen.add(entry.id));
  }

  #connect() {
    const { url, caFile } = this.sandbox;
    const agent = caFile && new Agent({ ca: readFileSync(caFile) });
    const socket = makeWASocket({
      waWebSocketUrl: url,
      auth: { creds: this.creds, keys: this.keys },
      logger: this.logger,
      browser: Browsers.ubuntu('Chrome'),
      pushName: this.name,
      agent,
      fetchAgent: agent, // of uploads
      qrTimeout: 30_000,
      retryRequestDelayMs: 50,
      getMessage: async (key) => this.sent.get(key.id),
      appStateMacVerification: { patch: true, snapshot: true },
    });
    this.socket = socket;
    socket.ev.on('creds.update', () => this.#keepName());
    socket.ev.on('connection.update', (update) => this.#connectionChanged(socket, update));
    socket.ev.on('messages.upsert', ({ messages }) => messages.forEach((message) => this.#show(socket, message)));
    socket.ev.on('messages.update', (updates) => {
      this.updates.push(...updates);
      updates.forEach(({ key, update }) => this.#raiseStatus(key, update.status));
    });
    socket.ev.on('chats.update', (updates) => updates.forEach((update) => merge(this.chats, update)));
    for (const event of ['contacts.update', 'contacts.upsert']) {
      socket.ev.on(event, (contacts) => contacts.forEach((contact) => merge(this.contacts, contact)));
    }
    socket.ev.on('presence.update', ({ id, presences }) =>
      Object.values(presences).forEach(({ lastKnownPresence }) => this.presences.push({ id, is: lastKnownPresence })),
    );
    socket.ev.on('messages.reaction', (reactions) => this.updates.push(...reactions));
    socket.ev.on('message-receipt.update', (updates) =>
      updates.forEach(({ key, receipt }) => this.#raiseStatus(key, receipt.readTimestamp ? 4 : 3)),
    );
  }

  // Without a name Baileys sends no presence, and all its receipts are marked inactive (nobody has seen anything).
  #keepName() {
    if (this.creds.me && !this.creds.me.name) this.creds.me.name = this.name;
  }

  #connectionChanged(socket, { connection, qr, lastDisconnect }) {
    if (socket !== this.socket) return;
    if (qr && qr !== this.scanned) {
      this.scanned = qr;
      this.sandbox.scanQr(qr, this.phoneNumber).catch((error) => this.logger.error('scan failed', error));
    }
    if (connection === 'open') {
      this.#keepName();
      this.isOpen = true;
      socket.sendPresenceUpdate('available').catch(() => {});
    }
    if (connection !== 'close') return;
    this.isOpen = false;
    const code = lastDisconnect?.error?.output?.statusCode;
    this.closes.push(code);
    if (!this.wanted || code === kLoggedOut) return;
    setTimeout(() => this.wanted && socket === this.socket && this.#connect(), kReconnectMs);
  }

  #show(socket, message) {
    const { id, fromMe, remoteJid } = message.key;
    if (fromMe) this.#raiseStatus(message.key, message.status);
    // Receipts that came before the message was shown are part of it.
    for (const receipt of message.userReceipt ?? []) this.#raiseStatus(message.key, receipt.readTimestamp ? 4 : 3);
    if (message.messageStubType === proto.WebMessageInfo.StubType.CIPHERTEXT) {
      this.undecryptable.push(id);
      return;
    }
    if (message.messageStubType) this.notices.push(noticeOf(message));
    this.messages.set(id, message);
    const text = textOf(message.message);
    if (text === undefined) return;
    this.texts.push({ id, text, fromMe: Boolean(fromMe), chat: remoteJid, author: message.key.participant });
    if (this.readsMessages && !fromMe) socket.readMessages([message.key]).catch(() => {});
  }

  #raiseStatus(key, status) {
    if (!key.fromMe || typeof status !== 'number') return;
    this.statuses.set(key.id, Math.max(status, this.statuses.get(key.id) ?? 0));
  }
}
