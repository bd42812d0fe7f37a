// kill -9 of konekwad in the middle of bursts in both directions, several times. Every text that was accepted is shown
// once by id and in order; every text of Baileys' makes exactly one event.
import { startConversation } from '../lib/conversation.js';
import { scenario } from '../lib/scenario.js';
import { pause } from '../lib/wait.js';

const kRounds = Number(process.env.KONEKWA_KILL_ROUNDS ?? 6);
const kBurst = 20;

// A text that met the crash may be accepted or not: the same idempotency key asks again until there is an answer.
async function sendThroughCrash(talk, text) {
  const key = { 'idempotency-key': text.replaceAll(' ', '-') };
  for (;;) {
    try {
      const { message_id: messageId } = await talk.daemon.send(talk.session, talk.baileys.number, text, key);
      talk.fromKonekwa.push({ messageId, text });
      return;
    } catch (error) {
      if (error.status !== undefined && error.status !== 503) throw error;
      await pause(20);
    }
  }
}

async function konekwaBurst(talk, round) {
  for (let i = 1; i <= kBurst; i += 1) await sendThroughCrash(talk, `konekwa, round ${round}, text ${i}`);
}

async function baileysBurst(talk, round) {
  for (let i = 1; i <= kBurst; i += 1) await talk.baileysSends(`Baileys, round ${round}, text ${i}`);
}

await scenario(`kill -9 of konekwad in ${kRounds} bursts`, async (world) => {
  const talk = await startConversation(world);
  await konekwaBurst(talk, 0);
  await talk.allShown();

  for (let round = 1; round <= kRounds; round += 1) {
    const bursts = [konekwaBurst(talk, round), baileysBurst(talk, round)];
    await pause((round * 97) % 400);
    await talk.daemon.crash();
    await Promise.all(bursts);
    await talk.allShown();
  }
  await talk.checkTexts();
  await talk.allRead({ acksWereLost: true });
});
