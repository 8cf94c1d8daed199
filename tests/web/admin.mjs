// Becomes the owner of a fresh site, fills it, and judges every page of the dashboard that an owner reaches: empty, full,
// with forms that were refused, before the log-in and after its end. What must hold stands in README.md.
import { execFileSync } from 'node:child_process';
import { DESK, Report, commandLine, context, htmlFaults, inParallel, launch, request, stop } from './lib.mjs';
import { begin, counted, judge, look, settle, skipLink, walk, watch } from './eyes.mjs';
import { OWNER, Visitor, addresses, codeOf, fill, formsOf, rowOf } from './owner.mjs';

const { base, options } = commandLine(
  `Usage: admin.mjs BASE --set-up LINK [--database FILE] [--parallel N]
       admin.mjs BASE --as COOKIE --table FILE
  --set-up LINK    the link that a fresh site prints when it starts
  --database FILE  its SQLite file, for states that otherwise take minutes to come about; needs the program sqlite3
  --as COOKIE      only judge what is there, as who has this cookie (name=value)
  --table FILE     the addresses that there are, when they are not those of pages_policy.rs
  --parallel N     tabs at once; 2 unless told`,
  {
    'set-up': { type: 'string' },
    database: { type: 'string' },
    as: { type: 'string' },
    table: { type: 'string' },
    parallel: { type: 'string', default: '2' },
  },
);

const PHONE = { width: 360, height: 740 };
const ZOOMED = { width: 320, height: 256 }; // 1280 × 1024 at 400 %: WCAG 1.4.10
/** What is mainly pressed and typed into. Lower than on the public pages: a table of an owner holds more. */
const PRIMARY = 'main button, main .button, main input:not([type=hidden], [type=checkbox], [type=radio]), main select';
const PRIMARY_HEIGHT = 24; // WCAG 2.5.8
/** A page with its style and scripts, in KB; pictures that the owner has brought are not counted. */
const MOST_KB = 40;
const INTERACTIVE_MS = 100;
/** Of one address with one set of parameters, so many are asked for. */
const MOST_ALIKE = 12;
/** Of one address, so many that are made of different parts are judged in Chromium. */
const MOST_SEEN = 6;
const PREVIEW = '/admin/theme/preview/<id>';
/** Walked through by keyboard. */
const WALKED = ['/admin', '/admin/leads', '/admin/account', '/admin/articles/<slug>', '/admin/theme', '/admin/settings'];

/** What html-validate wants of public pages, and of these not. */
const RULES = {
  // A hundred fields without a type are text fields, and a button in a form sends it.
  'no-implicit-input-type': 'off',
  'no-implicit-button-type': 'off',
  // Rows of a list (questions, offers, leads that are ticked) share their names, and so do two ways to save.
  'form-dup-name': 'off',
  // One field that is searched with is sent by Enter; a form may be one that a button elsewhere sends.
  'wcag/h32': 'off',
  'prefer-native-element': ['error', { exclude: ['region'] }],
  // The rail stands there twice, and one of them is not displayed: axe sees which.
  'unique-landmark': 'off',
  'long-title': ['error', { maxlength: 120 }],
};

const report = new Report('admin');
begin(report, base, PRIMARY, PRIMARY_HEIGHT);
const table = addresses(options.table);
const seen = new Set(); // rows of the table that were judged
const quick = []; // [ms, path]
const heavy = []; // [KB, path]
let validated = 0;

const browser = await launch();
const tabs = await Promise.all([...new Array(Number(options.parallel)).keys()].map(newTab));

if (options.as) {
  const visitor = new Visitor(base);
  visitor.cookies.set(...options.as.split('='));
  await carry(visitor);
  await seeAll(chosen(await crawl(visitor)));
} else {
  if (!options['set-up']) stop('say --set-up LINK or --as COOKIE');
  const visitor = new Visitor(base);
  await getIn(visitor);
  await seeAll(chosen(await crawl(visitor)).filter(({ html }) => /class="empty"/.test(html)));
  const made = await fill(visitor);
  poke("UPDATE outbox SET dead_at = created_at, attempts = 8 WHERE id = (SELECT max(id) FROM outbox)");
  const pages = await crawl(visitor, made.also);
  await seeAll(chosen(pages));
  await seeAll(await refusedForms(visitor, pages));
  await oneByOne(visitor, made);
}
await browser.close();

