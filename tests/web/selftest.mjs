// Tries the checks themselves: a sound little site must pass them all, and each fault planted in it must be found.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';

const here = dirname(fileURLToPath(import.meta.url));
const STYLE = `:root{color-scheme:light dark}body{margin:1rem;font:1rem/1.6 sans-serif;background:#fff;color:#222}
a{color:#1a4fa0;outline-offset:2px}:focus-visible{outline:3px solid #1a4fa0}main:focus{outline:none}
.lined{text-decoration:none;background:linear-gradient(#888,#888) 0 100%/100% 1px no-repeat}
header a,.button,button,input[type=email],select{display:inline-block;min-height:46px;min-width:46px}
.skip{position:absolute;top:-9rem;background:#fff}.skip:focus{top:0}
@media (prefers-color-scheme:dark){body,.skip{background:#111;color:#eee}a{color:#9cf}:focus-visible{outline-color:#9cf}}`;
const PICTURE =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8" width="80" height="80"><path d="M0 0h8v8z"/></svg>';
const PROSE = '<p>Plain words that anybody can read, and a <a href="/programs/one">link</a> among them.</p>';
const FORM =
  '<form method="post" action="/leads"><label for="e">Email</label> <input id="e" name="email" type="email" required autocomplete="email"> <button type="submit">Send</button></form>';

/** A page; what `p` sets replaces what would be right. */
function page(path, p = {}) {
  const lang = p.lang ?? (/^\/(es)\b/.exec(path)?.[1] || 'en');
  const head = [
    '<meta charset="utf-8">',
    p.viewport ?? '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>Page ${path}</title>`,
    p.canonical ?? (p.noindex || p.status ? '' : `<link rel="canonical" href="{base}${path}">`),
    p.noindex || p.status ? '<meta name="robots" content="noindex">' : '',
    '<link rel="icon" href="/icon.svg" type="image/svg+xml"><link rel="stylesheet" href="/site.css">',
    p.head ?? '',
  ].join('\n');
  const skip = p.skip ?? '<a class="skip" href="#main">Skip</a>';
  const header =
    p.header ?? '<header><nav aria-label="Main"><a href="/">Home</a> <a href="/programs/one">One</a></nav></header>';
  const main = p.mainTag ?? '<main id="main" tabindex="-1">';
  return {
    status: p.status ?? 200,
    type: 'text/html; charset=utf-8',
    body: `<!doctype html>\n<html lang="${lang}">\n<head>${head}</head>\n<body>${skip}${header}${main}${p.h1 ?? '<h1>A heading</h1>'}${p.body ?? PROSE}</main>${p.after ?? ''}</body>\n</html>\n`,
  };
}

/** The sound site. `listed` goes into the sitemap. */
function soundSite() {
  const both = (path) =>
    `<link rel="alternate" hreflang="en" href="{base}${path}"><link rel="alternate" hreflang="es" href="{base}/es${path === '/' ? '' : path}">`;
  const files = new Map([
    [
      '/',
      page('/', {
        head: both('/'),
        body: `${PROSE}<p>Words around <a href="/articles/one">an article</a>, or <a href="/es">in Spanish</a>, or <a href="/programs/one#top">the top</a>, or <a href="https://example.com/x">elsewhere</a>, or <a href="mailto:a@example.com">by mail</a>.</p><img src="/p.svg" srcset="/p.svg 1x, /p.svg?2 2x" width="80" height="80" alt="A corner" loading="lazy">${FORM}`,
      }),
    ],
    ['/es', page('/es', { head: both('/'), body: '<p>Palabras. <a href="/es/programs/uno">Uno</a></p>' })],
    ['/es/programs/uno', page('/es/programs/uno')],
    [
      '/programs/one',
      page('/programs/one', {
        body: '<p id="part">Text with an underlined <a href="/articles/one" class="lined">link</a> in it.</p>',
      }),
    ],
    ['/articles/one', page('/articles/one', { body: `<p><a href="/programs/one#part">Part</a></p>` })],
    ['/there-is-no-such-page', page('', { status: 404 })],
    ['/thanks', page('/thanks', { noindex: true })],
    ['/search', page('/search', { noindex: true, body: '<p><a href="/">Home</a></p>' })],
    ['/search?q=', page('/search', { noindex: true, body: '<p>Found: <a href="/">the home page</a>.</p>' })],
    ['/es/there-is-no-such-page', page('/es', { status: 404 })],
    ['/es/thanks', page('/es/thanks', { noindex: true })],
    ['POST /leads', page('/leads', { status: 422, body: FORM })],
    ['/site.css', { type: 'text/css', body: STYLE }],
    ['/p.svg', { type: 'image/svg+xml', body: PICTURE }],
    ['/p.svg?2', { type: 'image/svg+xml', body: PICTURE }],
    ['/icon.svg', { type: 'image/svg+xml', body: PICTURE }],
    ['/robots.txt', { type: 'text/plain', body: 'Sitemap: {base}/sitemap.xml\n' }],
  ]);
  return { files, listed: ['/', '/es', '/es/programs/uno', '/programs/one', '/articles/one'] };
}

