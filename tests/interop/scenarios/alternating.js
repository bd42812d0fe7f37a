// The plain case, counted: texts one after the other, then a burst in each direction. Nothing lost, doubled, reordered
// or asked for again; every message of konekwa's is reported DELIVERED and READ.
import { startConversation } from '../lib/conversation.js';
import { scenario } from '../lib/scenario.js';
import { until } from '../lib/wait.js';

const kAlternating = 200;
const kBurst = 50;

await scenario(`${kAlternating} texts in turn and ${kBurst} each way between konekwa and Baileys`, async (world) => {
  const talk = await startConversation(world);

  for (let turn = 1; turn <= kAlternating; turn += 1) {
    const side = turn % 2 === 1 ? 'baileys' : 'konekwa';
    if (side === 'baileys') await talk.konekwaSends(`turn ${turn}`);
    else await talk.baileysSends(`turn ${turn}`);
    const expected = side === 'baileys' ? talk.fromKonekwa : talk.fromBaileys;
    await until(`turn ${turn} was shown`, () => talk.shownAt(side).length >= expected.length, { everyMs: 2 });
  }
  for (let i = 1; i <= kBurst; i += 1) await talk.konekwaSends(`konekwa, burst ${i}`);
  await talk.allShown();
  for (let i = 1; i <= kBurst; i += 1) await talk.baileysSends(`Baileys, burst ${i}`);

  await talk.allShown();
  await talk.checkTexts();
  await talk.allRead();
  await talk.baileysSeesDelivery();
  talk.checkCalm();
});