for (const { path } of table.filter((row) => row.method === 'GET' && !seen.has(row.path)))
  report.fail('forgotten', path, '', 'an address of the dashboard that no page led to, so that nothing is known of it');
const times = quick.map(([ms]) => ms).sort((a, b) => a - b);
const slow = quick.filter(([ms]) => ms > INTERACTIVE_MS).sort((a, b) => b[0] - a[0]);
const slowest = slow.slice(0, 5).map(([ms, path]) => `${path} ${ms} ms`);
if (slow.length > 0)
  report.note('interactive', '/admin', '', `${slow.length} pages after ${INTERACTIVE_MS} ms, with two tabs at work: ${slowest.join(', ')}`);
heavy.sort((a, b) => b[0] - a[0]);
report.end(
  `${seen.size} of ${table.filter((row) => row.method === 'GET').length} addresses, ${validated} documents validated, ` +
    `${quick.length} pages in Chromium, ${counted.views} times axe; interactive after ${times[times.length >> 1]} ms (the middle), ` +
    `${times.at(-1)} ms at most; heaviest ${heavy[0]?.[0].toFixed(1)} KB (${heavy[0]?.[1]})`,
);

// ---- following what there is ----------------------------------------------------------------------------------------------

/** All pages that links of the dashboard lead to: [{ path, row, html, elements }]. Each is validated, each link followed. */
async function crawl(visitor, more = []) {
  const pages = [];
  const asked = new Map(); // address → who links there, and later what it answered
  for (const path of ['/admin', ...more]) asked.set(path, { from: path });
  const alike = new Map();
  for (let fresh = [...asked.keys()]; fresh.length > 0;) {
    const next = [];
    await inParallel(6, fresh, async (path) => {
      const page = await visitor.get(path);
      asked.get(path).page = page;
      const row = rowOf(table, 'GET', path);
      if (page.status !== 200) {
        const where = page.location ? `, and leads to ${page.location}` : '';
        report.fail('broken', asked.get(path).from, path, `answers ${page.status || page.error}${where}`);
        return;
      }
      if (!/^\/admin(?=[/?]|$)/.test(path)) return;
      if (!row) report.fail('unknown', asked.get(path).from, path, 'no policy lists this address');
      if (!page.elements) {
        if (row) seen.add(row.path);
        if (!/^image\//.test(page.type) && !/^attachment/.test(page.headers.get('content-disposition') ?? ''))
          report.fail('download', path, '', `${page.type} is shown instead of kept`);
        return;
      }
      pages.push({ path, row: row?.path, status: 200, html: page.text, elements: page.elements });
      for (const to of linksOf(page)) {
        if (asked.has(to)) continue;
        const url = new URL(base + to);
        const kind = `${rowOf(table, 'GET', to)?.path ?? url.pathname}?${[...new Set(url.searchParams.keys())].sort()}`;
        alike.set(kind, (alike.get(kind) ?? 0) + 1);
        if (alike.get(kind) > MOST_ALIKE) continue;
        asked.set(to, { from: path });
        next.push(to);
      }
    });
    fresh = next;
  }
  for (const page of pages) {
    await validate(page.path, page.html);
    checkForms(page);
    for (const { attributes: a } of page.elements.filter((e) => e.name === 'a' && /#./.test(e.attributes.href ?? ''))) {
      const target = new URL(a.href, base + page.path);
      const there = asked.get(target.pathname + target.search)?.page;
      const id = decodeURIComponent(target.hash.slice(1));
      if (target.origin === base && there?.elements && !there.elements.some((e) => e.attributes.id === id))
        report.fail('fragment', page.path, a.href, 'no element there has that id');
    }
  }
  return pages;
}

async function validate(path, html) {
  validated += 1;
  await htmlFaults(path, html, report, RULES);
}

/** The addresses of this site that a page names, without fragments. */
function linksOf({ path, elements }) {
  const found = new Set();
  for (const { name, attributes: a } of elements) {
    const urls = [a.href, a.src, name === 'form' && a.method?.toLowerCase() !== 'post' ? a.action : undefined];
    for (const url of [...urls, ...(a.srcset ?? '').split(/,\s+/).map((one) => one.split(/\s/)[0])]) {
      if (!url || url.startsWith('#')) continue;
      if (!URL.canParse(url, base + path)) report.fail('not an address', path, `${name}[${url}]`, 'cannot be read');
      else {
        const target = new URL(url, base + path);
        if (target.origin === base) found.add(target.pathname + target.search);
        else if (name !== 'a' && /^https?:$/.test(target.protocol))
          report.fail('foreign request', path, url, 'the page must load nothing from elsewhere');
      }
    }
  }
  return found;
}

/** Every form leads to an address that takes it, and carries its tokens. */
function checkForms(page) {
  if (page.row === PREVIEW) return; // a page of the site
  for (const form of formsOf(page)) {
    for (const action of [form.action ?? page.path, ...form.actions])
      if (!rowOf(table, 'POST', action)) report.fail('unknown', page.path, `POST ${action}`, 'no policy lists this address');
    const names = form.fields.map(([name]) => name);
    if (!names.includes('_csrf') || !names.includes('_once'))
      report.fail('form', page.path, form.action ?? '', 'has no {{ view.form() }}: it cannot be sent, or twice');
  }
}

/** Of the pages of one address, those made of different parts. */
function chosen(pages) {
  const found = [];
  const known = new Map(); // address → the parts that its pages were made of
  for (const page of pages) {
    const parts = page.elements.map(({ name, attributes: a }) => `${name}.${a.class ?? ''}.${a.type ?? ''}`);
    const made = JSON.stringify([...new Set(parts)].sort());
    const own = known.get(page.row) ?? known.set(page.row, new Set()).get(page.row);
    if (own.has(made) || own.size >= MOST_SEEN) continue;
    own.add(made);
    found.push(page);
  }
  return found;
}

// ---- looking ----------------------------------------------------------------------------------------------------------------

async function newTab() {
  const itsContext = await context(browser, DESK, { colorScheme: 'light' });
  const tab = await itsContext.newPage();
  const its = { tab, context: itsContext, device: DESK, page: undefined, loaded: new Map() };
  watch(its);
  tab.on('dialog', (dialog) => dialog.accept());
  const network = await itsContext.newCDPSession(tab);
  await network.send('Network.enable');
  await network.send('Network.setCacheDisabled', { cacheDisabled: true });
  network.on('Network.requestWillBeSent', ({ requestId, request: { url } }) => its.loaded.set(requestId, { url, bytes: 0 }));
  network.on('Network.responseReceived', ({ requestId, type, response }) => {
    const encoding = Object.entries(response.headers).find(([name]) => /^content-encoding$/i.test(name))?.[1];
    Object.assign(its.loaded.get(requestId) ?? {}, { type, encoding });
  });
  network.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (its.loaded.has(requestId)) its.loaded.get(requestId).bytes = encodedDataLength;
  });
  return its;
}

