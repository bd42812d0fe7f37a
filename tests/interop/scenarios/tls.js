// The same conversation over wss, as WhatsApp's own network is reached: both sides check the sandbox's certificate.
import assert from 'node:assert/strict';

import { startConversation } from '../lib/conversation.js';
import { scenario } from '../lib/scenario.js';
import { until } from '../lib/wait.js';

const kTexts = 20;

await scenario('konekwa and Baileys talk over TLS', async (world) => {
  const sandbox = await world.startSandbox({ tls: true });
  assert.ok(sandbox.url.startsWith('wss://'), sandbox.url);
  const talk = await startConversation(world);
  for (let i = 1; i <= kTexts; i += 1) {
    await talk.konekwaSends(`konekwa ${i}`);
    await talk.baileysSends(`Baileys ${i}`);
  }
  await talk.allShown();

  await sandbox.disconnectAll();
  await until('Baileys is back', () => talk.baileys.closes.length >= 2 && talk.baileys.isOpen);
  await talk.daemon.connected(talk.session);
  await talk.konekwaSends('after a network failure');
  await talk.baileysSends('after a network failure, back');
  await talk.allShown();
  await talk.checkTexts();
  await talk.allRead();
});
