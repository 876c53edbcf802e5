// Chromium drives the Wednesday story through the pages, from an empty server: signing in by a link, the boundary on the
// projector, an ask that is refused and sent where it belongs, a renegotiation decided, the story, its entry, a published
// link. On each page axe-core looks for violations, in light and dark and on a narrow screen; each is weighed; and what
// people wrote is never run. Usage: node pages.mjs BINARY FOLDER, where screenshots and the printed story are kept.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const [binary, folder, browserPath = process.env.CHROMIUM ?? '/usr/bin/chromium'] = process.argv.slice(2);
if (!binary || !folder) {
  console.error('usage: node pages.mjs BINARY FOLDER [CHROMIUM]');
  process.exit(2);
}
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const WEIGHT = 100 * 1024;
const ASK = 'Should we move the reporting work up? Two enterprise deals are asking.';
const HOSTILE = '<img src=x onerror=alert(1)><script>alert(2)</script>';
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];

mkdirSync(folder, { recursive: true });
const data = mkdtempSync(join(tmpdir(), 'holdline-pages-'));
const told = [];
const say = (what) => { told.push(what); console.log(`ok    ${what}`); };
function must(holds, what) {
  if (!holds) throw new Error(what);
}

// The server, on a store that nobody used before.
const server = spawn(binary, ['serve', '--listen', '127.0.0.1:0', '--data-dir', data], { env: { ...process.env, HOLDLINE_LOG: 'warn' } });
let [out, err] = ['', ''];
server.stdout.on('data', (chunk) => { out += chunk; });
server.stderr.on('data', (chunk) => { err += chunk; });
async function until(what, found, ms = 20_000) {
  for (let waited = 0; waited < ms; waited += 50) {
    const value = await found();
    if (value) return value;
    await new Promise((done) => { setTimeout(done, 50); });
  }
  throw new Error(`${what} did not come\n${err}`);
}
const base = await until('the server', () => /Holdline is at (\S+)/.exec(out)?.[1]);
const token = (subject, role) => execFileSync(binary, ['token', 'issue', '--data-dir', data, '--subject', subject, '--name', subject,
  '--role', role, '--teams', '*'], { stdio: ['ignore', 'pipe', 'ignore'] }).toString().trim();
const tokens = Object.fromEntries([['Pia', 'planner'], ['Ada', 'approver'], ['Vic', 'viewer'], ['Aud', 'auditor'], ['Adm', 'admin']]
  .map(([name, role]) => [name, token(name, role)]));

async function ask(who, query, variables = {}) {
  const answer = await fetch(`${base}/graphql`, {
    method: 'POST',
    headers: { authorization: `Bearer ${tokens[who]}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const { data: read, errors } = await answer.json();
  must(!errors, JSON.stringify(errors));
  return read;
}
async function make(who, mutation, input, fields) {
  const kind = mutation[0].toUpperCase() + mutation.slice(1);
  const query = `mutation($input: ${kind}Input!) { ${mutation}(input: $input) { ${fields} userErrors { code message } } }`;
  const payload = (await ask(who, query, { input }))[mutation];
  must(payload.userErrors.length === 0, `${mutation}: ${JSON.stringify(payload.userErrors)}`);
  return payload;
}

const browser = await chromium.launch({ executablePath: browserPath, args: FLAGS });
const pages = {};
let shots = 0;

function watched(page) {
  page.on('dialog', (dialog) => { throw new Error(`a script of somebody's text ran: ${dialog.message()}`); });
  page.on('pageerror', (error) => { throw error; });
  // A refused form is a 422, which browsers report as an error of loading.
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) throw new Error(message.text());
  });
  return page;
}
async function signIn(who, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = watched(await context.newPage());
  await page.goto(`${base}/sign-in#token=${tokens[who]}`);
  await page.waitForURL(`${base}/`);
  pages[who] = page;
  return page;
}

async function violations(page) {
  // Through the protocol and not a script element, which the page's policy forbids.
  await page.evaluate(AXE);
  const found = await page.evaluate(() => globalThis.axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  }));
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
}

