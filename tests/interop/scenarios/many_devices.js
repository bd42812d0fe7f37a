// Two linked devices on each side: two konekwad sessions of one account, two Baileys of another, and the two phones.
// Whoever writes, all of them see it: once, and as their own account's text where it is.
import assert from 'node:assert/strict';

import { scenario } from '../lib/scenario.js';
import { until } from '../lib/wait.js';

await scenario('every linked device of both accounts sees the conversation', async (world) => {
  const sandbox = await world.startSandbox();
  const receiver = await world.startReceiver();
  const daemon = await world.startKonekwad();
  const toko = await sandbox.createAccount('Toko');
  const pelanggan = await sandbox.createAccount('Pelanggan');
  const sessions = [await daemon.link('kasir', receiver, toko), await daemon.link('gudang', receiver, toko)];
  const options = (i) => ({ phoneNumber: pelanggan, label: `Pelanggan ${i}` });
  const clients = [1, 2].map((i) => world.makeBaileys('Pelanggan', options(i)));
  for (const client of clients) await client.start();
  assert.deepEqual(sessions.map((session) => session.number), [toko, toko]);
  assert.deepEqual(clients.map((client) => client.number), [pelanggan, pelanggan]);

  const writers = {
    'the first session': (text) => daemon.send(sessions[0].id, pelanggan, text),
    'the second session': (text) => daemon.send(sessions[1].id, pelanggan, text),
    'the first Baileys': (text) => clients[0].send(toko, text),
    'the second Baileys': (text) => clients[1].send(toko, text),
    'the phone of Toko': (text) => sandbox.say(toko, pelanggan, text),
    'the phone of Pelanggan': (text) => sandbox.say(pelanggan, toko, text),
  };
  const isFromToko = (writer) => writer.includes('session') || writer === 'the phone of Toko';
  const written = [];
  const sessionTexts = async ({ id }) =>
    (await daemon.messages(id)).map(({ content, direction }) => ({ text: content, own: direction === 'OUTBOUND' }));
  const clientTexts = (client) => client.texts.map(({ text, fromMe }) => ({ text, own: fromMe }));
  const phoneTexts = async (number) =>
    (await sandbox.inbox(number)).map(({ text, from_me: own }) => ({ text, own: Boolean(own) }));
  // Where it is seen: [name, texts there, account].
  const views = () => [
    ...sessions.map((session, i) => [`session ${i + 1}`, () => sessionTexts(session), toko]),
    ...clients.map((client, i) => [`Baileys ${i + 1}`, () => clientTexts(client), pelanggan]),
    ['phone of Toko', () => phoneTexts(toko), toko],
    ['phone of Pelanggan', () => phoneTexts(pelanggan), pelanggan],
  ];

  for (let round = 1; round <= 3; round += 1) {
    for (const [writer, write] of Object.entries(writers)) {
      const text = `${writer} writes, ${round}`;
      await write(text);
      written.push({ text, author: isFromToko(writer) ? toko : pelanggan, writer });
      for (const [name, texts] of views()) {
        if (writer === `the ${name}`) continue; // a phone need not list what it wrote itself
        await until(`${name} shows "${text}"`, async () => (await texts()).some((entry) => entry.text === text));
      }
    }
  }

  for (const [name, texts, account] of views()) {
    const seen = await texts();
    for (const { text, author, writer } of written) {
      const copies = seen.filter((entry) => entry.text === text);
      if (writer === `the ${name}` && copies.length === 0) continue;
      assert.deepEqual(copies, [{ text, own: author === account }], `"${text}" at ${name}`);
    }
  }
  assert.deepEqual(clients.flatMap((client) => client.undecryptable), []);
});
