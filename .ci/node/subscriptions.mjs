// The public clients of GraphQL over SSE and over WebSocket follow the log while it grows, are cut off at every turn, resume
// after their last cursor, and end with exactly the entries of the log. Usage: node subscriptions.mjs sse|ws URL [TOKEN]
import { createClient as overEvents } from 'graphql-sse';
import { createClient as overSocket } from 'graphql-ws';
import WebSocket from 'ws';

const WRITES = 60;
const [transport, url, token = process.env.HOLDLINE_TOKEN] = process.argv.slice(2);
if (!['sse', 'ws'].includes(transport) || !url || !token) {
  console.error('usage: node subscriptions.mjs sse|ws URL [TOKEN]');
  process.exit(2);
}

const headers = { authorization: `Bearer ${token}` };
let socket;
const connect = () => overSocket({
  url: `${url.replace(/^http/, 'ws')}/ws`,
  webSocketImpl: WebSocket,
  connectionParams: headers,
  retryAttempts: 0,
  on: { opened: (opened) => { socket = opened; } },
});
let client = transport === 'sse' ? overEvents({ url, headers, retryAttempts: 0 }) : connect();

// A WebSocket that is cut without a word, as a lost network does, and one that is left in order, by turns.
function cut(turn) {
  if (transport !== 'ws') return;
  if (turn % 2) socket.terminate();
  else client.dispose();
  client = connect();
}

async function ask(query, variables = {}) {
  const body = JSON.stringify({ query, variables });
  const answer = await fetch(url, { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body });
  const { data, errors } = await answer.json();
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

const log = async (after) => {
  const query = 'query($after: String) { auditLog(orderBy: SEQ_ASC, first: 250, after: $after) { edges { cursor node { seq action } } } }';
  return (await ask(query, { after })).auditLog.edges;
};

async function write() {
  const team = await ask('mutation { teamCreate(input: { key: "FEED", name: "Feed" }) { userErrors { code } } }');
  if (team.teamCreate.userErrors.some(({ code }) => code !== 'CONFLICT')) throw new Error(JSON.stringify(team));
  for (let n = 0; n < WRITES; n += 1) {
    const submitted = await ask(`mutation { ideaSubmit(input: { team: "FEED", title: "Idea ${n}" }) { userErrors { code } } }`);
    if (submitted.ideaSubmit.userErrors.length) throw new Error(JSON.stringify(submitted));
  }
}

const ideas = (events) => events.filter(({ node }) => node.action === 'IDEA_SUBMITTED').length;

// Takes at most so many events after a cursor, with at most so many ideas, then goes away as a lost connection does.
async function follow(after, most, wanted) {
  const query = 'subscription($after: String) { auditEntries(after: $after) { cursor node { seq action } } }';
  const events = client.iterate({ query, variables: { after } });
  const taken = [];
  for await (const { data, errors } of events) {
    if (errors) throw new Error(JSON.stringify(errors));
    taken.push(data.auditEntries);
    if (taken.length === most || ideas(taken) === wanted) break;
  }
  return taken;
}

const before = await log(null);
const start = before.at(-1).cursor;
const written = write();
const seen = [];
let turns = 0;
while (ideas(seen) < WRITES) {
  turns += 1;
  seen.push(...(await follow(seen.at(-1)?.cursor ?? start, 1 + (turns % 5), WRITES - ideas(seen))));
  cut(turns);
}
await written;
const after = [];
for (;;) {
  const page = await log(after.at(-1)?.cursor ?? start);
  if (!page.length) break;
  after.push(...page);
}
const expected = JSON.stringify(after.map(({ node }) => node));
if (JSON.stringify(seen.map(({ node }) => node)) !== expected) {
  console.error(`the log has ${after.length} entries, the client saw ${seen.length}`);
  process.exit(1);
}
client.dispose();
console.log(`${seen.length} entries in ${turns} streams over ${transport}, each once and in order`);
