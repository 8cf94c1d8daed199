// Shared by the programs of this folder: the tools, the browser, the site's pages, and the report.
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

// The packages stand outside the repository, where `run` installs them.
const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
const installed = createRequire(join(process.env.MANERO_WEB_TOOLS || join(cache, 'manero', 'web'), 'package.json'));

export function toolPath(name) {
  try {
    return installed.resolve(name);
  } catch {
    stop(`${name} is not installed: run tests/web/run --setup`);
  }
}
export const tool = async (name) => import(pathToFileURL(toolPath(name)));

/** Could not run: exit code 2, as in tests/blackbox. */
export function stop(message) {
  console.error(message);
  process.exit(2);
}
process.on('uncaughtException', (error) => stop(error?.stack ?? String(error)));

/** The command line: BASE, more words, and options as `util.parseArgs` wants them. */
export function commandLine(usage, options = {}) {
  let parsed;
  try {
    parsed = parseArgs({ allowPositionals: true, options: { ...options, help: { type: 'boolean', short: 'h' } } });
  } catch (error) {
    stop(`${error.message}\n${usage}`);
  }
  if (parsed.values.help) {
    console.log(usage);
    process.exit(0);
  }
  const [base, ...words] = parsed.positionals;
  if (!URL.canParse(base ?? '')) stop(usage);
  return { base: new URL(base).origin, words, options: parsed.values };
}

// ---- the browser -------------------------------------------------------------------------------------------------------

export function chromiumPath() {
  if (process.env.MANERO_CHROMIUM) return process.env.MANERO_CHROMIUM;
  for (const name of ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']) {
    try {
      return execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
    } catch {
      // the next one
    }
  }
  stop('no Chromium on the PATH: install it, or set MANERO_CHROMIUM');
}

export const chromiumFlags = [
  '--no-sandbox', // these programs run as root in containers; the only site visited is our own
  '--disable-dev-shm-usage',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
];

export async function launch() {
  const { default: playwright } = await tool('playwright-core');
  return playwright.chromium.launch({ executablePath: chromiumPath(), args: ['--headless=new', ...chromiumFlags] });
}

export const MOBILE = { name: 'mobile', viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };
export const DESK = { name: 'desk', viewport: { width: 1440, height: 900 } };

export function context(browser, device, more = {}) {
  const { name, ...emulated } = device;
  return browser.newContext({ ...emulated, reducedMotion: 'reduce', serviceWorkers: 'block', ...more });
}

// ---- HTTP and HTML -----------------------------------------------------------------------------------------------------

/** One request that follows no redirect; a failure to connect is an answer with status 0. */
export async function request(url, init = {}) {
  try {
    const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(20_000), ...init });
    const type = response.headers.get('content-type') ?? '';
    const text = /text|xml|json|javascript/.test(type) ? await response.text() : (await response.arrayBuffer(), '');
    return {
      status: response.status,
      type,
      text,
      location: response.headers.get('location'),
      headers: response.headers,
    };
  } catch (error) {
    return { status: 0, type: '', text: '', location: null, error: error.cause?.message ?? error.message };
  }
}

const { parse: parseHtml } = await tool('parse5');

/** Every element of a page in its order, `<template>` contents included: { name, attributes, node }. */
export function elements(html) {
  const found = [];
  (function walk(node) {
    if (node.tagName) {
      const attributes = Object.fromEntries(
        node.attrs.map((a) => [a.prefix ? `${a.prefix}:${a.name}` : a.name, a.value]),
      );
      found.push({ name: node.tagName, attributes, node });
    }
    for (const child of node.childNodes ?? []) walk(child);
    if (node.content) walk(node.content);
  })(parseHtml(html));
  return found;
}

export function textOf(node) {
  return node.nodeName === '#text' ? node.value : (node.childNodes ?? []).map(textOf).join('');
}

