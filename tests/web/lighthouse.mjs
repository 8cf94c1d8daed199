// Lighthouse's four categories, as a phone on a slow line (its default, simulated). Each page is run a few times and the run in
// the middle counts.
import { Report, chromiumFlags, chromiumPath, collect, commandLine, patternOf, table, tool } from './lib.mjs';

const { base, words, options } = commandLine(
  `Usage: lighthouse.mjs BASE [PATH...] [--runs N] [--least SCORE]
  PATH            the pages; the home page, a program and an article unless told
  --runs N        runs of each page; 3 unless told
  --least SCORE   least score of each category; 0.98 unless told`,
  { runs: { type: 'string', default: '3' }, least: { type: 'string', default: '0.98' } },
);
const CATEGORIES = ['performance', 'accessibility', 'best-practices', 'seo'];

const { default: lighthouse } = await tool('lighthouse');
const { computeMedianRun } = await tool('lighthouse/core/lib/median-run.js');
const { launch } = await tool('chrome-launcher');

const report = new Report('lighthouse');
let paths = words;
if (paths.length === 0) {
  const pages = await collect(base, new Report('pages'));
  const first = (pattern) => pages.find((page) => patternOf(page.path) === pattern)?.path;
  paths = ['/', first('/programs/*'), first('/articles/*')].filter(Boolean);
}

const rows = [['page', ...CATEGORIES, 'FCP ms', 'LCP ms', 'TBT ms', 'CLS', 'KB']];
// Each page gets a browser of its own: one that has run for a while is slower.
for (const path of paths) {
  const chrome = await launch({
    chromePath: chromiumPath(),
    chromeFlags: ['--headless=new', ...chromiumFlags],
    logLevel: 'silent',
  });
  try {
    const runs = [];
    for (let run = 0; run < Number(options.runs); run += 1) {
      const { lhr } = await lighthouse(base + path, {
        port: chrome.port,
        onlyCategories: CATEGORIES,
        output: 'json',
        logLevel: 'silent',
      });
      if (lhr.runtimeError) throw new Error(lhr.runtimeError.message);
      runs.push(lhr);
    }
    judge(path, runs.length > 1 ? computeMedianRun(runs) : runs[0], runs);
  } catch (error) {
    report.fail('run', path, '', error.message);
  } finally {
    chrome.kill();
  }
}
table(rows);
report.end(`${paths.length} pages, ${options.runs} runs each, least ${options.least}`);

function judge(path, lhr, runs) {
  const value = (id) => lhr.audits[id]?.numericValue ?? 0;
  rows.push([
    path,
    ...CATEGORIES.map((id) =>
      id === 'performance' ? runs.map((run) => run.categories[id].score).join('/') : lhr.categories[id].score,
    ),
    ...['first-contentful-paint', 'largest-contentful-paint', 'total-blocking-time'].map((id) => Math.round(value(id))),
    value('cumulative-layout-shift').toFixed(3),
    (value('total-byte-weight') / 1000).toFixed(1),
  ]);
  for (const id of CATEGORIES) {
    const { score, auditRefs } = lhr.categories[id];
    const low = score < Number(options.least);
    if (low) report.fail(id, path, '', `${score}, not ${options.least}`);
    // What costs points in a low category; in a good one, what still could be better.
    for (const { id: auditId, weight } of auditRefs) {
      const { score: own, scoreDisplayMode, title, displayValue, details } = lhr.audits[auditId];
      if (own === null || own >= 0.9 || weight === 0 || scoreDisplayMode === 'informative') continue;
      const at = details?.items?.[0]?.node?.selector ?? details?.items?.[0]?.url ?? '';
      report[low ? 'fail' : 'note'](
        `${id} ${auditId}`,
        path,
        String(at),
        `${title}${displayValue ? ` (${displayValue})` : ''}`,
      );
    }
  }
}
