// Takes pictures of whole pages, for people to look at.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { collect, commandLine, Report, context, inParallel, launch, open } from './lib.mjs';

const { base, words, options } = commandLine(
  `Usage: shots.mjs BASE [PATH...] [--out FOLDER] [--widths 360,768,1440] [--themes light,dark]
  PATH           the pages, e.g. / /es/programs "POST /leads"; all of them unless told
  --out FOLDER   where the pictures go; ./shots unless told`,
  {
    out: { type: 'string', default: 'shots' },
    widths: { type: 'string', default: '360,768,1440' },
    themes: { type: 'string', default: 'light,dark' },
  },
);

const known =
  words.length === 0 || words.some((path) => path.startsWith('POST')) ? await collect(base, new Report('pages')) : [];
const pages = words.length === 0 ? known : words.map((path) => known.find((page) => page.path === path) ?? { path });
mkdirSync(options.out, { recursive: true });
const fileName = (path) =>
  path
    .replace(/^\/+/, '')
    .replace(/[^\w-]+/g, '_')
    .replace(/_+$/, '') || 'home';

const browser = await launch();
const heights = { 360: 740, 768: 1024, 1440: 900 };
const jobs = options.widths.split(',').map(Number);
let taken = 0;
await inParallel(2, jobs, async (width) => {
  const phone = width < 600;
  const device = { name: width, viewport: { width, height: heights[width] ?? 900 }, isMobile: phone, hasTouch: phone };
  const tab = await (await context(browser, device)).newPage();
  for (const page of pages) {
    await open(tab, base, page);
    await tab.evaluate(() => {
      for (const image of document.querySelectorAll('img[loading=lazy]')) image.loading = 'eager';
    });
    await tab.waitForLoadState('networkidle');
    for (const theme of options.themes.split(',')) {
      await tab.emulateMedia({ colorScheme: theme });
      await tab.screenshot({
        path: join(options.out, `${fileName(page.path)}-${width}-${theme}.png`),
        fullPage: true,
        animations: 'disabled',
      });
      taken += 1;
    }
  }
});
await browser.close();
console.log(`${taken} pictures in ${options.out}`);
