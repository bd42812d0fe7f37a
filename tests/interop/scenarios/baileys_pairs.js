// Baileys links to the sandbox as it would to WhatsApp: it pairs, talks with phones, and logs in again after a restart
// of its own and of the sandbox.
import assert from 'node:assert/strict';

import { scenario } from '../lib/scenario.js';
import { until } from '../lib/wait.js';

async function phoneShows(sandbox, number, text) {
  await until(`the phone of ${number} shows "${text}"`, async () =>
    (await sandbox.inbox(number)).some((seen) => seen.text === text),
  );
}

async function bothWays(sandbox, client, phone, round) {
  await sandbox.say(phone, client.number, `to Baileys, ${round}`);
  const shown = () => client.texts.some((entry) => entry.text === `to Baileys, ${round}`);
  await until(`Baileys shows round ${round}`, shown);
  await client.send(phone, `to the phone, ${round}`);
  await phoneShows(sandbox, phone, `to the phone, ${round}`);
}

await scenario('Baileys pairs with the sandbox and logs in again', async (world) => {
  const sandbox = await world.startSandbox();
  const phone = await sandbox.createAccount('Penjual');
  const client = await world.makeBaileys('Pelanggan').start();
  assert.match(client.number, /^\d{8,15}$/);
  assert.ok(client.creds.me.lid.endsWith('@lid'), 'the account has no LID');
  await bothWays(sandbox, client, phone, 1);

  await client.stop();
  await client.start();
  await bothWays(sandbox, client, phone, 2);

  const { url, rootKey } = sandbox;
  await sandbox.restart();
  assert.deepEqual([sandbox.url, sandbox.rootKey], [url, rootKey], 'a restarted sandbox is another network');
  await until('Baileys is back', () => client.isOpen, { timeoutMs: 30_000 });
  await bothWays(sandbox, client, phone, 3);

  await sandbox.disconnectAll();
  await until('Baileys is back after a network failure', () => client.closes.length >= 3 && client.isOpen);
  await bothWays(sandbox, client, phone, 4);
  assert.deepEqual(client.undecryptable, []);
  assert.ok(!client.closes.includes(401), 'Baileys was logged out');
});
