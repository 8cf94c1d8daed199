// What an owner does in the dashboard, sent as its own forms would send it: from the set-up to lists with something in them.
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { crc32 as crcOfZlib, deflateSync } from 'node:zlib';
import { elements, request, stop, textOf } from './lib.mjs';

export const OWNER = { name: 'Ana Souza', email: 'ana@example.com', password: 'four quiet words that nobody knows' };

/** Every address below /admin, from the table that the program itself goes by: { method, path, public, pattern }. */
export function addresses(file = new URL('../../src/admin/accounts/pages_policy.rs', import.meta.url)) {
  const found = [...readFileSync(file, 'utf8').matchAll(/^ *\("(GET|POST)", "(\/admin[^"]*)", (\w+)/gm)].map(
    ([, method, path, whom]) => {
      // A part that stands there as it is goes before a part that may be anything.
      const pattern = new RegExp(`^${path.replace(/[.]/g, '\\.').replace(/<\w+>/g, '[^/]+')}$`);
      return { method, path, whom, pattern };
    },
  );
  if (found.length === 0) stop(`${file} lists no address`);
  return found;
}

/** Which of `addresses` an address is: the one with the fewest open parts. */
export function rowOf(all, method, path) {
  const open = ({ path }) => path.split('<').length;
  const fits = all.filter((row) => row.method === method && row.pattern.test(path.replace(/[?#].*/, '')));
  return fits.sort((a, b) => open(a) - open(b))[0];
}

// ---- forms ------------------------------------------------------------------------------------------------------------

function* within(node) {
  for (const child of node.childNodes ?? []) {
    if (child.tagName) yield child;
    yield* within(child);
  }
}
const attribute = (node, name) => node.attrs.find((a) => a.name === name)?.value;

/** The forms of a page that are sent with POST: { action, fields: [[name, value, node]], shown: their visible fields }. */
export function formsOf(page) {
  const all = page.elements.filter(({ name, attributes: a }) => name === 'form' && a.method?.toLowerCase() === 'post');
  const distant = page.elements.filter(({ attributes: a }) => a.form !== undefined);
  return all.map(({ attributes, node }) => {
    const own = [...within(node)].filter((field) => attribute(field, 'form') === undefined);
    const joined = attributes.id ? distant.filter((e) => e.attributes.form === attributes.id).map((e) => e.node) : [];
    const controls = [...own, ...joined];
    const actions = controls.map((field) => attribute(field, 'formaction')).filter(Boolean);
    const fields = [];
    const shown = [];
    for (const field of controls) {
      const name = attribute(field, 'name');
      if (!name || !['input', 'textarea', 'select'].includes(field.tagName)) continue;
      const type = field.tagName === 'input' ? (attribute(field, 'type') ?? 'text') : field.tagName;
      if (type !== 'hidden') shown.push({ name, type });
      if (['checkbox', 'radio'].includes(type) && attribute(field, 'checked') === undefined) continue;
      if (['submit', 'file'].includes(type)) continue;
      if (type === 'textarea') fields.push([name, textOf(field)]);
      else if (type === 'select') {
        const options = [...within(field)].filter((e) => e.tagName === 'option');
        const chosen = options.find((e) => attribute(e, 'selected') !== undefined) ?? options[0];
        if (chosen) fields.push([name, attribute(chosen, 'value') ?? textOf(chosen)]);
      } else fields.push([name, attribute(field, 'value') ?? '']);
    }
    return { action: attributes.action, actions, fields, shown };
  });
}

/** A browser without a screen. */
export class Visitor {
  cookies = new Map();

  constructor(base) {
    this.base = base;
  }

  get headers() {
    return { cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ') };
  }

  async get(path) {
    return this.#read(path, await request(this.base + path, { headers: this.headers }));
  }

  #read(path, answer) {
    for (const line of answer.headers?.getSetCookie() ?? []) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      if (/max-age=0/i.test(line) || value === '') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    const page = { path, ...answer };
    if (page.type.startsWith('text/html')) page.elements = elements(page.text);
    return page;
  }

  /** Sends the form with this action that stands on `page`, a path or a page; `changes` replace what it holds. */
  async send(page, action, changes = {}, file) {
    if (typeof page === 'string') page = await this.get(page);
    const forms = page.elements ? formsOf(page) : [];
    const own = forms.filter((f) => (f.action ?? page.path) === action);
    const names = Object.keys(changes);
    const has = (f) => names.every((name) => f.shown.some((field) => field.name === name));
    const form = own.find(has) ?? own[0] ?? forms.find((f) => f.actions.includes(action));
    if (!form) stop(`${page.path} (${page.status}) has no form for ${action}`);
    const body = file ? new FormData() : new URLSearchParams();
    for (const [name, value] of form.fields) if (!(name in changes)) body.append(name, value);
    for (const [name, value] of Object.entries(changes)) for (const one of [value].flat()) body.append(name, one);
    if (file) body.append('file', new Blob([file.bytes], { type: file.type }), file.name);
    const headers = { ...this.headers, origin: this.base, referer: this.base + page.path };
    return this.#read(`POST ${action}`, await request(this.base + action, { method: 'POST', body, headers }));
  }

  /** The same, when it has to work. The page that it leads to, or what it answers. */
  async done(page, action, changes, file) {
    const answer = await this.send(page, action, changes, file);
    if (answer.status === 303 || answer.status === 302) return this.get(answer.location.replace(this.base, ''));
    if (answer.status !== 200) {
      const why = /role="alert"[^>]*>(.*?)<\/(p|div)>/s.exec(answer.text)?.[1] ?? answer.text.slice(0, 300);
      stop(`the form ${action} is answered ${answer.status}: ${why.replace(/<[^>]*>/g, ' ')}`);
    }
    return answer;
  }

  /** Asks until the page says something; twenty seconds. */
  async until(path, says) {
    for (let tries = 0; tries < 200; tries += 1) {
      const page = await this.get(path);
      if (says.test(page.text)) return page;
      await new Promise((done) => setTimeout(done, 100));
    }
    stop(`${path} does not come to say ${says}`);
  }
}

// ---- what is brought in -----------------------------------------------------------------------------------------------

/** A picture with a slope of colours. */
export function picture(width = 900, height = 600) {
  const rows = Buffer.alloc(height * (1 + width * 3));
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) rows.set([166, (58 + x / 9) & 255, (30 + y / 9) & 255], y * (1 + width * 3) + 1 + x * 3);
  const chunk = (name, data) => {
    const out = Buffer.alloc(data.length + 12);
    out.writeUInt32BE(data.length, 0);
    out.write(name, 4, 'latin1');
    data.copy(out, 8);
    out.writeUInt32BE(crc32(out.subarray(4, data.length + 8)), data.length + 8);
    return out;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const sign = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  return Buffer.concat([sign, chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

function crc32(bytes) {
  if (crcOfZlib) return crcOfZlib(bytes); // Node 22
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

/** The six digits of an authenticator app, now. */
export function codeOf(secret) {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret.replace(/\s/g, '')].map((c) => letters.indexOf(c).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const hash = createHmac('sha1', key).update(step).digest();
  const at = hash[19] & 15;
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

const LONG = 'an-address-that-is-longer-than-anybody-would-like-to-type-twice.in-one-day';
/** Sixty people, two of them perhaps one; one comes twice and one has no address. */
function people() {
  const lines = ['E-Mail;Full name;Where'];
  for (let n = 0; n < 57; n += 1) lines.push(`person${n}@example.com;Person ${n};Fair`);
  lines.push('maria.silva@gmail.com;Maria Silva;Fair', 'mariasilva@gmail.com;Maria Silva;Fair');
  lines.push(`${LONG}@example.com;${'Wolfeschlegelsteinhausen '.repeat(3).trim()};Fair`);
  lines.push('person1@example.com;Person 1;Fair', 'no address;Nobody;Fair');
  return Buffer.from(`${lines.join('\n')}\n`);
}

/** Somebody who takes no message. */
export async function deafReceiver() {
  const server = createServer((_, response) => response.writeHead(503).end('closed today'));
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  server.unref();
  return `http://127.0.0.1:${server.address().port}/hook`;
}

const idIn = (page, prefix) => {
  const found = new RegExp(`${prefix}/([0-9a-f-]{36})`).exec(page.text ?? '');
  if (!found) stop(`${page.path} (${page.status}) shows nothing of ${prefix}`);
  return found[1];
};

/** Fills every list. Returns where some of it stands. */
export async function fill(visitor) {
  const today = new Date().toISOString().slice(0, 10);

  // Content.
  const added = await visitor.done('/admin/media', '/admin/media', { alt: 'A wall in red' }, {
    bytes: picture(),
    name: 'a wall.png',
    type: 'image/png',
  });
  const markdown = textOf(added.elements.find((e) => 'data-copy' in e.attributes)?.node ?? stop('no picture'));
  const article = {
    title: 'What a room says',
    body: `## The wall\n\nEvery room speaks, and [elsewhere](/programs) too.\n\n${markdown}\n`,
    excerpt: 'Every room speaks before you do.',
    tags: 'rooms, style',
  };
  await visitor.done('/admin/articles/new', '/admin/articles', { ...article, act: 'save' });
  const slug = '/admin/articles/what-a-room-says';
  await visitor.done(slug, '/admin/articles', { ...article, body: `${article.body}\nAnd one line more.\n`, act: 'publish' });
  await visitor.done('/admin/articles/new', '/admin/articles', { title: 'Not for everybody yet', body: 'Soon.', act: 'save' });
  const page = { title: 'About me', slug: 'about-me', body: 'Who I am.', description: 'Who I am.' };
  await visitor.done('/admin/pages/new', '/admin/pages', { ...page, act: 'publish' });
  await visitor.done('/admin/pages/about-me', '/admin/pages', { ...page, body: 'Who I am, and why.', act: 'publish' });
  await visitor.done('/admin/redirects/new', '/admin/redirects', { from: '/old-home', to: '/' });
  for (let n = 0; n < 3; n += 1) await visitor.get('/artcles/what-a-room-says');
  const consent = await visitor.get('/admin/consent');
  await visitor.done(consent, '/admin/consent', { text: 'Yes, send me letters. I can end them at any time.' });
  await visitor.done('/admin/theme', '/admin/theme', {});
  const draft = await visitor.done('/admin/theme', '/admin/theme/draft', { corners: 'round' });

  // People.
  const file = { bytes: people(), name: 'fair.csv', type: 'text/csv' };
  const mapping = await visitor.done('/admin/leads/import', '/admin/leads/import', {}, file);
  const list = `/admin/leads/import/${idIn(mapping, '/admin/leads/import')}`;
  const checked = { tags: 'fair 2026, a long tag that hardly fits a row', consent: 'They signed a list at our stand.' };
  await visitor.done(list, `${list}/check`, checked);
  await visitor.done(await visitor.until(list, /Nothing is stored yet/), `${list}/run`, {});
  await visitor.until(list, /Undo this import/);
  const open = await visitor.done('/admin/leads/import', '/admin/leads/import', {}, { ...file, name: 'again.csv' });
  const signedUp = await request(`${visitor.base}/api/leads`, {
    method: 'POST',
    body: JSON.stringify({ email: 'eva@example.com', name: 'Eva', gdprConsent: true }),
    headers: { 'content-type': 'application/json', origin: visitor.base },
  });
  if (signedUp.status !== 201) stop(`nobody can sign up: ${signedUp.status}`);
  const eva = `/admin/leads/${idIn(await visitor.get('/admin/leads?q=eva'), '/admin/leads')}`;
  await visitor.done(eva, `${eva}/notes`, { text: 'Met at the fair.\nLikes red.' });
  await visitor.done(eva, `${eva}/tag`, { tag: 'vip' });
  await visitor.done('/admin/leads?tag=vip', '/admin/segments', { name: 'Whom I met', query: 'tag=vip' });
  const some = await visitor.get('/admin/leads?q=person');
  const ticked = some.elements.filter((e) => e.name === 'input' && e.attributes.name === 'id').slice(0, 3);
  const bulk = await visitor.done(some, '/admin/leads/bulk/tag', { id: ticked.map((e) => e.attributes.value), tag: 'three' });
  const ask = { received: today, kind: 'access', note: 'By letter.' };
  await visitor.done('/admin/privacy', '/admin/privacy', { ...ask, email: 'person3@example.com' });
  await visitor.done('/admin/privacy', '/admin/privacy', { ...ask, email: 'nobody@example.com', kind: 'erase' });
  const waiting = await visitor.done('/admin/privacy', '/admin/privacy', { ...ask, email: 'person4@example.com' });
  const closed = `/admin/privacy/${idIn(waiting, '/admin/privacy')}`;
  await visitor.done(closed, `${closed}/close`, { outcome: 'done', outcome_note: 'Sent.' });
  const gone = `/admin/leads/${idIn(await visitor.get('/admin/leads?q=person9'), '/admin/leads')}`;
  await visitor.done(gone, `${gone}/erase`, { typed: 'person9@example.com' });

  // What runs the place.
  const everything = { everything: 'yes', active: 'yes' };
  const hook = { ...everything, url: await deafReceiver(), description: 'Tells the newsletter tool' };
  await visitor.done('/admin/webhooks/new', '/admin/webhooks', hook);
  const webhook = `/admin/webhooks/${idIn(await visitor.get('/admin/webhooks'), '/admin/webhooks')}`;
  for (let n = 0; n < 2; n += 1) await visitor.done(webhook, `${webhook}/test`, {});
  await visitor.until('/admin/jobs', /\/admin\/jobs\/[0-9a-f-]{36}/);
  await visitor.done('/admin/tokens/new', '/admin/tokens', { name: 'newsletter tool', scopes: 'leads:read', days: '30' });
  await visitor.done('/admin/settings/site.app_name', '/admin/settings/site.app_name', { value: 'Ana Souza' });
  await visitor.done('/admin/tasks', (await taskOf(visitor)).action, {});
  // No link leads there afterwards.
  const also = [draft.path, bulk.path];
  return { imported: list, mapping: open.path, eva, webhook, article: slug, also };
}

async function taskOf(visitor) {
  const tasks = await visitor.get('/admin/tasks');
  return formsOf(tasks).find((form) => form.action.endsWith('/run')) ?? stop('no task can be run');
}
