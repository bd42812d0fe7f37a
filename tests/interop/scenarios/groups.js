// Groups among Baileys clients and phones, with nothing of konekwad's in between: made, talked in, changed while people
// talk, left. Whoever is a member sees every text once, whoever is not sees none.
import assert from 'node:assert/strict';

import { scenario } from '../lib/scenario.js';
import { until } from '../lib/wait.js';

const kRead = 4; // Baileys' number for a message that was read

await scenario('groups of Baileys clients and phones', async (world) => {
  const sandbox = await world.startSandbox();
  const dewi = await sandbox.createAccount('Dewi'); // has only a phone
  const ani = await world.makeBaileys('Ani').start();
  const aniAtHome = await world.makeBaileys('Ani', { phoneNumber: ani.number, label: 'Ani at home' }).start();
  const budi = await world.makeBaileys('Budi').start();
  const citra = await world.makeBaileys('Citra').start();
  const clients = { ani, aniAtHome, budi, citra };
  const accountOf = (name) => (name === 'dewi' ? dewi : clients[name].number);
  const jidOf = (number) => `${number}@s.whatsapp.net`;
  const lidOf = (client) => client.creds.me.lid.replace(/:\d+@/, '@');
  let group;

  // Who sees a text: clients by name, and the phones of the accounts.
  const textsAt = (name) => clients[name].texts.filter(({ chat }) => chat === group).map(({ text }) => text);
  const phoneTexts = async (number) =>
    (await sandbox.inbox(number)).filter(({ chat }) => chat === group).map(({ text }) => text);
  const seenBy = async (names, text) => {
    for (const name of names) {
      if (clients[name]) await until(`${name} is shown "${text}"`, () => textsAt(name).includes(text));
      await until(`the phone of ${name} shows "${text}"`, async () =>
        (await phoneTexts(accountOf(name))).includes(text),
      );
    }
  };
  const everybody = ['ani', 'aniAtHome', 'budi', 'citra', 'dewi'];
  const sayAs = async (name, text, names) => {
    if (clients[name]) await clients[name].sendTo(group, text);
    else await sandbox.sayInGroup(accountOf(name), group, text);
    // A phone need not list what it wrote itself.
    await seenBy(names.filter((other) => clients[name] || other !== name), text);
  };

  // Made by a client.
  const made = await ani.socket.groupCreate('Arisan', [budi.number, citra.number, dewi].map(jidOf));
  group = made.id;
  assert.equal(made.subject, 'Arisan');
  assert.equal(made.addressingMode, 'lid');
  assert.deepEqual(made.participants.map(({ id, admin }) => [id, admin]).slice(0, 3), [
    [lidOf(ani), 'superadmin'],
    [lidOf(budi), null],
    [lidOf(citra), null],
  ]);
  assert.equal(made.participants[1].phoneNumber, jidOf(budi.number));
  for (const client of [aniAtHome, budi, citra]) {
    await until('the group was announced', () => client.notices.some(({ type }) => type === 'GROUP_CREATE'));
  }

  // Everybody talks, twice: the second time nobody needs a key.
  for (const round of [1, 2]) {
    for (const name of everybody) await sayAs(name, `${name} says ${round}`, everybody);
  }
  const id = await ani.sendTo(group, 'Have you all read this?');
  await until('Ani sees it read', () => ani.statuses.get(id) === kRead);

  // Changed while people talk.
  await ani.socket.groupUpdateSubject(group, 'Arisan RT 5');
  await ani.socket.groupUpdateDescription(group, 'Every Sunday');
  await ani.socket.groupUpdateDescription(group, 'Every Monday');
  await ani.socket.groupSettingUpdate(group, 'locked');
  await ani.socket.groupToggleEphemeral(group, 86400);
  const metadata = await budi.socket.groupMetadata(group);
  assert.deepEqual(
    [metadata.subject, metadata.desc, metadata.restrict, metadata.announce, metadata.ephemeralDuration, metadata.size],
    ['Arisan RT 5', 'Every Monday', true, false, 86400, 4],
  );
  await assert.rejects(budi.socket.groupUpdateSubject(group, 'Mine'), /not-authorized/);
  await ani.socket.groupToggleEphemeral(group, 0);

  const withoutCitra = ['ani', 'aniAtHome', 'budi', 'dewi'];
  const removed = await ani.socket.groupParticipantsUpdate(group, [lidOf(citra)], 'remove');
  assert.deepEqual(removed.map(({ status }) => status), ['200']);
  for (const name of withoutCitra) await sayAs(name, `${name} says, without Citra`, withoutCitra);
  await until('Citra was told', () => citra.notices.some(({ type }) => type === 'GROUP_PARTICIPANT_REMOVE'));
  await assert.rejects(citra.sendTo(group, 'Hello?'), /forbidden/);
  await assert.rejects(citra.socket.groupMetadata(group), /forbidden/);

  // Back, by number, while Budi is away.
  await budi.stop();
  const added = await ani.socket.groupParticipantsUpdate(group, [jidOf(citra.number), jidOf('628000000000')], 'add');
  assert.deepEqual(added.map(({ status }) => status), ['200', '404']);
  const again = await ani.socket.groupParticipantsUpdate(group, [jidOf(citra.number)], 'add');
  assert.deepEqual(again.map(({ status }) => status), ['409']);
  const withoutBudi = ['ani', 'aniAtHome', 'citra', 'dewi'];
  for (const name of withoutBudi) await sayAs(name, `${name} says, Budi is away`, withoutBudi);
  await budi.start();
  for (const name of withoutBudi) await seenBy(['budi'], `${name} says, Budi is away`);
  for (const name of everybody) await sayAs(name, `${name} says, all are here`, everybody);

  // By link, by admin API, and out again.
  const link = await ani.socket.groupInviteCode(group);
  const warung = await sandbox.admin('POST', 'groups', {
    subject: 'Warung',
    creator: dewi,
    members: [ani.number],
    addressing_mode: 'pn',
  });
  const mine = await ani.socket.groupFetchAllParticipating();
  assert.deepEqual(Object.keys(mine).sort(), [group, warung.id].sort());
  assert.equal(mine[warung.id].addressingMode, 'pn');
  assert.equal(mine[warung.id].participants[0].id, jidOf(dewi));
  await budi.socket.groupLeave(group);
  await until('Ani was told', () => ani.notices.some(({ type }) => type === 'GROUP_PARTICIPANT_LEAVE'));
  for (const name of withoutBudi) await sayAs(name, `${name} says, Budi has left`, withoutBudi);
  assert.equal((await budi.socket.groupGetInviteInfo(link)).subject, 'Arisan RT 5');
  assert.equal(await budi.socket.groupAcceptInvite(link), group);
  for (const name of everybody) await sayAs(name, `${name} says, Budi is back`, everybody);

  // Addressed by number.
  const arisan = group;
  group = warung.id;
  await sayAs('ani', 'Ani to the shop', ['ani', 'aniAtHome', 'dewi']);
  await sayAs('dewi', 'Dewi to the shop', ['ani', 'aniAtHome', 'dewi']);
  group = arisan;

  // A crowd of texts while the group changes: who is a member all along sees all of them.
  const burst = [];
  for (let i = 1; i <= 10; i += 1) {
    for (const name of ['ani', 'citra']) {
      burst.push(`${name}, burst ${i}`);
      await clients[name].sendTo(group, burst.at(-1));
    }
    if (i % 3 === 0) await ani.socket.groupParticipantsUpdate(group, [lidOf(budi)], i % 2 === 0 ? 'add' : 'remove');
  }
  for (const text of burst) await seenBy(['ani', 'aniAtHome', 'citra', 'dewi'], text);

  // Nobody saw a text twice, or one that was not for him.
  for (const name of Object.keys(clients)) {
    const texts = textsAt(name);
    assert.deepEqual(texts, [...new Set(texts)], `what ${name} was shown`);
    assert.deepEqual(clients[name].undecryptable, [], `what ${name} could not read`);
  }
  assert.deepEqual(textsAt('citra').filter((text) => text.includes('without Citra')), []);
  assert.deepEqual(textsAt('budi').filter((text) => text.includes('Budi has left')), []);

  // Sender keys that cannot be read, in either direction: the ratchets that bring them do not fit.
  await sandbox.admin('POST', `accounts/${dewi}/corrupt`, { peer: citra.number });
  group = (await citra.socket.groupCreate('Damaged', [dewi, ani.number].map(jidOf))).id;
  for (const name of ['dewi', 'citra', 'ani']) await sayAs(name, `${name} says, healed`, withoutBudi);
  assert.notEqual(citra.undecryptable.length, 0);
  group = arisan;

  for (const number of [ani.number, budi.number, citra.number, dewi]) {
    const texts = await phoneTexts(number);
    assert.deepEqual(texts, [...new Set(texts)], `what the phone ${number} was shown`);
  }
});
