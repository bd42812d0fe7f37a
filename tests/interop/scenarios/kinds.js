// Every kind of message between konekwa and Baileys, in both directions: what one sends is what the other shows, and
// files have the same bytes.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { scenario } from '../lib/scenario.js';
import { until } from '../lib/wait.js';

const kFiles = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../unit/media_probe/files');
const kCard = 'BEGIN:VCARD\nVERSION:3.0\nFN:Budi\nTEL;type=CELL;waid=6281234567890:+62 812-3456-7890\nEND:VCARD';

const fileOf = (name) => readFileSync(path.join(kFiles, name));
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

const kPage = '<title>x</title><meta property="og:title" content="Toko &amp; Teman">' +
  '<meta property="og:image" content="/photo.jpg">';

// Serves a page and the files by their name, as a shop's own web server would.
async function serveFiles() {
  const types = { jpg: 'image/jpeg', mp4: 'video/mp4', ogg: 'audio/ogg', mp3: 'audio/mpeg', pdf: 'application/pdf' };
  const server = http.createServer((incoming, answer) => {
    if (incoming.url === '/page') return answer.writeHead(200, { 'content-type': 'text/html' }).end(kPage);
    const name = path.basename(incoming.url);
    answer.writeHead(200, { 'content-type': types[name.split('.').pop()] }).end(fileOf(name));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, stop: () => server.close() };
}

const kOut = [
  { type: 'image', file: 'photo.jpg', field: 'imageMessage', caption: 'Struk',
    check: (m) => m.width > 0 && m.jpegThumbnail },
  { type: 'video', file: 'film.mp4', field: 'videoMessage', caption: 'Cara pakai', check: (m) => m.seconds > 0 },
  { type: 'audio', file: 'voice.ogg', field: 'audioMessage', check: (m) => m.ptt && m.waveform?.length === 64 },
  { type: 'audio', file: 'tone.mp3', field: 'audioMessage', check: (m) => !m.ptt && m.mimetype === 'audio/mpeg' },
  { type: 'document', file: 'page.pdf', field: 'documentMessage', filename: 'Faktur.pdf', caption: 'Faktur',
    check: (m) => m.fileName === 'Faktur.pdf' && m.mimetype === 'application/pdf' },
];

await scenario('every kind between konekwa and Baileys', async (world) => {
  await world.startSandbox({ tls: true });
  const daemon = await world.startKonekwad();
  const receiver = await world.startReceiver();
  const shop = await serveFiles();
  const { id: session, number } = await daemon.link('Toko', receiver);
  const budi = world.makeBaileys('Budi', { readsMessages: false });
  await budi.start();

  const shown = (id) => until(`Baileys was shown ${id}`, () => budi.messages.get(id));
  const send = async (fields) => {
    const body = { session_id: session, recipient: budi.number, ...fields };
    const { message_id: id } = await daemon.api('POST', '/v1/messages', body);
    const message = await until(`${fields.message_type} was sent`, async () => {
      const now = await daemon.message(id);
      assert.notEqual(now.status, 'FAILED', JSON.stringify(now.error));
      return ['SENT', 'DELIVERED', 'READ'].includes(now.status) && now;
    });
    return { id, message, shown: await shown(message.wa_message_id) };
  };
  const received = (waId) =>
    until(`konekwa received ${waId}`, () => receiver.received(session).find((m) => m.wa_message_id === waId));
  const event = (type, fits) =>
    until(`${type} came`, () => receiver.of(session, type).map((e) => e.data).find(fits));
  const stored = async (id) => {
    await until('the file is stored', async () => (await daemon.message(id)).media.status === 'stored');
    return daemon.fileOf(id);
  };
  const inner = (message) => message.documentWithCaptionMessage?.message ?? message;

  // Out.
  for (const { type, file, field, check, ...fields } of kOut) {
    const sent = await send({ message_type: type, media_url: `${shop.url}/${file}`, ...fields });
    const content = inner(sent.shown.message)[field];
    assert.ok(content, `${type} came as ${Object.keys(sent.shown.message)}`);
    assert.ok(check(content), `${file}: ${JSON.stringify(content)}`);
    assert.equal(content.caption || undefined, fields.caption);
    assert.equal(sha256(await budi.download(sent.shown)), sha256(fileOf(file)), file);
  }
  const place = await send({ message_type: 'location', latitude: -6.2, longitude: 106.8 });
  assert.equal(place.shown.message.locationMessage.degreesLongitude, 106.8);
  const card = await send({ message_type: 'contact', vcard_data: kCard });
  assert.equal(card.shown.message.contactMessage.vcard, kCard);
  assert.equal(card.shown.message.contactMessage.displayName, 'Budi');

  const link = await send({ message_type: 'text', content: `Lihat ${shop.url}/page ya`, link_preview: true });
  const preview = link.shown.message.extendedTextMessage;
  assert.equal(preview.text, `Lihat ${shop.url}/page ya`);
  assert.equal(preview.matchedText, `${shop.url}/page`);
  assert.equal(preview.title, 'Toko & Teman');
  assert.ok(preview.jpegThumbnail?.length > 100, 'the preview has a picture');

  // In.
  const kIn = [
    ['image', 'photo.jpg', (image) => ({ image, caption: 'Ini', mimetype: 'image/jpeg' })],
    ['video', 'film.mp4', (video) => ({ video, mimetype: 'video/mp4', seconds: 1 })],
    ['audio', 'voice.ogg', (audio) => ({ audio, ptt: true, mimetype: 'audio/ogg; codecs=opus', seconds: 1 })],
    ['document', 'page.pdf', (document) => ({ document, mimetype: 'application/pdf', fileName: 'a.pdf' })],
    ['sticker', 'sticker.webp', (sticker) => ({ sticker })],
  ];
  for (const [type, file, content] of kIn) {
    const { key } = await budi.sendContent(number, content(fileOf(file)));
    const message = await received(key.id);
    assert.equal(message.message_type, type);
    assert.equal(sha256(await stored(message.id)), sha256(fileOf(file)), `${type} received`);
  }
  const location = { degreesLatitude: 1, degreesLongitude: 2, name: 'Gudang' };
  const there = await budi.sendContent(number, { location });
  assert.equal((await received(there.key.id)).name, 'Gudang');
  const who = await budi.sendContent(number, { contacts: { contacts: [{ displayName: 'Budi', vcard: kCard }] } });
  assert.equal((await received(who.key.id)).vcard_data, kCard);
  const colours = { name: 'Warna?', values: ['Merah', 'Biru'], selectableCount: 1 };
  const poll = await budi.sendContent(number, { poll: colours });
  assert.deepEqual((await received(poll.key.id)).poll.options, ['Merah', 'Biru']);

  // Answers and mentions.
  const asked = await budi.sendContent(number, { text: 'Masih ada?' });
  const question = await received(asked.key.id);
  const answer = await send({ message_type: 'text', content: `Ada @${budi.number}`, reply_to: question.id,
                              mentions: [budi.number] });
  const context = answer.shown.message.extendedTextMessage.contextInfo;
  assert.equal(context.stanzaId, asked.key.id);
  assert.equal(context.quotedMessage.conversation || context.quotedMessage.extendedTextMessage?.text, 'Masih ada?');
  assert.equal(context.mentionedJid.length, 1);
  const thanks = await budi.sendContent(number, { text: 'Terima kasih' }, { quoted: answer.shown });
  const quoted = (await received(thanks.key.id)).quoted;
  assert.equal(quoted.wa_message_id, answer.message.wa_message_id);
  assert.equal(quoted.content, `Ada @${budi.number}`);

  // Reaction, edit, delete.
  await budi.sendContent(number, { react: { text: '👍', key: answer.shown.key } });
  const reaction = await event('message.reaction', (data) => data.message_id === answer.id);
  assert.equal(reaction.emoji, '👍');
  await budi.sendContent(number, { text: 'Terima kasih banyak', edit: thanks.key });
  const edited = await event('message.edited', (data) => data.wa_message_id === thanks.key.id);
  assert.equal(edited.content, 'Terima kasih banyak');
  await budi.sendContent(number, { delete: thanks.key });
  await event('message.revoked', (data) => data.wa_message_id === thanks.key.id);

  // The same, of ours: the message shows it.
  await daemon.api('PATCH', `/v1/messages/${answer.id}`, { content: 'Ada dua' });
  const rewritten = await until('the edit is WhatsApp\'s', async () => {
    const now = await daemon.message(answer.id);
    return now.edited_at && now;
  });
  assert.equal(rewritten.content, 'Ada dua');
  await daemon.api('DELETE', `/v1/messages/${answer.id}`);
  await until('the deletion is WhatsApp\'s', async () => (await daemon.message(answer.id)).revoked_at);

  // A chat with a timer: what we send disappears too, until somebody switches it off.
  const timed = async (seconds) => {
    const { shown: message } = await send({ message_type: 'text', content: `Timer ${seconds}` });
    assert.equal(message.message.extendedTextMessage?.contextInfo?.expiration ?? 0, seconds);
  };
  const day = await budi.sendContent(number, { text: 'Rahasia' }, { ephemeralExpiration: 86_400 });
  await received(day.key.id);
  await timed(86_400);
  await budi.sendContent(number, { disappearingMessagesInChat: 604_800 });
  await budi.sendContent(number, { disappearingMessagesInChat: false });
  const after = await budi.sendContent(number, { text: 'Tidak lagi' });
  await received(after.key.id);
  await timed(0);
  shop.stop();
});
