// Two Baileys accounts with each other, with nothing of konekwad's in between: what goes wrong here is the sandbox's.
import assert from 'node:assert/strict';

import { scenario } from '../lib/scenario.js';
import { until } from '../lib/wait.js';

const kTexts = 30;
const kRead = 4; // Baileys' number for a message that was read

await scenario('two Baileys talk, one goes offline and comes back', async (world) => {
  await world.startSandbox();
  const ani = world.makeBaileys('Ani');
  const budi = world.makeBaileys('Budi');
  await Promise.all([ani.start(), budi.start()]);
  const sent = { fromAni: [], fromBudi: [] };
  const say = async (who, whom, list, text) => list.push({ id: await who.send(whom.number, text), text });
  const shown = (client) => client.inbound().map(({ id, text }) => ({ id, text }));
  const allShown = async () => {
    await until('Budi was shown everything', () => shown(budi).length >= sent.fromAni.length);
    await until('Ani was shown everything', () => shown(ani).length >= sent.fromBudi.length);
  };

  for (let i = 1; i <= kTexts; i += 1) {
    await say(ani, budi, sent.fromAni, `Ani ${i}`);
    await say(budi, ani, sent.fromBudi, `Budi ${i}`);
  }
  await allShown();
  await budi.stop();
  for (let i = 1; i <= kTexts; i += 1) await say(ani, budi, sent.fromAni, `Ani, to the absent ${i}`);
  await budi.start();
  await allShown();

  assert.deepEqual(shown(budi), sent.fromAni);
  assert.deepEqual(shown(ani), sent.fromBudi);
  assert.deepEqual([...ani.undecryptable, ...budi.undecryptable], []);
  const unread = () => sent.fromAni.filter(({ id }) => (ani.statuses.get(id) ?? 0) < kRead);
  await until('Ani sees everything read', () => unread().length === 0, { describe: () => `${unread().length} unread` });
});