// Each fault: where, what is served there, and what must be said of it: [program, rule, in the finding's text, in its pages].
// Pages under /f/ are of one kind, so that only a few of them are seen in the dark and walked through.
// prettier-ignore
const FAULTS = [
  // html
  ['/f/html', { body: '<p><div>not in a p</div></p><img src="/p.svg" width="80" height="80" alt="x" alt="y">' }, ['html', 'no-dup-attr']],
  ['/f/button', { body: '<button>no type</button>' }, ['html', 'no-implicit-button-type']],
  // links
  ['/f/broken', { body: '<a href="/nowhere">x</a>' }, ['links', 'broken', 'a[href] /nowhere: answers 404']],
  ['/f/srcset', { body: '<img src="/p.svg" srcset="/p.svg 1x, /no-2x.svg 2x" width="80" height="80" alt="x">' }, ['links', 'broken', 'img[srcset] /no-2x.svg']],
  ['/f/script', { head: '<script type="module" src="/no.js"></script>' }, ['links', 'broken', 'script[src] /no.js']],
  ['/f/css', { head: '<link rel="stylesheet" href="/bad.css">' }],
  ['/f/og', { head: '<meta property="og:image" content="{base}/no.png">' }, ['links', 'broken', 'meta[og:image] /no.png']],
  ['/f/jsonld', { head: '<script type="application/ld+json">{"url":"{base}/no-ld"}</script>' }, ['links', 'broken', 'ld+json /no-ld']],
  ['/f/badjson', { head: '<script type="application/ld+json">{"url":</script>' }, ['links', 'invalid JSON', 'ld+json']],
  ['/f/feed', { head: '<link rel="alternate" type="application/rss+xml" title="Feed" href="/feed.xml">' }],
  ['/f/fragment', { body: '<a href="/programs/one#nope">x</a> <a href="#nope-here">y</a>' }, ['links', 'fragment', '"nope"'], ['links', 'fragment', '#nope-here']],
  ['/f/moved', { body: '<a href="/moved">x</a> <a href="/moved-away">y</a> <a href="/moved-now">z</a>' }, ['links', 'redirect', '/moved: answers 308: link to /programs/one'], ['links', 'broken', '/moved-away: redirects to /nowhere'], ['links', 'redirect', '/moved-now: answers 302']],
  ['/f/mail', { body: '<a href="mailto:nobody">x</a> <a href="https://exa mple.com">y</a> <a href="http://localhostish/">z</a>' }, ['links', 'not an address', 'mailto:nobody'], ['links', 'not an address', 'exa mple'], ['links', 'not an address', 'localhostish']],
  ['/f/http', { body: '<a href="http://example.com/">x</a>' }, ['links', 'unencrypted', 'http://example.com']],
  ['/f/noindex', { noindex: true }, ['links', 'sitemap', 'says noindex']],
  ['/f/orphan', { orphan: true }, ['links', 'orphan']],
  ['/f/unlisted', { unlisted: true }, ['links', 'sitemap', 'not in the sitemap']],
  // head
  ['/es/f/lang', { lang: 'en' }, ['audit', 'lang', 'its address says es']],
  ['/f/canon-relative', { canonical: '<link rel="canonical" href="/f/canon-relative">' }, ['audit', 'canonical', 'not absolute']],
  ['/f/canon-other', { canonical: '<link rel="canonical" href="{base}/">' }, ['audit', 'canonical', 'names another page']],
  ['/f/canon-none', { canonical: '<!-- none -->' }, ['audit', 'canonical', 'missing']],
  ['/f/canon-two', { head: '<link rel="canonical" href="{base}/f/canon-two">' }, ['audit', 'canonical', '2 of them']],
  ['/f/canon-site', { canonical: '<link rel="canonical" href="https://other.example/f/canon-site">' }, ['audit', 'canonical', 'several sites']],
  ['/f/alternates', { head: '<link rel="alternate" hreflang="es" href="{base}/es/programs/uno"><link rel="alternate" hreflang="pt" href="{base}/pt/none">' }, ['audit', 'hreflang', 'does not name itself'], ['audit', 'hreflang', 'does not link back'], ['audit', 'hreflang', 'none of the site']],
  // requests
  ['/f/listed-404', { status: 404 }, ['audit', 'status', 'answers 404, not 200']],
  ['/f/console', { head: '<script>console.error("planted")</script>' }, ['audit', 'console', 'error: planted']],
  ['/f/warning', { head: '<script>console.warn("planted too")</script>' }, ['audit', 'console', 'warning: planted too']],
  ['/f/uncaught', { head: '<script>nowhere.to()</script>' }, ['audit', 'console', 'uncaught: nowhere is not defined']],
  ['/f/foreign', { body: '<img src="https://example.com/x.png" width="8" height="8" alt="x">' }, ['audit', 'foreign request', 'https://example.com/x.png']],
  ['/f/failed', { head: '<script>fetch("/no-data")</script>' }, ['audit', 'failed request', '/no-data: answers 404']],
  // shape
  ['/f/wide', { body: '<p style="width:1600px">wide</p>' }, ['audit', 'does not fit', 'of 1440']],
  ['/f/zoomed', { body: '<p style="width:330px;margin:0">wide when zoomed</p>' }, ['audit', 'does not fit', 'of 320']],
  ['/f/clipped', { head: '<style>body{overflow-x:hidden}</style>', body: '<p style="width:1600px">clipped</p>' }, ['audit', 'does not fit', 'of 1440']],
  ['/f/viewport', { viewport: '' }, ['audit', 'viewport', '980 px']],
  ['/f/image', { body: '<img src="/p.svg" alt="x" width="80">' }, ['audit', 'image', 'needs the attributes']],
  ['/f/torn', { body: '<img src="/torn.png" alt="x" width="80" height="80" loading="lazy">' }, ['audit', 'image', 'broken']],
  ['/f/low', { body: '<button type="button" style="min-height:0;height:30px">x</button>' }, ['audit', 'low control', '30.0 px high']],
  ['/f/ids', { body: '<p id="twice">a</p><p id="twice">b</p>' }, ['audit', 'duplicate id', '#twice: on 2']],
  ['/f/h1s', { body: '<h1>Another</h1>' }, ['audit', 'h1', '2 of them']],
  ['/f/no-h1', { h1: '' }, ['audit', 'h1', '0 of them']],
  // axe
  ['/f/contrast', { body: '<p class="pale" style="color:#aaa">pale</p>' }, ['audit', 'axe color-contrast', 'insufficient']],
  ['/k5/dark', { head: '<style>@media (prefers-color-scheme:dark){.dim{color:#444}}</style>', body: '<p class="dim">dim</p>' }, ['audit', 'axe color-contrast', '#444444', /\[desk dark, mobile dark\]/]],
  ['/f/underline', { body: '<p>a <a href="/" style="color:#bbb" class="lined">pale underlined</a> link</p>' }, ['audit', 'axe color-contrast', '.lined']],
  ['/f/alt', { body: '<img src="/p.svg" width="80" height="80">' }, ['audit', 'axe image-alt']],
  ['/f/targets', { body: '<ul style="font-size:8px;line-height:9px"><li><a href="/">a</a></li><li><a href="/es">b</a></li></ul>' }, ['audit', 'axe target-size']],
  // keyboard
  ['/f/no-skip', { skip: '' }, ['audit', 'skip link', 'the first Tab leads to a.']],
  ['/f/skip-hidden', { head: '<style>.skip:focus{top:-9rem}</style>' }, ['audit', 'skip link', 'not to be seen']],
  ['/f/skip-stays', { mainTag: '<main id="main">' }, ['audit', 'skip link', 'leaves the focus on body']],
  ['/k1/ring', { head: '<style>a.bare{outline:none!important}</style>', body: '<a class="bare" href="/">x</a>' }, ['audit', 'focus', 'no outline']],
  ['/k2/ring', { head: '<style>a.pale:focus{outline:3px solid #ddd}</style>', body: '<a class="pale" href="/">x</a>' }, ['audit', 'focus', 'contrast of 1.4:1']],
  ['/k3/cover', { body: '<a class="under" href="/">x</a><div style="position:fixed;inset:0;background:#fff"></div>' }, ['audit', 'focus', 'hidden behind']],
  ['/k4/trap', { body: '<input id="e" type="email" aria-label="Trap" autocomplete="email" onkeydown="if (event.key === \'Tab\') event.preventDefault()"><p><a class="after" href="/">x</a></p>' }, ['audit', 'keyboard', 'a.after']],
  // scripts
  ['/f/scripted', { body: '<p id="s">old</p><script>s.textContent = "new"</script>' }, ['audit', 'no JavaScript', '"old" instead of "new"']],
];

