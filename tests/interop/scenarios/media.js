// Every kind of message with files, places and cards, between two Baileys accounts and between Baileys and a phone of
// the sandbox. Files must come out with the bytes they went in with.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';

import { scenario } from '../lib/scenario.js';
import { until } from '../lib/wait.js';

const kLargeBytes = 64 << 20;
const kCard = 'BEGIN:VCARD\nVERSION:3.0\nFN:Budi\nTEL;type=CELL;waid=6281234567890:+62 812-3456-7890\nEND:VCARD';
const kWaveform = Uint8Array.from({ length: 64 }, (_, i) => i);

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

// What Baileys sends, and what both the other Baileys (`field`) and a phone (`kind`) must make of it.
function kindsOfFiles(large) {
  const file = (size = 100_003) => randomBytes(size);
  return [
    { kind: 'image', field: 'imageMessage', file: file(),
      content: (image) => ({ image, caption: 'Kebaya merah', mimetype: 'image/jpeg', width: 640, height: 480 }),
      seen: { caption: 'Kebaya merah', mimetype: 'image/jpeg', width: 640, height: 480 } },
    { kind: 'video', field: 'videoMessage', file: file(),
      content: (video) => ({ video, caption: 'Cara pakai', seconds: 12 }),
      seen: { caption: 'Cara pakai', mimetype: 'video/mp4', seconds: 12 } },
    { kind: 'gif', field: 'videoMessage', file: file(), content: (video) => ({ video, gifPlayback: true }), seen: {} },
    { kind: 'audio', field: 'audioMessage', file: file(),
      content: (audio) => ({ audio, mimetype: 'audio/mpeg', seconds: 3 }),
      seen: { mimetype: 'audio/mpeg', seconds: 3 } },
    { kind: 'voice', field: 'audioMessage', file: file(),
      content: (audio) => ({ audio, ptt: true, mimetype: 'audio/ogg; codecs=opus', seconds: 4, waveform: kWaveform }),
      seen: { mimetype: 'audio/ogg; codecs=opus', seconds: 4, waveform_bytes: 64 } },
    { kind: 'document', field: 'documentMessage', file: file(0),
      content: (document) => ({ document, mimetype: 'text/plain', fileName: 'kosong.txt' }),
      seen: { filename: 'kosong.txt', size: 0 } },
    { kind: 'document', field: 'documentMessage', file: large.bytes,
      content: () => ({ document: { url: large.path }, mimetype: 'application/pdf', fileName: 'katalog.pdf' }),
      seen: { filename: 'katalog.pdf', mimetype: 'application/pdf', size: kLargeBytes } },
    { kind: 'sticker', field: 'stickerMessage', file: file(16), content: (sticker) => ({ sticker }),
      seen: { mimetype: 'image/webp' } },
  ];
}

