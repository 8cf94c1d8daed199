// Looks at every page in Chromium as people meet it: on a phone and at a desk, light and dark, zoomed to 400 %, by keyboard,
// and without JavaScript. axe-core judges accessibility; the rest is checked here.
import { begin, counted, judge, look, mainText, settle, skipLink, walk, watch } from './eyes.mjs';
import {
  DESK,
  MOBILE,
  Report,
  collect,
  commandLine,
  context,
  inParallel,
  launch,
  open,
  patternOf,
  prefixOf,
} from './lib.mjs';

const { base, options } = commandLine(
  `Usage: audit.mjs BASE [--only TEXT] [--all] [--parallel N]
  --only TEXT    only the pages whose path contains TEXT
  --all          every page in every combination: nothing is sampled
  --parallel N   tabs at once; 2 unless told`,
  { only: { type: 'string' }, all: { type: 'boolean' }, parallel: { type: 'string', default: '2' } },
);

const ZOOMED = { width: 320, height: 256 }; // 1280 × 1024 at 400 %: WCAG 1.4.10
/** What people mainly press and type into. */
const PRIMARY =
  'button, .button, [role=button], input:not([type=hidden], [type=checkbox], [type=radio]), select, textarea, body > header a';
const PRIMARY_HEIGHT = 44;
/** Of this many pages with one pattern (articles, topics), a few are seen in every combination and the rest in light only. */
const SAMPLED_ABOVE = 6;
const IN_FULL = 3;

const report = new Report('audit');
begin(report, base, PRIMARY, PRIMARY_HEIGHT);
const pages = (await collect(base, report)).filter((page) => page.path.includes(options.only ?? ''));
if (pages.length === 0) report.fail('pages', options.only, '', 'no such page');

checkHeads();
const { inFull, walked } = sample();
const seen = new Map(); // page → the text of its main element with JavaScript

const browser = await launch();
await inParallel(Number(options.parallel), [...new Array(Number(options.parallel)).keys()], prepare);
await browser.close();
report.end(`${pages.length} pages, ${inFull.size} in full, ${counted.views} views, ${walked.size} by keyboard`);

// ---- what the served HTML shows -------------------------------------------------------------------------------------------

function checkHeads() {
  const byPath = new Map(pages.map((page) => [page.path, page]));
  const homeLang = byPath.get('/')?.lang.toLowerCase() ?? 'en';
  const alternatesOf = (page) =>
    page.elements
      .filter(({ name, attributes: a }) => name === 'link' && a.rel === 'alternate' && a.hreflang)
      .map(({ attributes: a }) => ({ lang: a.hreflang.toLowerCase(), url: a.href }));
  const canonicalsOf = (page) =>
    page.elements
      .filter(({ name, attributes: a }) => name === 'link' && a.rel === 'canonical')
      .map(({ attributes: a }) => a.href);
  const pathOf = (url) => (URL.canParse(url) ? new URL(url).pathname + new URL(url).search : undefined);
  const origins = new Map();

  for (const page of pages) {
    const wanted = (page.prefix ?? prefixOf(page.path)).toLowerCase() || homeLang;
    const lang = page.lang.toLowerCase();
    if (lang !== wanted && !lang.startsWith(`${wanted}-`)) {
      report.fail('lang', page.path, 'html', `lang="${page.lang}", its address says ${wanted}`);
    }

    const canonicals = canonicalsOf(page);
    const noindex = page.elements.some(
      ({ name, attributes: a }) => name === 'meta' && a.name === 'robots' && /noindex/.test(a.content ?? ''),
    );
    const searched = page.status === 200 && !page.form && !noindex;
    if (canonicals.length > 1) report.fail('canonical', page.path, '', `${canonicals.length} of them`);
    if (searched && canonicals.length === 0)
      report.fail('canonical', page.path, '', 'missing (does the site know its address? FRONTEND_URL)');
    for (const url of canonicals) {
      if (!URL.canParse(url)) report.fail('canonical', page.path, '', `not absolute: ${url}`);
      else {
        if (!page.form && pathOf(url) !== page.path)
          report.fail('canonical', page.path, '', `names another page: ${url}`);
        origins.set(new URL(url).origin, page.path);
      }
    }

    const alternates = alternatesOf(page);
    if (alternates.length === 0) continue;
    if (!alternates.some((a) => pathOf(a.url) === page.path && a.lang === lang))
      report.fail('hreflang', page.path, '', 'the page does not name itself');
    if (!alternates.some((a) => a.lang === 'x-default')) report.note('hreflang', page.path, '', 'no x-default');
    for (const { lang: hreflang, url } of alternates) {
      if (!URL.canParse(url)) {
        report.fail('hreflang', page.path, hreflang, `not absolute: ${url}`);
        continue;
      }
      origins.set(new URL(url).origin, page.path);
      const target = byPath.get(pathOf(url));
      if (!target) {
        if (!options.only) report.fail('hreflang', page.path, hreflang, `${url} is none of the site's pages`);
      } else {
        if (hreflang !== 'x-default' && target.lang.toLowerCase() !== hreflang)
          report.fail('hreflang', page.path, hreflang, `${url} is in "${target.lang}"`);
        if (!alternatesOf(target).some((a) => pathOf(a.url) === page.path))
          report.fail('hreflang', page.path, hreflang, `${url} does not link back`);
      }
    }
  }
  if (origins.size > 1)
    report.fail(
      'canonical',
      [...origins.values()].join(' '),
      '',
      `the pages name several sites: ${[...origins.keys()].join(' ')}`,
    );
}

