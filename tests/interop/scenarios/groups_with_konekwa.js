// konekwa in groups with Baileys and phones: texts and files both ways, members that come and go while people talk, a
// group of three and one of fifty. Who is a member sees every message once; who was removed reads nothing further.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { scenario } from '../lib/scenario.js';
import { until } from '../lib/wait.js';

const kPhoto = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../unit/media_probe/files/photo.jpg');
const kMany = 50;

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

await scenario('konekwa in groups', async (world) => {
  const sandbox = await world.startSandbox({ tls: true });
  const daemon = await world.startKonekwad();
  const receiver = await world.startReceiver();
  const { id: session, number } = await daemon.link('Toko', receiver);
  const budi = world.makeBaileys('Budi', { readsMessages: false });
  await budi.start();
  const dewi = await sandbox.createAccount('Dewi'); // has only a phone

  const makeGroup = async (members) =>
    (await sandbox.admin('POST', 'groups', { subject: 'Arisan', creator: dewi, members })).id;
  const change = (group, what, numbers) => sandbox.admin('POST', `groups/${group}/${what}`, { numbers });
  const send = async (group, fields) => {
    const body = { session_id: session, recipient: group, message_type: 'text', ...fields };
    const { message_id: id } = await daemon.api('POST', '/v1/messages', body);
    return until('the group has it', async () => {
      const now = await daemon.message(id);
      assert.notEqual(now.status, 'FAILED', JSON.stringify(now.error));
      return ['SENT', 'DELIVERED', 'READ'].includes(now.status) && now;
    });
  };
  const shown = (waId) => until(`Baileys was shown ${waId}`, () => budi.messages.get(waId));
  const onPhone = (phone, waId) =>
    until(`the phone of ${phone} shows ${waId}`, async () => (await sandbox.inbox(phone)).find((m) => m.id === waId));
  const received = (waId) =>
    until(`konekwa received ${waId}`, () => receiver.received(session).find((m) => m.wa_message_id === waId));

  // Three members.
  const group = await makeGroup([number, budi.number]);
  const hello = await send(group, { content: 'Halo semua' });
  assert.equal((await shown(hello.wa_message_id)).key.remoteJid, group);
  assert.equal((await onPhone(dewi, hello.wa_message_id)).text, 'Halo semua');
  await until('everybody has it', async () => (await daemon.message(hello.id)).receipts?.delivered === 2);

  const answer = await budi.sendContent(number, { text: 'untuk toko saja' });
  assert.equal((await received(answer.key.id)).is_group, false);
  const toAll = await budi.sendTo(group, 'Halo juga');
  const fromBudi = await received(toAll);
  assert.deepEqual([fromBudi.chat_id, fromBudi.is_group, fromBudi.sender, fromBudi.content],
                   [group, true, budi.number, 'Halo juga']);
  const { id: fromDewi } = await sandbox.sayInGroup(dewi, group, 'Selamat pagi');
  assert.equal((await received(fromDewi)).sender, dewi);

  const { id: media } = await daemon.upload(readFileSync(kPhoto), 'image/jpeg');
  const photo = await send(group, { message_type: 'image', media_url: `konekwa://media/${media}`, caption: 'Hadiah' });
  const photoShown = await shown(photo.wa_message_id);
  assert.equal(photoShown.message.imageMessage.caption, 'Hadiah');
  assert.equal(sha256(await budi.download(photoShown)), sha256(readFileSync(kPhoto)));

  // Removed, somebody reads nothing further; added again, what follows.
  await change(group, 'remove', [budi.number]);
  const secret = await send(group, { content: 'tanpa Budi' });
  await onPhone(dewi, secret.wa_message_id);
  await change(group, 'add', [budi.number]);
  const welcome = await send(group, { content: 'selamat datang lagi' });
  await shown(welcome.wa_message_id);
  assert.ok(!budi.texts.some(({ text }) => text === 'tanpa Budi'), 'Budi read what was said without him');
  const back = await budi.sendTo(group, 'terima kasih');
  await received(back);

  // Fifty members.
  const many = [];
  while (many.length < kMany - 3) many.push(await sandbox.createAccount(`Anggota ${many.length}`));
  const crowd = await makeGroup([number, budi.number, ...many]);
  const news = await send(crowd, { content: 'Pengumuman' });
  await shown(news.wa_message_id);
  for (const phone of many) assert.equal((await onPhone(phone, news.wa_message_id)).text, 'Pengumuman');
  await until('all have it', async () => (await daemon.message(news.id)).receipts?.delivered === kMany - 1);
  const { id: question } = await sandbox.sayInGroup(many[7], crowd, 'Jam berapa?');
  assert.equal((await received(question)).sender, many[7]);
});