function faultySite() {
  const { files, listed } = soundSite();
  for (const [path, p] of FAULTS) {
    files.set(path, page(path, p));
    if (!p.unlisted) listed.push(path);
  }
  const all = FAULTS.filter(([, p]) => !p.orphan).map(([path]) => `<a href="${path}">${path}</a>`);
  files.set('/all', page('/all', { body: `<p>${all.join('<br>')}</p>` }));
  listed.push('/all');
  files.set('POST /leads', page('/leads', { body: FORM })); // 200: a refused form that looks accepted
  files.set('/bad.css', { type: 'text/css', body: '@font-face{font-family:x;src:url(/no.woff2)}' });
  files.set('/feed.xml', {
    type: 'application/rss+xml',
    body: '<rss><channel><item><link>{base}/no-item</link><description>&lt;a href="/no-inner"&gt;x&lt;/a&gt;</description></item></channel></rss>',
  });
  files.set('/torn.png', { type: 'image/png', body: 'no picture' });
  for (const [from, status, to] of [
    ['/moved', 308, '/programs/one'],
    ['/moved-away', 308, '/nowhere'],
    ['/moved-now', 302, '/programs/one'],
  ])
    files.set(from, { status, type: 'text/html', body: '', location: to });
  files.set('/heavy', page('/heavy', { head: `<script src="/heavy.js"></script>` }));
  files.set('/heavy.js', {
    type: 'text/javascript',
    plain: true,
    body: `/* ${randomBytes(50_000).toString('base64')} */`,
  });
  return { files, listed };
}

