// Two Baileys accounts with each other, with nothing of konekwad's in between: what goes wrong here is the sandbox's.
import assert from 'node:assert/strict';

import { scenario } from '../lib/scenario.js';
import { until } from '../lib/wait.js';

const kTexts = 30;
const kRead = 4; // Baileys' number for a message that was read

await scenario('two Baileys talk, one goes offline and comes back', async (world) => {
  await world.startSandbox();
  const penjual = world.makeBaileys('Penjual');
  const pelanggan = world.makeBaileys('Pelanggan');
  await Promise.all([penjual.start(), pelanggan.start()]);
  const sent = { fromSeller: [], fromBuyer: [] };
  const say = async (who, whom, list, text) => list.push({ id: await who.send(whom.number, text), text });
  const shown = (client) => client.inbound().map(({ id, text }) => ({ id, text }));
  const allShown = async () => {
    await until('Pelanggan was shown everything', () => shown(pelanggan).length >= sent.fromSeller.length);
    await until('Penjual was shown everything', () => shown(penjual).length >= sent.fromBuyer.length);
  };

  for (let i = 1; i <= kTexts; i += 1) {
    await say(penjual, pelanggan, sent.fromSeller, `Penjual ${i}`);
    await say(pelanggan, penjual, sent.fromBuyer, `Pelanggan ${i}`);
  }
  await allShown();
  await pelanggan.stop();
  for (let i = 1; i <= kTexts; i += 1) await say(penjual, pelanggan, sent.fromSeller, `Penjual, to the absent ${i}`);
  await pelanggan.start();
  await allShown();

  assert.deepEqual(shown(pelanggan), sent.fromSeller);
  assert.deepEqual(shown(penjual), sent.fromBuyer);
  assert.deepEqual([...penjual.undecryptable, ...pelanggan.undecryptable], []);
  const unread = () => sent.fromSeller.filter(({ id }) => (penjual.statuses.get(id) ?? 0) < kRead);
  const describe = () => `${unread().length} unread`;
  await until('Penjual sees everything read', () => unread().length === 0, { describe });
});