export const unescapeXml = (text) =>
  text.replace(
    /&(lt|gt|quot|apos|#39|amp);/g,
    (_, name) => ({ lt: '<', gt: '>', quot: '"', apos: "'", '#39': "'", amp: '&' })[name],
  );

/** Runs `work` over `items`, `width` at a time. */
export async function inParallel(width, items, work) {
  const queue = items.entries();
  const worker = async (number) => {
    for (const [index, item] of queue) await work(item, number, index);
  };
  await Promise.all(Array.from({ length: width }, (_, number) => worker(number)));
}

// ---- the site's pages --------------------------------------------------------------------------------------------------

/** `/es/contact` → `es`; an address without a language prefix belongs to the language of `/`. */
export const prefixOf = (path) => /^\/([a-z]{2}(?:-[a-z]{2})?)(?=[/?#]|$)/i.exec(path)?.[1] ?? '';

/** Pages of one kind have one pattern: `/es/articles/x` and `/articles/y` → `/articles/*`. */
export function patternOf(path) {
  const own = path
    .replace(/[?#].*/, (query) => query.replace(/=.*/, '='))
    .slice(prefixOf(path) ? prefixOf(path).length + 1 : 0);
  return own.replace(/(.\/)[^/?]+$/, '$1*') || '/';
}

const MISSING = '/there-is-no-such-page';
const NO_HIT = 'zzyqxv';

/**
 * All pages, each fetched once: { path, listed, status, html, elements, lang, form? }. They come from /sitemap.xml, or where
 * there is none from following the links of `/`; then what no sitemap lists: a missing page, the thanks, the search with and
 * without hits, and the answer to each form sent empty (`form` says how to get there).
 */
export async function collect(base, report) {
  const pages = new Map();
  const add = async (path, listed, expected = [200]) => {
    if (pages.has(path)) return pages.get(path);
    const page = { path, listed, ...(await request(base + path)) };
    if (!expected.includes(page.status)) {
      report.fail('status', path, '', `answers ${page.status || page.error}, not ${expected.join(' or ')}`);
    }
    return keep(page);
  };
  const keep = (page) => {
    page.html = page.text;
    if (!page.type.startsWith('text/html')) return page;
    page.elements = elements(page.html);
    page.lang = page.elements.find((e) => e.name === 'html')?.attributes.lang ?? '';
    pages.set(page.path, page);
    return page;
  };

  const sitemap = await request(`${base}/sitemap.xml`);
  if (sitemap.status === 200) {
    const locations = (text) => [...text.matchAll(/<loc>\s*([^<]+?)\s*<\/loc>/g)].map((match) => unescapeXml(match[1]));
    const listed = [];
    const read = async (text, depth) => {
      if (!/<sitemapindex\b/.test(text)) return listed.push(...locations(text));
      if (depth > 2) return report.fail('sitemap', '/sitemap.xml', '', 'an index within an index');
      for (const url of locations(text)) {
        const part = await request(base + pathOf(url));
        if (part.status === 200) await read(part.text, depth + 1);
        else report.fail('sitemap', '/sitemap.xml', url, `answers ${part.status || part.error}`);
      }
    };
    await read(sitemap.text, 1);
    if (listed.length === 0) report.fail('sitemap', '/sitemap.xml', '', 'lists no page');
    await inParallel(6, listed, (url) => add(pathOf(url), true));
  } else {
    report.note(
      'sitemap',
      '/sitemap.xml',
      '',
      `answers ${sitemap.status || sitemap.error}: the links are followed instead`,
    );
    for (let fresh = ['/']; fresh.length > 0 && pages.size < 500;) {
      const next = new Set();
      await inParallel(6, fresh, async (path) => {
        const page = await add(path, true);
        for (const { name, attributes } of page.elements ?? []) {
          if (name !== 'a' || !attributes.href || !URL.canParse(attributes.href, base + path)) continue;
          const url = new URL(attributes.href, base + path);
          if (url.origin === base && !url.pathname.startsWith('/api/')) next.add(url.pathname + url.search);
        }
      });
      fresh = [...next].filter((path) => !pages.has(path));
    }
  }

  const home = await add('/', true);
  if (!home.elements) stop(`${base}/ answers ${home.status || home.error} with no page`);
  const listed = [...pages.values()];
  for (const prefix of new Set(listed.map((page) => prefixOf(page.path)))) {
    const own = listed.filter((page) => prefixOf(page.path) === prefix);
    const root = prefix ? `/${prefix}` : '';
    await add(`${root}${MISSING}`, false, [404]);
    await add(`${root}/thanks`, false);
    const search = await request(`${base}${root}/search`);
    if (search.status === 200) {
      await add(`${root}/search`, false);
      const article = own.find((page) => patternOf(page.path) === '/articles/*') ?? own[0];
      const heading = article.elements.find((e) => e.name === 'h1');
      const words = (heading ? textOf(heading.node) : 'page').match(/\p{L}+/gu) ?? ['page'];
      const word = words.reduce((a, b) => (b.length > a.length ? b : a));
      await add(`${root}/search?q=${encodeURIComponent(word.toLowerCase())}`, false);
      await add(`${root}/search?q=${NO_HIT}`, false);
    } else {
      report.note('left out', `${root}/search`, '', `answers ${search.status || search.error}`);
    }

    const forms = new Set();
    for (const page of own) {
      for (const { attributes, node } of page.elements.filter(isPostForm)) {
        const action = attributes.action ?? page.path;
        if (forms.has(action)) continue;
        forms.add(action);
        const fields = new URLSearchParams();
        for (const field of elementsWithin(node)) {
          if (field.tagName !== 'input' && field.tagName !== 'textarea' && field.tagName !== 'select') continue;
          const value = (name) => field.attrs.find((a) => a.name === name)?.value;
          if (!value('name') || ['checkbox', 'radio', 'submit'].includes(value('type'))) continue;
          fields.append(value('name'), value('type') === 'hidden' ? (value('value') ?? '') : '');
        }
        const url = new URL(action, base + page.path);
        const answer = await request(url.href, {
          method: 'POST',
          body: fields,
          headers: { origin: base, referer: base + page.path },
        });
        const path = `POST ${url.pathname}${prefix ? ` (${prefix})` : ''}`;
        if (![400, 422].includes(answer.status)) {
          report.fail(
            'status',
            path,
            '',
            `the form of ${page.path}, sent empty, is answered ${answer.status || answer.error}, not 422`,
          );
        }
        keep({ path, listed: false, form: { page: page.path, action }, prefix, ...answer });
      }
    }
  }
  return [...pages.values()];
}

export const isPostForm = ({ name, attributes }) => name === 'form' && attributes.method?.toLowerCase() === 'post';

function* elementsWithin(node) {
  for (const child of node.childNodes ?? []) {
    if (child.tagName) yield child;
    yield* elementsWithin(child);
  }
}

export function pathOf(url) {
  const { pathname, search } = new URL(url);
  return pathname + search;
}

/** Opens one of `collect`'s pages in a tab, and waits for its fonts. The answer's status. */
export async function open(tab, base, page) {
  let answer;
  if (page.form) {
    await tab.goto(base + page.form.page);
    const send = (action) => {
      const form = [...document.forms].find((f) => (f.getAttribute('action') ?? location.pathname) === action);
      for (const field of form.elements) if (field.type === 'email') field.removeAttribute('required');
      HTMLFormElement.prototype.submit.call(form); // no `submit` event: the answer is wanted, not the script's
    };
    [answer] = await Promise.all([tab.waitForNavigation(), tab.evaluate(send, page.form.action)]);
  } else {
    answer = await tab.goto(base + page.path);
  }
  await tab.evaluate(() => document.fonts.ready.then(() => true));
  return answer.status();
}

// ---- the markup ---------------------------------------------------------------------------------------------------------

const validators = new Map();

/** html-validate, its rules `recommended` and `document`, and what else is right here. */
async function htmlValidator(rules) {
  const { HtmlValidate, StaticConfigLoader } = await tool('html-validate');
  return new HtmlValidate(
    new StaticConfigLoader({
      root: true,
      extends: ['html-validate:recommended', 'html-validate:document'],
      rules: {
        // HTML does not care, and lower case compresses better.
        'doctype-style': ['error', { style: 'lowercase' }],
        // Files of this origin come from the same binary as the page that names them.
        'require-sri': ['error', { target: 'crossorigin' }],
        // A form's error summary, headed h2, stands before the h1; `audit` sees to it that there is exactly one h1.
        'heading-level': ['error', { minInitialRank: 'h2' }],
        ...rules,
      },
    }),
  );
}

const NONE = {};

/** Reports what html-validate finds in a page as served; `rules` go before ours. */
export async function htmlFaults(path, html, report, rules = NONE) {
  const validator = validators.get(rules) ?? (await htmlValidator(rules));
  validators.set(rules, validator);
  const { results } = await validator.validateString(html, path.replace(/[?#].*/, ''));
  for (const { messages } of results) {
    for (const { ruleId, severity, message, selector, line, column } of messages) {
      const where = selector ?? `line ${line}:${column}`;
      report[severity === 2 ? 'fail' : 'note'](ruleId, path, where, message);
    }
  }
}

// ---- the report --------------------------------------------------------------------------------------------------------

/** Collects findings and prints each once, with all the pages it was found on. */
export class Report {
  #found = { fail: new Map(), note: new Map() };
  #started = Date.now();

  constructor(name) {
    this.name = name;
  }

  /** `rule` broken on `path` at `where` (a selector or address): `what` is wrong, or to be done; `mode` is how it was seen. */
  fail(rule, path, where, what, mode = '') {
    this.#add('fail', rule, path, where, what, mode);
  }

  /** Worth reading, not worth failing. */
  note(rule, path, where, what, mode = '') {
    this.#add('note', rule, path, where, what, mode);
  }

  #add(level, rule, path, where, what, mode) {
    const key = JSON.stringify([rule, where, what]);
    const entry = this.#found[level].get(key) ?? { rule, where, what, paths: new Set(), modes: new Set() };
    entry.paths.add(path);
    if (mode) entry.modes.add(mode);
    this.#found[level].set(key, entry);
  }

  get failures() {
    return this.#found.fail.size;
  }

  /** Prints the findings and what was done, and ends the program: 0, or 1 when there are failures. */
  end(done) {
    const clip = (text, length) => (text.length > length ? `${text.slice(0, length - 1)}…` : text);
    for (const [level, sign] of [
      ['note', '·'],
      ['fail', '✗'],
    ]) {
      const entries = [...this.#found[level].values()];
      entries.sort((a, b) => a.rule.localeCompare(b.rule) || b.paths.size - a.paths.size);
      for (const { rule, where, what, paths, modes } of entries) {
        const shown = [...paths].slice(0, 4).join(' ') + (paths.size > 4 ? ` and ${paths.size - 4} more` : '');
        const how = modes.size > 0 ? `  [${[...modes].join(', ')}]` : '';
        console.log(`${sign} ${rule}: ${where ? `${clip(where, 160)}: ` : ''}${clip(what.replace(/\s+/g, ' '), 400)}`);
        console.log(`    ${shown}${how}`);
      }
    }
    const seconds = ((Date.now() - this.#started) / 1000).toFixed(1);
    const sum = `${this.failures} failed, ${this.#found.note.size} noted`;
    console.log(`${this.failures > 0 ? '✗' : '✓'} ${this.name}: ${done}: ${sum}, ${seconds} s`);
    process.exit(this.failures > 0 ? 1 : 0);
  }
}

/** Rows of cells as a table; numbers stand right. */
export function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)));
  const pad = (cell, column) =>
    /^[\d.]/.test(cell) ? String(cell).padStart(widths[column]) : String(cell).padEnd(widths[column]);
  for (const row of rows) console.log(`  ${row.map(pad).join('  ').trimEnd()}`);
}
