// What the home page weighs on the wire: a first visit, with headers, as Chromium counts (`encodedDataLength`), everything that
// scrolling to the end loads included.
import { get } from 'node:http';
import { DESK, MOBILE, Report, commandLine, context, launch, table } from './lib.mjs';

const { base, words, options } = commandLine(
  `Usage: weight.mjs BASE [PATH...] [--total KB] [--script KB]
  PATH          pages to weigh; / unless told
  --total KB    most a page may weigh, 60 unless told (1 KB is 1000 bytes)
  --script KB   most its scripts may weigh, 6 unless told`,
  { total: { type: 'string', default: '60' }, script: { type: 'string', default: '6' } },
);

const report = new Report('weight');
const browser = await launch();
for (const path of words.length > 0 ? words : ['/']) {
  for (const device of [{ ...MOBILE, deviceScaleFactor: 3 }, DESK]) await weigh(path, device);
}
await browser.close();
report.end(`at most ${options.total} KB, scripts ${options.script} KB`);

async function weigh(path, device) {
  const itsContext = await context(browser, device);
  const tab = await itsContext.newPage();
  const network = await itsContext.newCDPSession(tab);
  await network.send('Network.enable');
  await network.send('Network.setCacheDisabled', { cacheDisabled: true });
  const requests = new Map();
  network.on('Network.requestWillBeSent', ({ requestId, request, type }) =>
    requests.set(requestId, { url: request.url, type, bytes: 0 }),
  );
  network.on('Network.responseReceived', ({ requestId, response, type }) => {
    const encoding =
      Object.entries(response.headers).find(([name]) => name.toLowerCase() === 'content-encoding')?.[1] ?? '–';
    Object.assign(requests.get(requestId) ?? {}, { type, encoding, status: response.status });
  });
  network.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (requests.has(requestId)) requests.get(requestId).bytes = encodedDataLength;
  });
  await tab.goto(base + path, { waitUntil: 'networkidle' });
  await tab.evaluate(async () => {
    for (let y = 0; y < document.documentElement.scrollHeight; y += innerHeight) {
      scrollTo(0, y);
      await new Promise((done) => setTimeout(done, 50));
    }
  });
  await tab.waitForLoadState('networkidle');

  const loaded = [...requests.values()].filter(({ url }) => /^https?:/.test(url));
  const icon = await tab.evaluate(() => document.querySelector('link[rel~=icon]')?.href);
  if (icon && !loaded.some(({ url }) => url === icon)) loaded.push(await weighIcon(icon)); // a headless browser has no use for it
  loaded.sort((a, b) => b.bytes - a.bytes);
  const sum = (some) => some.reduce((total, { bytes }) => total + bytes, 0);
  const scripts = loaded.filter(({ type }) => type === 'Script');
  console.log(`${path}, ${device.name} ${device.viewport.width}x${device.viewport.height}`);
  table([
    ...loaded.map(({ url, type, encoding, bytes }) => [bytes, type, encoding ?? '–', url.replace(base, '')]),
    [sum(loaded), 'all', '', `${loaded.length} requests`],
    [sum(scripts), 'scripts', '', ''],
  ]);

  const over = (what, bytes, most) => {
    if (bytes > most * 1000)
      report.fail(what, path, '', `${(bytes / 1000).toFixed(1)} KB, not ${most} KB`, device.name);
  };
  over('total', sum(loaded), Number(options.total));
  over('scripts', sum(scripts), Number(options.script));
  for (const { url, type, encoding, bytes } of loaded) {
    const text = ['Document', 'Stylesheet', 'Script'].includes(type) || /\.svg$/.test(url);
    if (text && bytes > 1500 && encoding !== 'br')
      report.fail(
        'compression',
        path,
        url.replace(base, ''),
        `sent as ${encoding === '–' ? 'it is' : encoding}, not br`,
      );
  }
  await itsContext.close();
}

function weighIcon(url) {
  return new Promise((done, failed) => {
    const request = get(url, { headers: { 'accept-encoding': 'br', connection: 'close' } }, (response) => {
      response.resume().on('end', () => {
        done({ url, type: 'Icon', encoding: response.headers['content-encoding'], bytes: response.socket.bytesRead });
      });
    });
    request.on('error', failed);
  });
}
