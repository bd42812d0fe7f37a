#!/usr/bin/env node
// Receives the webhooks of one session, checks their signatures and prints them. Needs Node.js 20 and the library of
// the Standard Webhooks convention: npm install standardwebhooks
//
//     KONEKWA_WEBHOOK_SECRET=whsec_... node examples/webhook_receiver.js [PORT]
//
// Port 0, which is also the default, takes any free one; the first line says which.
"use strict";

const http = require("node:http");
const { Webhook } = require("standardwebhooks");

const BODY_BYTES_MAX = 1 << 20;

const secret = process.env.KONEKWA_WEBHOOK_SECRET;
if (!secret) {
  console.error("KONEKWA_WEBHOOK_SECRET is not set; konekwa webhooks secret SESSION prints it");
  process.exit(1);
}
const webhook = new Webhook(secret);
const seen = new Set(); // delivery is at least once: the id says whether an event is known

function describe(event) {
  if (event.event_type === "message.received") {
    const message = event.data.message;
    return `${message.sender} wrote: ${message.content}`;
  }
  if (event.event_type === "session.status") return `${event.data.previous_status} -> ${event.data.status}`;
  return [event.data.message_id, event.data.status].filter(Boolean).join(" ");
}

// The signature is over the octets of the body: read them before anything parses them.
async function readBody(request) {
  const pieces = [];
  let size = 0;
  for await (const piece of request) {
    size += piece.length;
    if (size > BODY_BYTES_MAX) throw new Error("the body is too large");
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString("utf8");
}

const server = http.createServer(async (request, response) => {
  try {
    const event = webhook.verify(await readBody(request), request.headers);
    if (!seen.has(event.id)) {
      seen.add(event.id);
      console.log(`${event.event_type}  ${describe(event)}`);
    }
    response.writeHead(204).end();
  } catch (error) {
    console.log(`refused: ${error.message}`);
    response.writeHead(401).end();
  }
});

server.listen(Number(process.argv[2] ?? 0), "127.0.0.1", () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