/** The pages seen in every combination, and those walked through by keyboard: one of each kind. */
function sample() {
  const groups = new Map(); // Map.groupBy needs Node 21
  for (const page of pages) {
    const pattern = patternOf(page.path);
    groups.set(pattern, [...(groups.get(pattern) ?? []), page]);
  }
  const inFull = new Set();
  const walked = new Set();
  for (const group of groups.values()) {
    const languages = [...new Set(group.map((page) => page.lang))];
    const oneOfEach = languages.map((lang) => group.find((page) => page.lang === lang));
    const few = [...new Set([...oneOfEach, ...group])].slice(0, IN_FULL);
    for (const page of options.all || group.length <= SAMPLED_ABOVE ? group : few) inFull.add(page);
    walked.add(group[0]);
  }
  return { inFull, walked };
}

// ---- the browser's tabs ---------------------------------------------------------------------------------------------------

/** One worker: three tabs that go from page to page. All workers share one queue. */
async function prepare() {
  prepare.queue ??= pages.values();
  const tabs = {
    desk: await newTab(DESK),
    mobile: await newTab(MOBILE),
    scriptless: await newTab({ ...DESK, name: 'no JavaScript' }, { javaScriptEnabled: false }),
  };
  for (const page of prepare.queue) {
    for (const [its, look] of [
      [tabs.desk, atDesk],
      [tabs.mobile, onPhone],
      [tabs.scriptless, withoutScripts],
    ]) {
      try {
        await look(its, page);
      } catch (error) {
        report.fail('could not judge', page.path, '', error.message, its.device.name);
      }
    }
  }
}

async function newTab(device, more = {}) {
  const tab = await (await context(browser, device, { colorScheme: 'light', ...more })).newPage();
  const its = { tab, device, page: undefined };
  watch(its);
  tab.on('dialog', (dialog) => dialog.dismiss());
  return its;
}

async function visit(its, page) {
  its.page = undefined; // what the form's page does on the way is not this page's
  if (!page.form) its.page = page;
  await its.tab.emulateMedia({ colorScheme: 'light' });
  try {
    const status = await open(its.tab, base, page);
    its.page = page;
    if (status !== page.status)
      report.fail('status', page.path, '', `answers ${status} to Chromium, ${page.status} to fetch`, its.device.name);
    return true;
  } catch (error) {
    report.fail('status', page.path, '', `does not open: ${error.message.split('\n')[0]}`, its.device.name);
    return false;
  }
}

async function atDesk(its, page) {
  if (!(await visit(its, page))) return;
  const { tab } = its;
  seen.set(page, await tab.evaluate(mainText));
  await judge(tab, page, 'desk light');
  await look(tab, page, 'desk light', DESK.viewport.width);
  if (inFull.has(page)) await judgeDark(tab, page, 'desk dark');

  await tab.setViewportSize(ZOOMED);
  await settle(tab);
  await look(tab, page, '320 px', ZOOMED.width);
  counted.views += 1;
  await tab.setViewportSize(DESK.viewport);
  await settle(tab);
  await skipLink(tab, page);
  if (walked.has(page) && (await visit(its, page))) await walk(tab, page, 'desk light');
}

async function onPhone(its, page) {
  if (!(await visit(its, page))) return;
  const { tab } = its;
  await judge(tab, page, 'mobile light');
  await look(tab, page, 'mobile light', MOBILE.viewport.width);
  if (inFull.has(page)) await judgeDark(tab, page, 'mobile dark');
  if (walked.has(page)) await walk(tab, page, inFull.has(page) ? 'mobile dark' : 'mobile light');
}

async function withoutScripts(its, page) {
  if (!(await visit(its, page))) return;
  const without = await its.tab.evaluate(mainText);
  const withThem = seen.get(page);
  if (withThem === undefined || without === withThem) return;
  const [a, b] = [withThem.split('\n'), without.split('\n')];
  const line = a.findIndex((text, index) => text !== b[index]);
  const differs = line < 0 ? `more follows: "${b[a.length]}"` : `"${b[line] ?? ''}" instead of "${a[line]}"`;
  report.fail('no JavaScript', page.path, 'main', `another text: ${differs}`);
}

async function judgeDark(tab, page, mode) {
  await tab.emulateMedia({ colorScheme: 'dark' });
  await judge(tab, page, mode);
}