const MORE_EXPECTED = [
  ['/bad.css', ['links', 'broken', 'url() /no.woff2']],
  ['/feed.xml', ['links', 'broken', 'link /no-item'], ['links', 'broken', 'description a[href] /no-inner']],
  ['POST /leads', ['audit', 'status', 'answered 200, not 422']],
  ['/heavy', ['weight', 'total'], ['weight', 'scripts'], ['weight', 'compression']],
];

// ---- a dashboard ------------------------------------------------------------------------------------------------------------

/** The addresses that there are, written as pages_policy.rs has them. */
const TABLE = ['GET /admin', 'GET /admin/<id>', 'GET /admin/list.csv', 'POST /admin/save']
  .map((row) => row.split(' '))
  .map(([method, path]) => `    ("${method}", "${path}", Person),`)
  .join('\n');
const TOKENS = '<input type="hidden" name="_csrf" value="a"><input type="hidden" name="_once" value="b">';

/** A page of the dashboard; what `p` sets replaces what would be right. */
function inside(path, p = {}) {
  const made = page(path, {
    ...p,
    canonical: '',
    header: '<header><nav aria-label="Main"><a href="/admin">Home</a></nav></header>',
    body: p.body ?? '<p>Plain words.</p>',
  });
  return { ...made, plain: p.plain, body: made.body.replace('<body>', '<body class="inside">') };
}

function soundDashboard() {
  const form = `<form method="post" action="/admin/save">${TOKENS}<label for="n">Name</label> <input id="n" name="n" type="email"> <button>Save</button></form>`;
  const links = '<a href="/admin/one">One</a>, <a href="/admin/list.csv">all</a>, <a href="/admin/one#n">its name</a>';
  const files = new Map([
    ['/admin', inside('/admin', { body: `<p>Words around ${links}.</p>` })],
    ['/admin/one', inside('/admin/one', { body: form })],
    ['/admin/list.csv', { type: 'text/csv', body: 'a,b\n', keep: true }],
    ['/site.css', { type: 'text/css', body: STYLE }],
    ['/icon.svg', { type: 'image/svg+xml', body: PICTURE }],
  ]);
  return { files, listed: [], table: TABLE };
}