// Looks at a page as everybody would: light, dark, narrow, and what it weighs.
async function look(page, name) {
  shots += 1;
  const file = join(folder, `${String(shots).padStart(2, '0')}-${name}`);
  for (const [scheme, width] of [['light', 1280], ['dark', 1280], ['light', 360]]) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.setViewportSize({ width, height: 800 });
    const found = await violations(page);
    must(found.length === 0, `${name}, ${scheme}, ${width} wide: ${found.join('\n')}`);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    must(wide <= 0, `${name} scrolls sideways by ${wide} at ${width}`);
    if (scheme === 'light') await page.screenshot({ path: `${file}${width === 360 ? '-narrow' : ''}.png`, fullPage: true });
    else await page.screenshot({ path: `${file}-dark.png` });
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 1280, height: 800 });
  must(await page.evaluate(() => [...document.scripts].every((script) => script.src && !script.textContent)), `${name} has a script inline`);
  const weight = await page.evaluate(async () => {
    const needed = performance.getEntriesByType('resource').filter(({ initiatorType }) => ['link', 'script', 'img'].includes(initiatorType));
    const sizes = await Promise.all(needed.map(async ({ name: url }) => (await (await fetch(url)).arrayBuffer()).byteLength));
    return new Blob([document.documentElement.outerHTML]).size + sizes.reduce((sum, size) => sum + size, 0);
  });
  must(weight < WEIGHT, `${name} weighs ${weight} bytes`);
  say(`${name}: no violation in light, dark and narrow; ${(weight / 1024).toFixed(1)} KiB with everything it needs`);
}
const reads = async (page, text) => must((await page.textContent('main')).includes(text), `${page.url()} does not say: ${text}`);