/** Lets every tab be who the visitor is. */
async function carry(visitor) {
  for (const { context } of tabs) {
    await context.clearCookies();
    await context.addCookies([...visitor.cookies].map(([name, value]) => ({ name, value, url: base })));
  }
}

async function seeAll(pages) {
  const queue = pages.values();
  await Promise.all(
    tabs.map(async (its) => {
      for (const page of queue) await see(its, page);
    }),
  );
}

/** Opens a page, or sends the form that leads to it (`form`: page, action, fields, file), and judges it in every way. */
async function see(its, page) {
  const { tab } = its;
  try {
    its.page = undefined;
    await tab.setViewportSize(DESK.viewport);
    await tab.emulateMedia({ colorScheme: 'light' });
    if (page.form) await tab.goto(base + page.form.page);
    if (page.form?.late) await its.context.clearCookies();
    its.loaded.clear();
    its.page = page;
    const answer = page.form ? await sendForm(tab, page.form) : await tab.goto(base + page.path);
    if (answer.status() !== page.status) {
      report.fail('status', page.path, '', `answers ${answer.status()}, not ${page.status}`);
      return undefined;
    }
    if (!page.html) {
      page.html = (await answer.body()).toString();
      await validate(page.path, page.html);
    }
    if (page.says && !page.says.test(page.html)) report.fail('state', page.path, String(page.says), 'is not what it shows');
    await measure(its, page);
    await judge(tab, page, 'desk light');
    await look(tab, page, 'desk light', DESK.viewport.width);
    await tab.emulateMedia({ colorScheme: 'dark' });
    await judge(tab, page, 'desk dark');
    await tab.emulateMedia({ colorScheme: 'light' });
    await tab.setViewportSize(PHONE);
    await judge(tab, page, 'phone');
    await look(tab, page, 'phone', PHONE.width);
    await tab.setViewportSize(ZOOMED);
    await settle(tab);
    await look(tab, page, '320 px', ZOOMED.width);
    await tab.setViewportSize(DESK.viewport);
    await settle(tab);
    if (/<body class="inside/.test(page.html) && !/\sautofocus/.test(page.html)) await skipLink(tab, page);
    const row = page.row ?? rowOf(table, 'GET', page.path)?.path;
    if (!page.form && WALKED.includes(row) && !seen.has(row)) {
      seen.add(row);
      await tab.goto(base + page.path); // the focus goes back to the beginning
      await walk(tab, page, 'desk light');
    }
    if (row && !page.form && page.status === 200) seen.add(row);
    return page.html;
  } catch (error) {
    report.fail('could not judge', page.path, '', error.message.split('\n')[0]);
    return undefined;
  } finally {
    its.page = undefined;
  }
}

async function sendForm(tab, { action, fields = {}, file }) {
  if (file) await tab.setInputFiles(`form[action="${action}"] input[type=file]`, file);
  const sent = tab.waitForNavigation();
  await tab.evaluate(
    ({ action, fields }) => {
      const own = [...document.forms].filter(
        (f) => f.method === 'post' && (f.getAttribute('action') ?? location.pathname) === action,
      );
      let form = own.find((f) => Object.keys(fields).every((name) => f.elements.namedItem(name))) ?? own[0];
      if (!form) {
        form = document.querySelector(`[formaction="${action}"]`)?.form;
        if (!form) throw new Error(`there is no form for ${action}`);
        form.setAttribute('action', action);
      }
      for (const [name, value] of Object.entries(fields)) {
        for (const field of [...form.elements].filter((e) => e.name === name)) {
          field.disabled = true; // it is not sent
        }
        for (const one of [value].flat()) {
          const field = Object.assign(document.createElement('input'), { type: 'hidden', name, value: one });
          form.append(field);
        }
      }
      HTMLFormElement.prototype.submit.call(form); // no `submit` event: the answer is wanted, not the script's
    },
    { action, fields },
  );
  return sent;
}

/** What the page has cost, and when it could be used. */
async function measure(its, page) {
  const ms = await its.tab.evaluate(() =>
    Math.round(performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd),
  );
  if (!page.form) quick.push([ms, page.path]);
  const own = [...its.loaded.values()].filter(({ url }) => url.startsWith(base) && !/\/media\//.test(url.slice(base.length, base.length + 7)));
  const kb = own.reduce((sum, { bytes }) => sum + bytes, 0) / 1000;
  heavy.push([kb, page.path]);
  if (kb > MOST_KB && !/nonsense|preview/.test(page.path)) {
    const parts = own.sort((a, b) => b.bytes - a.bytes).map(({ url, bytes }) => `${bytes} ${url.replace(base, '')}`);
    report.fail('weight', page.path, '', `${kb.toFixed(1)} KB, not ${MOST_KB} KB: ${parts.slice(0, 4).join(', ')}`);
  }
  for (const { url, type, bytes, encoding } of own)
    if (['Document', 'Stylesheet', 'Script'].includes(type) && bytes > 1500 && encoding !== 'br')
      report.fail('compression', page.path, url.replace(base, ''), `sent as ${encoding ?? 'it is'}, not br`);
}

// ---- states -------------------------------------------------------------------------------------------------------------------

function state(name, page, action, fields, status, says, file) {
  return { path: `${page} (${name})`, status, says, form: { page, action, fields, file } };
}

/** Changes what only time would change. Returns whether it could. */
function poke(sql) {
  if (!options.database) return false;
  try {
    execFileSync('sqlite3', ['-cmd', '.timeout 5000', options.database, sql], { stdio: ['ignore', 'ignore', 'pipe'] });
    return true;
  } catch (error) {
    report.note('left out', sql, '', error.message.split('\n')[0]);
    return false;
  }
}

/** Before anybody has an account, and how somebody gets one. */
async function getIn(visitor) {
  const [its] = tabs;
  const link = new URL(options['set-up'], base).pathname;
  const chosen = { name: OWNER.name, email: OWNER.email, password: OWNER.password, again: OWNER.password };
  await see(its, { path: '/admin/log-in', status: 200, says: /Nobody has an account here yet/ });
  await see(its, { path: link, status: 200, says: /Make it yours/ });
  await see(its, state('refused', link, link, { name: '', email: 'x', password: 'short', again: 'other' }, 422, /class="fault"/));
  await see(its, state('done', link, link, chosen, 200, /Keep this key/));
  for (const { name, value } of await its.context.cookies()) visitor.cookies.set(name, value);
  await carry(visitor);
  await see(its, { path: link, status: 410, says: /This link is over/ });
}

/** The answer to each form sent with nothing or nonsense in it, where that is refused. */
async function refusedForms(visitor, pages) {
  const found = [];
  const tried = new Set();
  for (const page of pages) {
    for (const form of formsOf(page)) {
      const row = rowOf(table, 'POST', form.action ?? page.path);
      const typed = form.shown.filter(({ type }) => !['submit', 'checkbox'].includes(type));
      if (!row || tried.has(row.path) || typed.length === 0 || typed.some(({ type }) => type === 'file')) continue;
      tried.add(row.path);
      for (const nonsense of ['', 'nonsense '.repeat(400)]) {
        const fields = Object.fromEntries(typed.map(({ name, type }) => [name, type === 'radio' ? [] : nonsense]));
        const answer = await visitor.send(page, form.action ?? page.path, fields);
        if (answer.status >= 500) report.fail('status', page.path, `POST ${form.action}`, `answers ${answer.status}`);
        if (answer.status !== 422) continue;
        found.push(state(nonsense ? 'sent with nonsense' : 'sent empty', page.path, form.action ?? page.path, fields, 422));
        break;
      }
    }
  }
  return found;
}

/** What is shown once, or to others, or when something has gone wrong. */
async function oneByOne(visitor, { imported, mapping, eva, webhook, article }) {
  const [its] = tabs;
  const text = { name: 'text.png', mimeType: 'image/png', buffer: Buffer.from('no picture') };
  const empty = { name: 'empty.csv', mimeType: 'text/csv', buffer: Buffer.from('') };
  await see(its, state('no picture', '/admin/media', '/admin/media', { alt: 'x' }, 422, /class="fault"/, text));
  await see(its, state('made', '/admin/tokens/new', '/admin/tokens', { name: 'another', scopes: 'leads:read', days: '9' }, 200, /shown this once/i));
  await see(its, state('made', webhook, `${webhook}/secret`, {}, 200));
  await see(its, state('stale', webhook, webhook, { tag: '"old"', description: 'x' }, 422, /Somebody has changed/));
  await see(its, state('stale', article, '/admin/articles', { based_on: '1', body: 'Mine.', act: 'save' }, 409, /after you opened it/));
  await see(its, state('discarded', mapping, `${mapping}/stop`, {}, 200));
  await see(its, state('no list', '/admin/leads/import', '/admin/leads/import', {}, 422, /class="fault"/, empty));
  await see(its, { path: imported, status: 200, says: /Undo this import/ });
  const ids = [...new Set((await visitor.get('/admin/leads')).text.match(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g))];
  await see(its, state('erase many', '/admin/leads', '/admin/leads/bulk/erase', { id: ids.slice(-2) }, 200, /Type <strong>erase/));
  await see(its, state('nobody ticked', '/admin/leads', '/admin/leads/bulk/tag', { tag: 'x' }, 200, /class="flash bad"/));
  await see(its, { path: `${eva}/merge?with=person5%40example.com`, status: 200, says: /Which address stays/ });
  await see(its, { path: '/admin/leads?tag=no+such+tag', status: 200, says: /Nothing fits/ });
  await see(its, { path: '/admin/search?q=person', status: 200 });
  await see(its, { path: '/admin/search?q=zzyqxv', status: 200 });
  await see(its, { path: '/admin/there-is-no-such-page', status: 404, says: /Not here/ });

  // Others, who see less.
  const invitation = { email: 'eddie@example.com', name: 'Eddie', role: 'editor' };
  const link = await see(its, state('invited', '/admin/team/new', '/admin/team', invitation, 200, /shown this once/));
  await see(its, { path: (await visitor.get('/admin/team')).text.match(/\/admin\/team\/[0-9a-f-]{36}/)[0], status: 200 });
  const way = /\/admin\/set-up\/[\w-]+/.exec(link ?? '')?.[0];
  if (way) {
    const editor = new Visitor(base);
    await its.context.clearCookies();
    await see(its, { path: way, status: 200, says: /Choose a password/ });
    const chosen = { password: 'five words that nobody else knows', again: 'five words that nobody else knows' };
    await see(its, state('taken', way, way, chosen, 200));
    for (const { name, value } of await its.context.cookies()) editor.cookies.set(name, value);
    await see(its, { path: '/admin/articles', status: 200 });
    await see(its, { path: '/admin/leads', status: 403, says: /Not for you/ });
  }

  // A form that comes too late, or from elsewhere.
  await carry(visitor);
  await see(its, state('forged', eva, `${eva}/notes`, { _csrf: 'x', text: 'kept' }, 409, /Send it again/));
  await its.context.clearCookies();
  await its.context.addCookies([...visitor.cookies].map(([name, value]) => ({ name, value, url: base })));
  await late(its, eva);
  await carry(visitor);

  // What asks for the password again.
  if (poke('UPDATE sessions SET confirmed_until = 0')) {
    await see(its, { path: `${eva}/export`, status: 403, says: /Your password, please/ });
    const page = `${eva}/export`;
    await see(its, state('wrong', page, '/admin/confirm', { _password: 'not it' }, 403, /role="alert"/));
    await visitor.done(page, '/admin/confirm', { _password: OWNER.password }).catch(() => {});
  }
  await secondFactor(its, visitor);
}

/** A form is sent when the session has ended. */
async function late(its, eva) {
  const { tab } = its;
  const page = { path: `${eva} (the session has ended)`, status: 401, says: /what you have typed is kept/ };
  await see(its, { ...page, form: { page: eva, action: `${eva}/notes`, fields: { text: 'kept' }, late: true } });
  await tab.goto('about:blank');
}

/** From nothing to an authenticator app, and the log-in that asks for its code. */
async function secondFactor(its, visitor) {
  const account = '/admin/account';
  await see(its, state('begun', account, `${account}/second-factor`, {}, 200, /authenticator app/));
  const setUp = await visitor.get(`${account}/second-factor`);
  await see(its, { path: `${account}/second-factor`, status: 200 });
  const secret = /<code class="secret">([^<]+)</.exec(setUp.text ?? '')?.[1];
  if (!secret) return report.fail('state', account, '', 'shows no secret for the authenticator app');
  const confirm = `${account}/second-factor/confirm`;
  await see(its, state('wrong', `${account}/second-factor`, confirm, { code: '000000' }, 422, /class="fault"/));
  await see(its, state('on', `${account}/second-factor`, confirm, { code: codeOf(secret) }, 200, /The second factor is on/));
  await its.context.clearCookies();
  const logIn = (name, fields, status, says) => see(its, state(name, '/admin/log-in', '/admin/log-in', fields, status, says));
  await logIn('wrong', { email: OWNER.email, password: 'not it' }, 401, /role="alert"/);
  await logIn('code', { email: OWNER.email, password: OWNER.password }, 200, /One more thing/);
}