// prettier-ignore
const INSIDE_FAULTS = [
  ['/admin/markup', { body: '<p title="a" title="b">x</p>' }, ['admin', 'no-dup-attr']],
  ['/admin/broken', { body: '<a href="/admin/gone/away">x</a>' }, ['admin', 'broken', '/admin/gone/away: answers 404']],
  ['/admin/led', { body: '<a href="/admin-log-in">x</a>' }, ['admin', 'broken', 'and leads to /elsewhere']],
  ['/admin/fragment', { body: '<a href="/admin#nope">x</a>' }, ['admin', 'fragment', '/admin#nope']],
  ['/admin/posts', { body: `<form method="post" action="/admin/unheard-of">${TOKENS}<button>Go</button></form>` }, ['admin', 'unknown', 'POST /admin/unheard-of']],
  ['/admin/forged', { body: '<form method="post" action="/admin/save"><button>Go</button></form>' }, ['admin', 'form', '/admin/save']],
  ['/admin/foreign', { body: '<img src="https://example.com/x.png" width="8" height="8" alt="x">' }, ['admin', 'foreign request', 'https://example.com/x.png']],
  ['/admin/contrast', { head: '<style>@media (prefers-color-scheme:dark){.dim{color:#444}}</style>', body: '<p class="dim">dim</p>' }, ['admin', 'axe color-contrast', '#444444', /\[desk dark\]/]],
  ['/admin/wide', { body: '<p style="width:330px;margin:0">wide when zoomed</p>' }, ['admin', 'does not fit', 'of 320']],
  ['/admin/phone', { body: '<p style="width:380px;margin:0">wide on a phone</p>' }, ['admin', 'does not fit', 'of 360']],
  ['/admin/console', { head: '<script>console.error("planted")</script>', body: '<p class="c">x</p>' }, ['admin', 'console', 'error: planted']],
  ['/admin/skip', { skip: '', body: '<p class="s">x</p>' }, ['admin', 'skip link', 'the first Tab']],
  ['/admin/plain', { plain: true, body: `<p class="p">${'word '.repeat(600)}</p>` }, ['admin', 'compression', '/admin/plain']],
  ['/admin/heavy', { head: '<script src="/heavy.js"></script>', body: '<p class="h">x</p>' }, ['admin', 'weight', 'not 40 KB']],
];
const MORE_INSIDE = [
  ['/admin/shown.csv/now', ['admin', 'download', 'text/csv is shown instead of kept']],
  ['/admin/never/<id>', ['admin', 'forgotten']],
  ['/admin', ['admin', 'unknown', '/admin/no/policy: no policy lists this address']],
];

function faultyDashboard() {
  const { files } = soundDashboard();
  for (const [path, p] of INSIDE_FAULTS) files.set(path, inside(path, p));
  const more = ['/admin/shown.csv/now', '/admin/no/policy'];
  const all = [...INSIDE_FAULTS.map(([path]) => path), ...more].map((path) => `<a href="${path}">${path}</a>`);
  files.set('/admin', inside('/admin', { body: `<p>${all.join('<br>')}</p>` }));
  files.set('/admin/shown.csv/now', { type: 'text/csv', body: 'a,b' });
  files.set('/admin/no/policy', inside('/admin/no/policy', { body: '<p class="n">x</p>' }));
  files.set('/admin-log-in', { status: 303, type: 'text/html', body: '', location: '/elsewhere' });
  files.set('/heavy.js', { type: 'text/javascript', body: `/* ${randomBytes(50_000).toString('base64')} */` });
  const listed = [...INSIDE_FAULTS.map(([path]) => path), '/admin/never/<id>', '/admin/shown.csv/now'];
  const rows = listed.map((path) => `    ("GET", "${path}", Person),`);
  return { files, listed: [], table: `${TABLE}\n${rows.join('\n')}` };
}

// ---- serving and running ----------------------------------------------------------------------------------------------------

