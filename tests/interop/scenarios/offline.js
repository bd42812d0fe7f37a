// What is said while the other side is away is there when it comes back: Baileys closed, konekwad stopped, konekwad
// restarted with messages in its queue, the sandbox itself gone for a while.
import { startConversation } from '../lib/conversation.js';
import { scenario } from '../lib/scenario.js';

const kTexts = 10;

await scenario('texts wait for a side that is offline, and survive restarts', async (world) => {
  const talk = await startConversation(world);
  const { daemon, baileys, session } = talk;
  const say = async (side, what) => {
    for (let i = 1; i <= kTexts; i += 1) {
      await (side === 'konekwa' ? talk.konekwaSends(`${what} ${i}`) : talk.baileysSends(`${what} ${i}`));
    }
  };
  await say('konekwa', 'hello');
  await say('baileys', 'hello back');
  await talk.allShown();

  await baileys.stop();
  await say('konekwa', 'while Baileys is away');
  await talk.allSent();
  await baileys.start();
  await talk.allShown();

  await daemon.child.stop();
  await say('baileys', 'while konekwad is stopped');
  await daemon.start();
  await talk.allShown();

  await daemon.restart();
  await daemon.connected(session);
  await say('konekwa', 'after a restart');
  await say('baileys', 'after a restart, back');
  await talk.allShown();

  await world.sandbox.child.stop();
  await say('konekwa', 'queued without a network');
  await daemon.restart();
  await world.sandbox.start();
  await daemon.connected(session);
  await talk.allShown();

  await talk.checkTexts();
  await talk.allRead();
});
