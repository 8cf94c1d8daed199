// Follows every link of the site that stays on it, those in style sheets, feeds and sitemaps too: each must answer 200 at the
// address given, and its fragment must exist there. Links that leave the site are read, never requested.
import {
  Report,
  collect,
  commandLine,
  elements,
  inParallel,
  isPostForm,
  patternOf,
  request,
  textOf,
  unescapeXml,
} from './lib.mjs';

const { base, options } = commandLine(
  `Usage: links.mjs BASE [--redirects-ok]
  --redirects-ok   a link may lead to a permanent redirect (301, 308) to a page`,
  { 'redirects-ok': { type: 'boolean' } },
);
const MOST_PER_PATTERN = 400; // a calendar without end would be followed forever

const report = new Report('links');
const pages = await collect(base, report);

// The site's own public address: what the pages call themselves.
const ours = new Set([base]);
for (const { elements } of pages) {
  for (const { name, attributes } of elements) {
    const canonical = name === 'link' && attributes.rel === 'canonical' && attributes.href;
    if (canonical && URL.canParse(canonical)) ours.add(new URL(canonical).origin);
  }
}

// ---- reading links out of texts -----------------------------------------------------------------------------------------

const URL_ATTRIBUTES = ['href', 'src', 'poster', 'data', 'xlink:href', 'formaction', 'cite'];
const URL_PROPERTIES = /^(og:(image|url|audio|video)(:url|:secure_url)?|twitter:(image|player)|thumbnail)$/;
const css = (text) =>
  [...text.matchAll(/url\(\s*(['"]?)([^'")]+)\1\s*\)|@import\s+(['"])([^'"]+)\3/g)].map((m) => m[2] ?? m[4]);
const srcset = (text) =>
  text
    .split(/,\s+|,$/)
    .map((candidate) => candidate.trim().split(/\s+/)[0])
    .filter(Boolean);

function inHtml(path, found) {
  const links = [];
  for (const { name, attributes: a, node } of found) {
    const add = (url, at = name) => links.push({ url, at });
    for (const attribute of URL_ATTRIBUTES) {
      if (a[attribute] !== undefined && name !== 'base') add(a[attribute], `${name}[${attribute}]`);
    }
    for (const attribute of ['srcset', 'imagesrcset'])
      if (a[attribute]) srcset(a[attribute]).forEach((url) => add(url, `${name}[${attribute}]`));
    if (name === 'form' && a.action && !isPostForm({ name, attributes: a })) add(a.action, 'form[action]');
    if (name === 'meta' && URL_PROPERTIES.test(a.property ?? a.name ?? ''))
      add(a.content, `meta[${a.property ?? a.name}]`);
    if (name === 'meta' && a['http-equiv']?.toLowerCase() === 'refresh')
      add(/url=(.*)/i.exec(a.content)?.[1] ?? '', 'meta[refresh]');
    if (a.style) css(a.style).forEach((url) => add(url, `${name}[style]`));
    if (name === 'style') css(textOf(node)).forEach((url) => add(url));
    if (name === 'script' && a.type === 'application/ld+json')
      inJson(path, textOf(node)).forEach((url) => add(url, 'ld+json'));
  }
  return links;
}

/** Addresses of this site in JSON: others are names (`https://schema.org`) as often as links. */
function inJson(path, text) {
  const found = [];
  try {
    JSON.parse(text, (key, value) => {
      // An @id is the name of a thing, and leads nowhere by design.
      if (key !== '@id' && typeof value === 'string' && [...ours].some((origin) => value.startsWith(`${origin}/`))) found.push(value);
      return value;
    });
  } catch (error) {
    report.fail('invalid JSON', path, 'ld+json', error.message);
  }
  return found;
}

function inXml(path, text) {
  const links = [];
  const add = (url, at) => links.push({ url: unescapeXml(url.trim()), at });
  for (const [, name, value] of text.matchAll(/<(loc|link|url|comments|image:loc|uri)\b[^>]*>\s*([^<]+?)\s*</g))
    add(value, name);
  for (const [, value] of text.matchAll(/<guid(?![^>]*isPermaLink="false")[^>]*>\s*([^<]+?)\s*</g)) add(value, 'guid');
  for (const [, name, attribute, value] of text.matchAll(/<([\w:]+)\b[^>]*?\s(href|url|src)="([^"]*)"/g))
    add(value, `${name}[${attribute}]`);
  for (const [, tag, cdata, escaped] of text.matchAll(
    /<(description|content:encoded|content|summary)\b[^>]*>\s*(?:<!\[CDATA\[([\s\S]*?)\]\]>|([^<]*))\s*<\/\1>/g,
  )) {
    const html = cdata ?? unescapeXml(escaped);
    if (html.includes('<'))
      for (const { url, at } of inHtml(path, elements(html))) links.push({ url, at: `${tag} ${at}` });
  }
  return links;
}

function linksOf(path, { type, text, elements: parsed }) {
  if (type.startsWith('text/html')) return inHtml(path, parsed);
  if (/\bxml\b/.test(type) && !type.startsWith('image/')) return inXml(path, text);
  if (type.startsWith('image/svg')) return inXml(path, text);
  if (type.startsWith('text/css')) return css(text).map((url) => ({ url, at: 'url()' }));
  if (type.startsWith('application/manifest+json')) {
    const manifest = JSON.parse(text);
    const urls = [
      manifest.start_url,
      ...[...(manifest.icons ?? []), ...(manifest.screenshots ?? [])].map((icon) => icon.src),
    ];
    return urls.filter(Boolean).map((url) => ({ url, at: 'manifest' }));
  }
  if (path === '/robots.txt')
    return [...text.matchAll(/^sitemap:\s*(\S+)/gim)].map((m) => ({ url: m[1], at: 'Sitemap' }));
  return [];
}

// ---- following them -----------------------------------------------------------------------------------------------------

const answers = new Map(); // address without fragment → what it answered
const perPattern = new Map();
const fragments = []; // to be looked for when all pages are known
const linked = new Set(); // addresses that a page links to
const counts = { links: 0, outside: 0 };
let fresh = new Map(); // address → [[from, at]]

function ids({ elements: parsed }) {
  return new Set(
    parsed.flatMap(({ name, attributes: a }) => [a.id, name === 'a' ? a.name : undefined]).filter(Boolean),
  );
}

function read(path, answer) {
  const from = path.startsWith('POST') ? path.split(' ')[1] : path;
  const baseElement = answer.elements?.find((e) => e.name === 'base')?.attributes.href;
  const own = answer.elements ? ids(answer) : new Set();
  const against = new URL(baseElement ?? '', base + from);
  for (const { url, at } of linksOf(path, answer)) {
    counts.links += 1;
    if (url.startsWith('#')) {
      const fragment = decodeURIComponent(url.slice(1));
      if (answer.elements && fragment && fragment !== 'top' && !own.has(fragment))
        report.fail('fragment', path, `${at} ${url}`, 'no element of this page has that id');
      continue;
    }
    if (!URL.canParse(url, against)) {
      report.fail('not an address', path, at, url);
      continue;
    }
    const target = new URL(url, against);
    if (url !== url.trim() || /[\s<>"{}|\\^`]/.test(url))
      report.fail('not an address', path, at, `"${url}" has characters that must be encoded`);
    if (!/^https?:$/.test(target.protocol)) {
      const sound = {
        'mailto:': /^mailto:([^@\s?]+@[\w-]+(\.[\w-]+)+)?(\?.+)?$/,
        'tel:': /^tel:\+?[\d().-]+$/,
        'data:': /^data:/,
      }[target.protocol];
      if (!sound?.test(url)) report.fail('not an address', path, at, url);
      continue;
    }
    if (!ours.has(target.origin)) {
      counts.outside += 1;
      if (!/^[\w-]+(\.[\w-]+)+$/.test(target.hostname) || target.username) report.fail('not an address', path, at, url);
      else if (target.protocol === 'http:' && !/^(xmlns|svg\[)/.test(at))
        report.note('unencrypted', path, at, `${url}: is there no https?`);
      continue;
    }
    const fragment = decodeURIComponent(target.hash.slice(1)).replace(/:~:.*/, '');
    const address = target.pathname + target.search;
    if (at === 'a[href]' && address !== path) linked.add(address);
    if (fragment && fragment !== 'top') fragments.push({ path, at, url, address, fragment });
    if (answers.has(address)) answers.get(address).from.push([path, at]);
    else if (fresh.has(address)) fresh.get(address).push([path, at]);
    else fresh.set(address, [[path, at]]);
  }
}

for (const page of pages) {
  if (!page.path.startsWith('POST')) answers.set(page.path, { ...page, from: [] });
}
for (const page of pages) read(page.path, page);
for (const path of ['/robots.txt', '/sitemap.xml']) if (!fresh.has(path)) fresh.set(path, []);

while (fresh.size > 0) {
  const batch = [...fresh].filter(([address]) => {
    const pattern = patternOf(address);
    perPattern.set(pattern, (perPattern.get(pattern) ?? 0) + 1);
    if (perPattern.get(pattern) === MOST_PER_PATTERN)
      report.note(
        'endless?',
        address,
        '',
        `more than ${MOST_PER_PATTERN} addresses like ${pattern}: the rest is not followed`,
      );
    return perPattern.get(pattern) < MOST_PER_PATTERN;
  });
  fresh = new Map();
  await inParallel(8, batch, async ([address, from]) => {
    const answer = await request(base + address);
    if (answer.type.startsWith('text/html')) answer.elements = elements(answer.text);
    answers.set(address, { ...answer, from });
    if (answer.location && URL.canParse(answer.location, base + address)) {
      const target = new URL(answer.location, base + address);
      if (
        ours.has(target.origin) &&
        !answers.has(target.pathname + target.search) &&
        !fresh.has(target.pathname + target.search)
      ) {
        fresh.set(target.pathname + target.search, []);
      }
    }
    if (answer.status === 200) read(address, answer);
  });
}

// ---- judging ------------------------------------------------------------------------------------------------------------

const optional = new Set(['/robots.txt', '/sitemap.xml']);
for (const [address, { status, location, error, from }] of answers) {
  if (status === 200) continue;
  if (from.length === 0 && optional.has(address)) report.note('missing', address, '', `answers ${status}`);
  for (const [path, at] of from) {
    if (status >= 300 && status < 400 && location && URL.canParse(location, base + address)) {
      const target = new URL(location, base + address);
      const end = answers.get(target.pathname + target.search)?.status;
      const permanent = status === 301 || status === 308;
      if (ours.has(target.origin) && end !== 200)
        report.fail('broken', path, `${at} ${address}`, `redirects to ${location}, which answers ${end}`);
      else if (permanent && options['redirects-ok'])
        report.note('redirect', path, `${at} ${address}`, `link to ${location} instead`);
      else report.fail('redirect', path, `${at} ${address}`, `answers ${status}: link to ${location} instead`);
    } else {
      report.fail('broken', path, `${at} ${address}`, `answers ${status || error}`);
    }
  }
}

for (const { path, at, url, address, fragment } of fragments) {
  const answer = answers.get(address);
  if (answer?.status === 200 && answer.elements && !ids(answer).has(fragment)) {
    report.fail('fragment', path, `${at} ${url}`, `no element of ${address} has the id "${fragment}"`);
  }
}
const robots = (page) =>
  page.elements.some(
    (e) => e.name === 'meta' && e.attributes.name === 'robots' && /noindex/.test(e.attributes.content ?? ''),
  );
const hasSitemap = answers.get('/sitemap.xml')?.status === 200;
if (hasSitemap) {
  for (const page of pages.filter((p) => p.listed)) {
    if (page.status === 200 && robots(page)) report.fail('sitemap', page.path, '', 'is listed but says noindex');
    if (page.status === 200 && !linked.has(page.path))
      report.fail('orphan', page.path, '', 'is in the sitemap but no page links to it');
  }
  const listed = new Set(pages.filter((p) => p.listed).map((p) => p.path));
  for (const [path, answer] of answers) {
    if (answer.status !== 200 || !answer.elements || listed.has(path) || path.includes('?') || robots(answer)) continue;
    report.note('sitemap', path, '', 'a page search engines may keep, yet not in the sitemap');
  }
}
report.end(`${answers.size} addresses, ${counts.links} links, ${counts.outside} of them to other sites`);