function serve({ files, listed }) {
  const server = createServer((request, response) => {
    const base = `http://127.0.0.1:${server.address().port}`;
    const path = request.method === 'POST' ? `POST ${request.url}` : request.url;
    let file = files.get(path) ??
      files.get(path.replace(/=.*/, '=')) ?? { status: 404, type: 'text/plain', body: 'not found' };
    if (path === '/sitemap.xml')
      file = {
        type: 'application/xml',
        body: '<sitemapindex><sitemap><loc>{base}/part.xml</loc></sitemap></sitemapindex>',
      };
    if (path === '/part.xml')
      file = {
        type: 'application/xml',
        body: `<urlset>${listed.map((p) => `<url><loc>{base}${p}</loc></url>`).join('')}</urlset>`,
      };
    const br = !file.plain && /\bbr\b/.test(request.headers['accept-encoding'] ?? '');
    const text = Buffer.from(file.body.replaceAll('{base}', base));
    response.writeHead(file.status ?? 200, {
      'content-type': file.type,
      ...(br && { 'content-encoding': 'br' }),
      ...(file.location && { location: file.location }),
      ...(file.keep && { 'content-disposition': 'attachment; filename="a.csv"' }),
    });
    response.end(br ? brotliCompressSync(text) : text);
  });
  return new Promise((done) =>
    server.listen(0, '127.0.0.1', () => done({ server, base: `http://127.0.0.1:${server.address().port}` })),
  );
}

function run(program, ...args) {
  return new Promise((done) => {
    const child = spawn(process.execPath, [join(here, `${program}.mjs`), ...args]);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
    child.on('close', (code) => done({ code, output }));
  });
}

/** Judges a dashboard as it stands. */
async function runAdmin(site) {
  const { server, base } = await serve(site);
  const folder = mkdtempSync(join(tmpdir(), 'manero-selftest-'));
  writeFileSync(join(folder, 'table.rs'), site.table);
  const ran = await run('admin', base, '--as', 'session=x', '--table', join(folder, 'table.rs'));
  rmSync(folder, { recursive: true });
  server.close();
  return { ...ran, base };
}

let wrong = 0;
const complain = (text) => {
  wrong += 1;
  console.log(`✗ ${text}`);
};

const sound = await serve(soundSite());
for (const program of ['html', 'links', 'weight', 'audit']) {
  const { code, output } = await run(program, sound.base);
  if (code !== 0) complain(`${program} finds fault with the sound site:\n${output}`);
}
sound.server.close();
const soundInside = await runAdmin(soundDashboard());
if (soundInside.code !== 0) complain(`admin finds fault with the sound dashboard:\n${soundInside.output}`);

const faulty = await serve(faultySite());
const outputs = {};
for (const program of ['html', 'links', 'weight', 'audit']) {
  const { code, output } = await run(program, faulty.base, ...(program === 'weight' ? ['/heavy'] : []));
  outputs[program] = output.replaceAll(faulty.base, '').split(/\n(?=[✗·✓] )/);
  if (code !== 1) complain(`${program} ends with ${code} on the faulty site:\n${output}`);
}
faulty.server.close();
const inner = await runAdmin(faultyDashboard());
outputs.admin = inner.output.replaceAll(inner.base, '').split(/\n(?=[✗·✓] )/);
if (inner.code !== 1) complain(`admin ends with ${inner.code} on the faulty dashboard:\n${inner.output}`);
let expectations = 0;
for (const [path, ...expected] of [
  ...[...FAULTS, ...INSIDE_FAULTS].map(([path, , ...rest]) => [path, ...rest]),
  ...MORE_EXPECTED,
  ...MORE_INSIDE,
]) {
  for (const [program, rule, text = '', pattern = /^/] of expected) {
    expectations += 1;
    const hit = outputs[program].some((finding) => {
      const [what, where = ''] = finding.split('\n    ');
      const here = where.split(/ and \d|  \[/)[0];
      return (
        what.slice(2).startsWith(`${rule}: `) &&
        what.includes(text) &&
        pattern.test(where) &&
        (` ${here} `.includes(` ${path} `) || / and \d+ more/.test(where))
      );
    });
    if (!hit) complain(`${path}: ${program} does not say "${rule}: …${text}"`);
  }
}
if (process.argv.includes('--verbose'))
  for (const [program, findings] of Object.entries(outputs)) console.log(`── ${program} ──\n${findings.join('\n')}`);
console.log(wrong > 0 ? `✗ ${wrong} wrong` : `✓ a sound site passes, and all of ${expectations} faults are found`);
process.exit(wrong > 0 ? 1 : 0);
