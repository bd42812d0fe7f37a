// One HTTP request with a limit, over TCP or a Unix socket. Answers are {status, headers, body}; JSON is parsed.
import http from 'node:http';
import https from 'node:https';

const kRequestLimitMs = 30_000;
const agent = new http.Agent({ keepAlive: true, maxSockets: 32 });

// `ca` is the authority of an https server.
export function request({ url, socketPath, path, method = 'GET', headers = {}, body, ca }) {
  const isText = typeof body === 'string';
  const payload = body === undefined ? undefined : isText ? body : JSON.stringify(body);
  const options = {
    method,
    timeout: kRequestLimitMs,
    headers: {
      ...(payload === undefined ? {} : { 'content-type': isText ? 'text/plain' : 'application/json' }),
      ...(payload === undefined ? {} : { 'content-length': Buffer.byteLength(payload) }),
      ...headers,
    },
    ...(socketPath ? { socketPath, path, agent: false } : ca ? { ca } : { agent }),
  };
  return new Promise((resolve, reject) => {
    const client = ca ? https : http;
    const sent = socketPath ? http.request(options) : client.request(new URL(path, url), options);
    sent.on('error', reject);
    sent.on('timeout', () => sent.destroy(new Error(`${method} ${path}: no answer in ${kRequestLimitMs} ms`)));
    sent.on('response', (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(parts).toString('utf8');
        const isJson = text !== '' && (response.headers['content-type'] ?? '').includes('json');
        const { statusCode: status, headers: answered } = response;
        resolve({ status, headers: answered, body: isJson ? JSON.parse(text) : text });
      });
    });
    sent.end(payload);
  });
}

// The same, where anything but success is an error that says what the server answered.
export async function call(options) {
  const answer = await request(options);
  if (answer.status >= 200 && answer.status < 300) return answer.body;
  const what = `${options.method ?? 'GET'} ${options.path}`;
  const error = new Error(`${what}: ${answer.status} ${JSON.stringify(answer.body)}`);
  error.status = answer.status;
  error.body = answer.body;
  throw error;
}

// A file, as it came.
export function fetchBytes(url, { ca, headers = {} } = {}) {
  return new Promise((resolve, reject) => {
    const sent = (ca ? https : http).get(url, { headers, ...(ca ? { ca } : { agent }) }, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200) resolve(Buffer.concat(parts));
        else reject(new Error(`GET ${url.pathname}: ${response.statusCode} ${Buffer.concat(parts)}`));
      });
    });
    sent.on('error', reject);
  });
}
