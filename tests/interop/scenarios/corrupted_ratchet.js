// A ratchet that was lost, or put back to an earlier state, on either side heals by retry receipts: every text still
// arrives, once by id.
import assert from 'node:assert/strict';

import { startConversation } from '../lib/conversation.js';
import { baileysRatchets, konekwaRatchets } from '../lib/ratchets.js';
import { scenario } from '../lib/scenario.js';

const kTexts = 3;

await scenario('damaged ratchets heal by retry receipts', async (world) => {
  world.toleratedViolations = /the ratchet went back/; // it was put back
  const talk = await startConversation(world);
  const { daemon, baileys, session } = talk;
  const sides = {
    konekwa: {
      ratchets: konekwaRatchets,
      stop: () => daemon.child.stop(),
      start: async () => {
        await daemon.start();
        await daemon.connected(session);
      },
    },
    Baileys: { ratchets: baileysRatchets, stop: () => baileys.stop(), start: () => baileys.start() },
  };
  const exchange = async (what, first) => {
    for (let i = 1; i <= kTexts; i += 1) {
      if (first === 'konekwa') await talk.konekwaSends(`${what}, konekwa ${i}`);
      await talk.baileysSends(`${what}, Baileys ${i}`);
      if (first !== 'konekwa') await talk.konekwaSends(`${what}, konekwa ${i}`);
    }
    await talk.allShown(60_000);
  };
  await exchange('before', 'konekwa');

  for (const [name, side] of Object.entries(sides)) {
    for (const speaksFirst of ['konekwa', 'Baileys']) {
      await side.stop();
      side.ratchets.lose(talk);
      await side.start();
      await exchange(`${name} lost its ratchet and ${speaksFirst} speaks`, speaksFirst);

      await side.stop();
      const copied = side.ratchets.copy(talk);
      await side.start();
      await exchange(`${name} goes on and ${speaksFirst} speaks`, speaksFirst);
      await side.stop();
      side.ratchets.restore(talk, copied);
      await side.start();
      await exchange(`${name} was put back and ${speaksFirst} speaks`, speaksFirst);
    }
  }
  assert.ok(baileys.undecryptable.length > 0, 'nothing was damaged: Baileys could read everything at once');
  await talk.checkTexts({ inOrder: false });
  await talk.allRead();
});
