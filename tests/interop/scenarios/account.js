// What devices of an account know in common and what people see of each other, among Baileys clients: app state,
// presence and typing, pictures, about texts, timers, and groups whose admins approve members.
import assert from 'node:assert/strict';

import { fetchBytes } from '../lib/http.js';
import { scenario } from '../lib/scenario.js';
import { until } from '../lib/wait.js';

const kDay = 86400;
const kWeek = 7 * kDay;
const kJpeg = Buffer.from('ffd8ffe000104a46494600010100000100010000ffd9', 'hex'); // the head of one is enough

await scenario('what the devices of an account share, and what others see of it', async (world) => {
  const sandbox = await world.startSandbox();
  const ani = await world.makeBaileys('Ani').start();
  const atHome = await world.makeBaileys('Ani', { phoneNumber: ani.number, label: 'Ani at home' }).start();
  const budi = await world.makeBaileys('Budi').start();
  const jidOf = (client) => `${client.number}@s.whatsapp.net`;
  const [anisJid, budisJid] = [jidOf(ani), jidOf(budi)];
  const hasKeys = (client) => () => client.creds.myAppStateKeyId;
  for (const client of [ani, atHome]) await until('app-state keys have come', hasKeys(client));
  await ani.send(budi.number, 'Hello');
  await until('Budi reads it', () => budi.inbound().length === 1);
  await budi.send(ani.number, 'Hello, Ani');

  // App state: each device changes what the other changed before; a third one learns all of it. Clients check every
  // MAC.
  const muteUntil = Date.now() + 8 * 3600 * 1000;
  await ani.socket.chatModify({ mute: muteUntil }, budisJid);
  await until('the other device mutes', () => atHome.chats.get(budisJid)?.muteEndTime === muteUntil);
  await atHome.socket.chatModify({ mute: null }, budisJid);
  await until('the first device unmutes', () => ani.chats.get(budisJid)?.muteEndTime === null);
  await ani.socket.chatModify({ pin: true }, budisJid);
  await until('the other device pins', () => atHome.chats.get(budisJid)?.pinned > 0);
  await atHome.socket.addOrEditContact(budisJid, { fullName: 'Budi from next door' });
  await until('the contact has a name', () => ani.contacts.get(budisJid)?.name === 'Budi from next door');
  const atWork = await world.makeBaileys('Ani', { phoneNumber: ani.number, label: 'Ani at work' }).start();
  await until('a new device knows the contact', () => atWork.contacts.get(budisJid)?.name === 'Budi from next door');
  await atWork.socket.chatModify({ mute: muteUntil }, budisJid);
  for (const client of [ani, atHome]) {
    await until('all know what the new one changed', () => client.chats.get(budisJid)?.muteEndTime === muteUntil);
  }

  // Presence and typing.
  const sees = (what) => until(`Budi sees Ani ${what}`, () => budi.presences.at(-1)?.is === what);
  await budi.socket.presenceSubscribe(anisJid);
  await sees('available');
  for (const client of [atHome, atWork, ani]) await client.socket.sendPresenceUpdate('unavailable');
  await sees('unavailable');
  await ani.socket.sendPresenceUpdate('available');
  await sees('available');
  for (const [said, seen] of [['composing', 'composing'], ['paused', 'available'], ['recording', 'recording']]) {
    await ani.socket.sendPresenceUpdate(said, budisJid);
    await sees(seen);
  }

  // Pictures. Baileys needs a library of others to scale one, so the picture goes out in a query of its own.
  const setPicture = (client, target) =>
    client.socket.query({
      tag: 'iq',
      attrs: { to: 's.whatsapp.net', type: 'set', xmlns: 'w:profile:picture', ...(target ? { target } : {}) },
      content: [{ tag: 'picture', attrs: { type: 'image' }, content: kJpeg }],
    });
  await assert.rejects(budi.socket.profilePictureUrl(anisJid), /item-not-found/);
  await setPicture(ani);
  for (const client of [budi, atHome]) {
    await until('others hear of it', () => client.contacts.get(anisJid)?.imgUrl === 'changed');
  }
  for (const size of ['preview', 'image']) {
    const url = await budi.socket.profilePictureUrl(anisJid, size);
    assert.deepEqual(await fetchBytes(new URL(url), {}), kJpeg);
  }
  await ani.socket.removeProfilePicture(anisJid);
  await until('Budi hears that it is gone', () => budi.contacts.get(anisJid).imgUrl === 'removed');
  await assert.rejects(budi.socket.profilePictureUrl(anisJid), /item-not-found/);

  // About text, the default timer, and the timer of one chat.
  await ani.socket.updateProfileStatus('At the market');
  assert.equal((await budi.socket.fetchStatus(anisJid))[0].status.status, 'At the market');
  await ani.socket.updateDefaultDisappearingMode(kDay);
  assert.equal((await budi.socket.fetchDisappearingDuration(anisJid))[0].disappearing_mode.duration, kDay);
  const timerAt = (client) => client.creds.accountSettings.defaultDisappearingMode?.ephemeralExpiration;
  await until('the other device has the timer', () => timerAt(atHome) === kDay);
  await ani.socket.sendMessage(budisJid, { disappearingMessagesInChat: kWeek });
  const chatTimers = () => [...budi.chats.values()].map(({ ephemeralExpiration }) => ephemeralExpiration);
  await until('Budi has the timer of the chat', () => chatTimers().includes(kWeek));

  // A group by its link, which is reset; then with approval.
  const group = (await ani.socket.groupCreate('Arisan', [])).id;
  const oldCode = await ani.socket.groupInviteCode(group);
  const code = await ani.socket.groupRevokeInvite(group);
  assert.notEqual(code, oldCode);
  await assert.rejects(budi.socket.groupGetInviteInfo(oldCode), /gone/);
  assert.equal((await budi.socket.groupGetInviteInfo(code)).subject, 'Arisan');
  await ani.socket.groupJoinApprovalMode(group, 'on');
  await budi.socket.groupAcceptInvite(code);
  const isAsked = ({ type }) => type === 'GROUP_MEMBERSHIP_JOIN_APPROVAL_REQUEST_NON_ADMIN_ADD';
  await until('Ani is asked', () => ani.notices.some(isAsked));
  await assert.rejects(budi.socket.groupMetadata(group), /forbidden/);
  const requests = await ani.socket.groupRequestParticipantsList(group);
  assert.deepEqual(requests.map(({ phone_number: number }) => number), [budisJid]);
  const approved = await ani.socket.groupRequestParticipantsUpdate(group, [requests[0].jid], 'approve');
  assert.deepEqual(approved.map(({ status }) => status), ['200']);
  assert.equal((await budi.socket.groupMetadata(group)).joinApprovalMode, true);
  await setPicture(ani, group);
  await until('Budi hears of it', () => budi.notices.some(({ type }) => type === 'GROUP_CHANGE_ICON'));
  await ani.sendTo(group, 'Welcome');
  await until('Budi reads it', () => budi.inbound().some(({ text }) => text === 'Welcome'));

  // An invitation to one person, whose privacy keeps Ani from adding them.
  await ani.socket.groupParticipantsUpdate(group, [budisJid], 'remove');
  await sandbox.admin('POST', `accounts/${budi.number}/privacy`, { groups: 'nobody' });
  const [{ status, content }] = await ani.socket.groupParticipantsUpdate(group, [budisJid], 'add');
  assert.equal(status, '403');
  const { code: inviteCode, expiration } = content.content[0].attrs;
  const invitation = { groupJid: group, inviteCode, inviteExpiration: Number(expiration) };
  assert.equal(await budi.socket.groupAcceptInviteV4(anisJid, invitation), group);
  assert.equal((await budi.socket.groupMetadata(group)).size, 2);
});