await scenario('files, places and cards, by Baileys and by phones', async (world) => {
  const sandbox = await world.startSandbox({ tls: true });
  const penjual = world.makeBaileys('Penjual', { readsMessages: false });
  const pelanggan = world.makeBaileys('Pelanggan', { readsMessages: false });
  await Promise.all([penjual.start(), pelanggan.start()]);
  const large = { bytes: randomBytes(kLargeBytes), path: path.join(world.directory, 'katalog.pdf') };
  writeFileSync(large.path, large.bytes);

  const sends = (from, toNumber, content, options) => from.sendContent(toNumber, content, options);
  const shownTo = (client, id) => until(`${client.name} was shown ${id}`, () => client.messages.get(id));
  const onPhone = (number, id) =>
    until(`the phone of ${number} shows ${id}`, async () => (await sandbox.inbox(number)).find((m) => m.id === id));
  const updateOf = (client, id, fits) =>
    until(`${client.name} heard of a change of ${id}`, () => client.updates.find((u) => u.key.id === id && fits(u)));

  // Files: to the other Baileys, and to the phone of its account.
  for (const { kind, field, file, content, seen } of kindsOfFiles(large)) {
    const { key } = await sends(penjual, pelanggan.number, content(file));
    const message = await shownTo(pelanggan, key.id);
    assert.ok(message.message[field], `${kind} came as ${Object.keys(message.message)}`);
    assert.equal(sha256(await pelanggan.download(message)), sha256(file), `the ${kind} that Baileys downloaded`);
    const entry = await onPhone(pelanggan.number, key.id);
    assert.equal(entry.file_problem, undefined);
    assert.equal(entry.kind, kind);
    assert.equal(entry.sha256, sha256(file), `the ${kind} that the phone downloaded`);
    for (const [name, value] of Object.entries(seen)) assert.deepEqual(entry[name], value, `${kind}: ${name}`);
    assert.equal(sha256(await sandbox.mediaOf(pelanggan.number, key.id)), sha256(file));
    assert.equal((await onPhone(penjual.number, key.id)).from_me, true, 'the copy for the own phone');
  }

  // A file that the CDN has lost: the phone puts it there again.
  const lost = randomBytes(30_000);
  const { key: lostKey } = await sends(penjual, pelanggan.number, { image: lost });
  const lostMessage = await shownTo(pelanggan, lostKey.id);
  await onPhone(pelanggan.number, lostKey.id);
  await sandbox.admin('POST', 'expire_media', { direct_path: lostMessage.message.imageMessage.directPath });
  await assert.rejects(pelanggan.download(lostMessage));
  await pelanggan.askForFileAgain(lostMessage);
  assert.equal(sha256(await pelanggan.download(lostMessage)), sha256(lost), 'the file that was asked for again');

  // What has no file.
  const place = await sends(penjual, pelanggan.number, {
    location: { degreesLatitude: -6.2, degreesLongitude: 106.8, name: 'Toko' },
  });
  assert.equal((await shownTo(pelanggan, place.key.id)).message.locationMessage.name, 'Toko');
  assert.deepEqual((await onPhone(pelanggan.number, place.key.id)).location, {
    latitude: -6.2, longitude: 106.8, name: 'Toko', address: '',
  });
  const card = await sends(penjual, pelanggan.number, {
    contacts: { contacts: [{ displayName: 'Budi', vcard: kCard }] },
  });
  assert.equal((await shownTo(pelanggan, card.key.id)).message.contactMessage.vcard, kCard);
  assert.deepEqual((await onPhone(pelanggan.number, card.key.id)).contacts, [{ name: 'Budi', vcard: kCard }]);
  const poll = await sends(penjual, pelanggan.number, {
    poll: { name: 'Warna?', values: ['Merah', 'Biru'], selectableCount: 1 },
  });
  await shownTo(pelanggan, poll.key.id);
  assert.deepEqual((await onPhone(pelanggan.number, poll.key.id)).poll, { options: ['Merah', 'Biru'], selectable: 1 });

  // Quote and mention, reaction, edit, delete.
  const asked = await sends(penjual, pelanggan.number, { text: 'Jadi pesan?' });
  await shownTo(pelanggan, asked.key.id);
  const mentions = [`${penjual.number}@s.whatsapp.net`];
  const reply = await sends(pelanggan, penjual.number, { text: `Jadi @${penjual.number}`, mentions },
                            { quoted: pelanggan.messages.get(asked.key.id) });
  const context = (await shownTo(penjual, reply.key.id)).message.extendedTextMessage.contextInfo;
  assert.equal(context.stanzaId, asked.key.id);
  const replyOnPhone = await onPhone(penjual.number, reply.key.id);
  assert.equal(replyOnPhone.quote, asked.key.id);
  assert.deepEqual(replyOnPhone.mentions, [penjual.number]);

  await sends(pelanggan, penjual.number, { react: { text: '👍', key: pelanggan.messages.get(asked.key.id).key } });
  await updateOf(penjual, asked.key.id, (u) => u.reaction?.text === '👍');
  await sends(penjual, pelanggan.number, { text: 'Jadi pesan dua?', edit: asked.key });
  await updateOf(pelanggan, asked.key.id, (u) => u.update?.message?.editedMessage);
  await until('the phone shows the edit', async () => {
    const entry = await onPhone(pelanggan.number, asked.key.id);
    return entry.edited && entry.text === 'Jadi pesan dua?';
  });
  await sends(penjual, pelanggan.number, { delete: asked.key });
  await updateOf(pelanggan, asked.key.id, (u) => u.update?.messageStubType !== undefined);
  await until('the phone shows the delete', async () => (await onPhone(pelanggan.number, asked.key.id)).revoked);

  // A phone to Baileys.
  const phone = await sandbox.createAccount('Telepon');
  const says = async (saying) => {
    const id = await sandbox.sayKind(phone, penjual.number, saying);
    return shownTo(penjual, id);
  };
  const files = [['image', 'imageMessage'], ['video', 'videoMessage'], ['gif', 'videoMessage'],
                 ['audio', 'audioMessage'], ['voice', 'audioMessage'], ['document', 'documentMessage'],
                 ['sticker', 'stickerMessage']];
  for (const [kind, field] of files) {
    const file = randomBytes(50_000);
    const message = await says({ kind, file_base64: file.toString('base64'), filename: 'a.bin', seconds: 2 });
    assert.ok(message.message[field], `${kind} came as ${Object.keys(message.message)}`);
    assert.equal(Boolean(message.message[field].ptt), kind === 'voice');
    assert.equal(Boolean(message.message[field].gifPlayback), kind === 'gif');
    assert.equal(sha256(await penjual.download(message)), sha256(file), `the ${kind} of a phone`);
  }
  const warehouse = await says({ kind: 'location', latitude: 1, longitude: 2, name: 'Gudang' });
  assert.equal(warehouse.message.locationMessage.name, 'Gudang');
  assert.equal((await says({ kind: 'contact', name: 'Budi', vcard: kCard })).message.contactMessage.vcard, kCard);
  const text = await says({ text: 'Halo' });
  const answer = await says({ text: 'Halo lagi', quote: text.key.id, mentions: [penjual.number] });
  assert.equal(answer.message.extendedTextMessage.contextInfo.stanzaId, text.key.id);
  assert.equal(answer.message.extendedTextMessage.contextInfo.mentionedJid.length, 1);
  const fromBaileys = await sends(penjual, phone, { text: 'Ya?' });
  await onPhone(phone, fromBaileys.key.id);
  await sandbox.sayKind(phone, penjual.number, { kind: 'reaction', target: fromBaileys.key.id, emoji: '🙏' });
  await updateOf(penjual, fromBaileys.key.id, (u) => u.reaction?.text === '🙏');
  await sandbox.sayKind(phone, penjual.number, { kind: 'edit', target: text.key.id, text: 'Hai' });
  await updateOf(penjual, text.key.id, (u) => u.update?.message?.editedMessage);
  await sandbox.sayKind(phone, penjual.number, { kind: 'revoke', target: text.key.id });
  await updateOf(penjual, text.key.id, (u) => u.update?.messageStubType !== undefined);
});