try {
  // Signing in by a link, to an empty server.
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  pages.first = watched(await context.newPage());
  await pages.first.goto(`${base}/sign-in#token=${tokens.Adm}`);
  await pages.first.waitForURL(`${base}/`);
  must(!(await pages.first.evaluate(() => document.cookie)), 'a script reads the session');
  await reads(pages.first, 'There is no team');
  await look(pages.first, 'empty');
  await pages.first.getByRole('button', { name: 'Sign out' }).click();
  await pages.first.waitForURL(`${base}/sign-in`);
  await look(pages.first, 'sign-in');
  await pages.first.getByLabel('Your token').fill('nonsense');
  await pages.first.getByRole('button', { name: 'Sign in' }).click();
  must(await pages.first.getByRole('alert').textContent() === 'This is no token: three parts joined by dots are expected.', 'why not');
  await look(pages.first, 'sign-in-refused');

  const [pia, vic] = [await signIn('Pia'), await signIn('Vic')];
  await make('Adm', 'teamCreate', { key: 'PAY', name: 'Payments' }, 'team { id }');
  await pia.goto(`${base}/teams/PAY`);
  await reads(pia, 'There is no plan for this quarter yet.');
  await look(pia, 'team-without-a-plan');

  const quarter = (await ask('Pia', '{ currentQuarter { id } }')).currentQuarter.id;
  const { plan } = await make('Pia', 'planDraft', { team: 'PAY', quarter, capacity: '10', capacityUnit: 'points' }, 'plan { id }');
  const owner = { name: 'The lead' };
  const keyResults = [];
  for (const [title, load] of [['Payments settle', '4'], [`Reports are trusted ${HOSTILE}`, '4']]) {
    const added = await make('Pia', 'objectiveAdd', { plan: plan.id, title, load, owner, rationale: `Customers ask for it. ${HOSTILE}` }, 'objective { id }');
    for (const [result, unit, target] of [['Share of settled payments', '%', '100'], ['Complaints a week', 'complaints', '5']]) {
      const input = { objective: added.objective.id, title: result, owner, unit, baseline: '40', target };
      keyResults.push({ objective: added.objective.id, ...(await make('Pia', 'keyResultAdd', input, 'keyResult { id }')).keyResult });
    }
  }
  await pia.goto(`${base}/teams/PAY`);
  await reads(pia, 'nothing in it is promised yet');
  await look(pia, 'team-with-a-draft');

  const { node: { digest } } = await ask('Pia', 'query($id: ID!) { node(id: $id) { ... on Plan { digest } } }', { id: plan.id });
  await make('Pia', 'planCommit', { plan: plan.id, digest }, 'plan { id }');
  await make('Pia', 'checkInRecord', { keyResult: keyResults[0].id, kind: 'PROGRESS', value: '61', confidence: 'ON_TRACK' }, 'checkIn { id }');
  await make('Pia', 'roadmapItemAdd', { team: 'PAY', title: `Ask the bank once ${HOSTILE}`, horizon: 'NOW', keyResults: [keyResults[0].id] }, 'roadmapItem { id }');
  await make('Pia', 'roadmapItemAdd', { team: 'PAY', title: 'A nicer logo', horizon: 'LATER' }, 'roadmapItem { id }');

  // Wednesday: the boundary is on the projector before anybody speaks.
  const { meeting } = await make('Pia', 'meetingPrepare', {
    team: 'PAY', kind: 'STATUS', title: 'Wednesday status check', durationMinutes: 30,
    attendees: [{ person: { subject: 'Pia' }, ask: 'INFORM' }, { person: { name: 'Head of sales' }, ask: 'INPUT' }],
    boundary: { open: [{ question: 'What could still delay settlement?', wanted: 'RISKS' }], outOfScope: [`The pricing of next year ${HOSTILE}`] },
  }, 'meeting { id }');
  const room = `${base}/meetings/${meeting.id}`;
  await pia.goto(`${base}/teams/PAY`);
  await pia.getByRole('link', { name: 'Wednesday status check' }).click();
  await look(pia, 'meeting-prepared');
  await pia.getByRole('button', { name: 'Open the meeting' }).click();
  await pia.waitForURL((url) => url.href.startsWith(`${room}#`));
  await vic.goto(room);
  must(await vic.locator('form').count() === 1, 'a viewer sees no form but the one to sign out');
  await vic.getByRole('status').filter({ hasText: 'Live' }).waitFor();

  // Twenty minutes in. Two clicks: record it, send it where it belongs.
  const record = async (page, words) => {
    await page.getByLabel('The words').fill(words);
    await page.getByLabel('Who said it').selectOption({ label: 'Head of sales' });
    await page.getByRole('button', { name: 'Record it' }).click();
    await page.locator('blockquote', { hasText: words.slice(0, 20) }).last().waitFor();
  };
  await record(pia, ASK);
  await vic.locator('blockquote', { hasText: ASK }).waitFor();
  say('what is recorded is on the projector without anybody reloading it');

  // Into NOW it does not go, and the page says which way is open.
  await pia.getByText('Put one onto the roadmap').click();
  await pia.getByLabel('In', { exact: true }).selectOption({ label: 'now' });
  await pia.getByRole('button', { name: 'Put it there' }).click();
  const refusal = pia.getByRole('alert');
  await refusal.getByText('NOW_SERVES_COMMITMENT').waitFor();
  await refusal.getByText('INPUT_OUT_OF_BOUNDS').waitFor();
  must(await refusal.getByText('Instead:').count() >= 1, 'a refusal names the way that is open');
  await look(pia, 'meeting-refused');
  await pia.goto(room);
  await pia.getByRole('button', { name: /^To the backlog/ }).click();
  await pia.getByText('the idea “Should we move').waitFor();
  await vic.getByText('the idea “Should we move').waitFor();
  await look(vic, 'meeting-projector');
  say('two clicks send an ask to the backlog; a rule that says no says it there, with its remedy');

  // The same without scripts, and a second ask that the meeting waits for.
  const plain = await browser.newContext({ javaScriptEnabled: false });
  const noScript = await plain.newPage();
  await noScript.goto(`${base}/sign-in?next=/meetings/${meeting.id}`);
  await noScript.getByLabel('Your token').fill(tokens.Pia);
  await noScript.getByRole('button', { name: 'Sign in' }).click();
  await noScript.waitForURL(room);
  // Somebody is typing meanwhile, and has the focus: neither is lost to what happens, nor to a server that refuses a while.
  let refuses = true;
  await pia.route((url) => url.href === room, (route) => (refuses ? route.fulfill({ status: 429, body: 'no' }) : route.continue()));
  await pia.getByLabel('The words').fill('half a sentence');
  await record(noScript, `And could we have it in French? ${HOSTILE}`);
  await pia.getByRole('status').filter({ hasText: 'could not be fetched; it is tried again' }).waitFor();
  refuses = false;
  await pia.locator('blockquote', { hasText: 'in French' }).waitFor();
  await pia.getByRole('button', { name: /^Noted/ }).focus();
  await record(noScript, 'And by mail?');
  await pia.locator('blockquote', { hasText: 'And by mail?' }).waitFor();
  must(await pia.evaluate(() => document.activeElement.getAttribute('aria-label')?.startsWith('Noted: And could we')), 'the focus stays where it was');
  await pia.getByRole('button', { name: /^Noted: And by mail/ }).click();
  await pia.waitForURL((url) => url.href.startsWith(`${room}#`));
  must(await pia.getByLabel('The words').inputValue() === 'half a sentence', 'what is typed outlives the sending of another form');
  await noScript.getByRole('button', { name: 'Close the meeting' }).click();
  await noScript.getByRole('alert').getByText('INPUT_UNDISPOSED').waitFor();
  await noScript.goto(room);
  await noScript.getByRole('button', { name: /^Noted/ }).click();
  await noScript.getByRole('button', { name: /^Understood, thanks/ }).click();
  await noScript.getByText('has understood revision 1').waitFor();
  await noScript.getByRole('button', { name: 'Close the meeting' }).click();
  await noScript.waitForURL((url) => url.href.startsWith(`${room}#`));
  must(await noScript.getByRole('button', { name: 'Record it' }).count() === 0, 'a closed meeting takes nothing');
  await pia.getByRole('status').filter({ hasText: 'The meeting has ended, and what you typed was not sent.' }).waitFor();
  must(await pia.getByLabel('The words').inputValue() === 'half a sentence', 'nobody loses what they typed when a meeting ends');
  await pia.unrouteAll();
  say('what somebody types and where they are stay through what others do, a refusing server and the end of the meeting');
  await vic.getByText('closed', { exact: true }).waitFor();
  say('everything works without scripts; a meeting does not close over what waits for its place');

  // Afterwards: a renegotiation, decided by somebody else in a meeting of its own.
  const { ideas } = await ask('Pia', '{ ideas(first: 1) { nodes { id } } }');
  const deal = { system: 'hubspot', externalId: 'deal-1', account: `Acme ${HOSTILE}`, status: 'OPEN', url: 'javascript:alert(3)', amount: { amount: '120000', currency: 'USD' } };
  tokens.Crm = execFileSync(binary, ['token', 'issue', '--data-dir', data, '--subject', 'crm', '--role', 'integration', '--teams', 'PAY',
    '--service', 'hubspot'], { stdio: ['ignore', 'pipe', 'ignore'] }).toString().trim();
  const posted = await fetch(`${base}/graphql`, {
    method: 'POST',
    headers: { authorization: `Bearer ${tokens.Crm}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      query: 'mutation($input: CustomerRequestUpsertInput!) { customerRequestUpsert(input: $input) { userErrors { code field } } }',
      variables: { input: { idea: { id: ideas.nodes[0].id }, deal } },
    }),
  });
  const { data: { customerRequestUpsert: { userErrors } } } = await posted.json();
  // An address that a browser would run is refused, or shown as text: either way nobody follows it.
  if (userErrors.length) {
    delete deal.url;
    tokens.Crm && await make('Crm', 'customerRequestUpsert', { idea: { id: ideas.nodes[0].id }, deal }, 'customerRequest { id }');
  }
  const changes = [
    { dropKeyResult: { keyResult: keyResults[3].id, why: `Complaints wait until January. ${HOSTILE}` } },
    { addKeyResult: { objective: keyResults[3].objective, title: 'Accounts with reports', unit: 'accounts', owner, baseline: '0', target: '2', objectiveLoad: '5' } },
  ];
  const { renegotiation } = await make('Pia', 'renegotiationDraft', {
    plan: plan.id, evidence: [ideas.nodes[0].id], changes, trigger: 'Two enterprise deals ask for reporting.',
    reason: 'Both decide before the quarter ends.', tradeOff: 'The complaints of small accounts wait until January.',
  }, 'renegotiation { id }');
  await make('Pia', 'renegotiationPropose', { renegotiation: renegotiation.id }, 'renegotiation { id }');
  await pia.goto(`${base}/teams/PAY`);
  await reads(pia, 'The old plan holds until it is decided.');
  await look(pia, 'team-under-renegotiation');
  const decides = (await make('Pia', 'meetingPrepare', {
    team: 'PAY', kind: 'RENEGOTIATION', title: 'Reporting this quarter?', agenda: [renegotiation.id],
    attendees: [{ person: { subject: 'Ada' }, ask: 'APPROVAL' }, { person: { subject: 'Pia' }, ask: 'INPUT' }],
    boundary: { decided: [{ subject: { text: 'Settlement stays' }, why: 'It is half done.' }] },
  }, 'meeting { id }')).meeting;
  const court = `${base}/meetings/${decides.id}`;
  await pia.goto(court);
  await pia.getByRole('button', { name: 'Open the meeting' }).click();
  await pia.waitForURL((url) => url.href.startsWith(`${court}#`));
  must(await pia.getByRole('button', { name: /^Approve/ }).count() === 0, 'a planner decides nothing');
  const ada = await signIn('Ada');
  await ada.goto(court);
  await look(ada, 'meeting-to-decide');
  await ada.getByLabel('Why it is decided so').fill(`Two accounts are worth the wait. ${HOSTILE}`);
  await ada.getByRole('button', { name: /^Approve/ }).click();
  await ada.waitForURL((url) => url.href.startsWith(`${court}#`));
  await reads(ada, 'Two accounts are worth the wait.');
  await pia.getByText('Two accounts are worth the wait.').waitFor();
  await ada.goto(`${base}/teams/PAY`);
  await reads(ada, 'Revision 2');
  await look(ada, 'team-after');
  say('a renegotiation is decided on its page by somebody else, and the plan has its second revision');

  // The review, on paper too, and the entry behind the decision.
  const aud = await signIn('Aud');
  await aud.goto(`${base}/teams/PAY/quarters/${quarter}/story`);
  for (const text of ['Two enterprise deals ask for reporting.', 'Both decide before the quarter ends.', 'Acme', 'NOW_SERVES_COMMITMENT', 'Accounts with reports']) await reads(aud, text);
  must(await aud.locator('a[href^="javascript:"]').count() === 0, 'an address that runs is no link');
  await look(aud, 'story');
  await aud.emulateMedia({ media: 'print' });
  const paper = await aud.pdf({ path: join(folder, 'story.pdf'), format: 'A4' });
  must(paper.subarray(0, 5).toString() === '%PDF-' && paper.length > 10_000, 'the story prints');
  must(await aud.locator('header.site form').isHidden(), 'nobody signs out on paper');
  await aud.emulateMedia({ media: 'screen' });
  await aud.getByRole('link', { name: /^entry \d+ of the log/ }).click();
  await reads(aud, 'Yes. Every step holds.');
  await look(aud, 'entry');
  say('the story prints, and leads to an entry whose every step holds');

  // Published to whoever knows the link, until it is revoked.
  const { publishedLink } = await make('Adm', 'publishedLinkCreate', { team: 'PAY', name: 'The board' }, 'publishedLink { id path }');
  const board = watched(await (await browser.newContext()).newPage());
  await board.goto(base + publishedLink.path);
  await reads(board, 'Accounts with reports');
  must(!(await board.textContent('main')).includes('Head of sales'), 'nothing but the plan');
  await look(board, 'published');
  await make('Adm', 'publishedLinkRevoke', { publishedLink: publishedLink.id }, 'revoked');
  await board.reload();
  await reads(board, 'This link leads nowhere');
  await look(board, 'revoked');

  // Another day, an address that is none, and the keyboard.
  const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
  await pia.goto(`${base}/teams/PAY?asOf=${yesterday}`);
  await reads(pia, 'not as it is now');
  await look(pia, 'as-of');
  await pia.goto(`${base}/teams/NONE`);
  await reads(pia, 'There is no such team');
  await look(pia, 'not-found');
  await pia.goto(`${base}/teams/PAY`);
  await pia.keyboard.press('Tab');
  must(await pia.evaluate(() => document.activeElement.textContent) === 'Skip to the content', 'the first stop skips the header');
  await pia.keyboard.press('Enter');
  must(await pia.evaluate(() => document.activeElement.id) === 'content', 'and leads to the content');
  say('a keyboard reaches the content at once');
  writeFileSync(join(folder, 'report.txt'), `${told.join('\n')}\n`);
} catch (error) {
  for (const [who, page] of Object.entries(pages)) {
    await page.screenshot({ path: join(folder, `failed-${who}.png`), fullPage: true }).catch(() => {});
  }
  console.error(error);
  console.error(err);
  process.exitCode = 1;
} finally {
  await browser.close();
  server.kill();
  await until('the end', () => server.exitCode !== null || server.signalCode !== null).catch(() => server.kill('SIGKILL'));
  rmSync(data, { recursive: true, force: true });
}
