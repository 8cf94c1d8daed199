// How a page in a tab is judged: axe-core, what a look shows, the keyboard, and what the browser itself reports.
import { readFileSync } from 'node:fs';
import { toolPath } from './lib.mjs';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const MOST_TABS = 250;
const axeSource = readFileSync(toolPath('axe-core'), 'utf8');

/** Where `begin` says: what is found goes there. */
let report;
let base;
/** What people mainly press and type into, and how high it must be. */
let controls;
export const counted = { views: 0 };

export function begin(its, at, primary, height) {
  [report, base, controls] = [its, at, { primary, height }];
}

/** Reports what the browser notices while `its.page` is open in `its.tab`. */
export function watch(its) {
  const { tab, device } = its;
  const host = new URL(base).host;
  const main = (request) => request.isNavigationRequest() && request.frame() === tab.mainFrame();
  const found = (rule, where, what) => its.page && report.fail(rule, its.page.path, where, what, device.name);
  tab.on('request', (request) => {
    const url = new URL(request.url());
    if (/^(https?|wss?):$/.test(url.protocol) && url.host !== host)
      found('foreign request', url.href, 'the page must load nothing from elsewhere');
  });
  tab.on('requestfailed', (request) => {
    const { errorText } = request.failure() ?? {};
    if (new URL(request.url()).host === host && errorText !== 'net::ERR_ABORTED')
      found('failed request', request.url().replace(base, ''), errorText ?? 'failed');
  });
  tab.on('response', (response) => {
    if (response.status() >= 400 && !main(response.request()))
      found('failed request', response.url().replace(base, ''), `answers ${response.status()}`);
  });
  tab.on('console', (message) => {
    if (!['error', 'warning'].includes(message.type())) return;
    const { url } = message.location();
    // The answer to the page itself, or to a request already reported above.
    if (/^Failed to load resource/.test(message.text())) return;
    found('console', url?.replace(base, '') ?? '', `${message.type()}: ${message.text()}`);
  });
  tab.on('pageerror', (error) =>
    found('console', error.stack?.split('\n')[1]?.trim().replace(base, '') ?? '', `uncaught: ${error.message}`),
  );
}

/** Waits until the page shows what it will show. */
export async function settle(tab) {
  await tab.evaluate(async () => {
    for (const animation of document.getAnimations()) {
      try {
        animation.finish();
      } catch {
        // endless
      }
    }
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  });
}

// ---- axe ------------------------------------------------------------------------------------------------------------------

export async function judge(tab, page, mode) {
  counted.views += 1;
  await settle(tab);
  if (!(await tab.evaluate('typeof axe === "object"'))) await tab.evaluate(axeSource);
  const { violations, incomplete } = await tab.evaluate(runAxe, TAGS);
  for (const { id, impact, nodes } of violations) {
    const level = ['serious', 'critical'].includes(impact) ? 'fail' : 'note';
    for (const { target, message } of nodes.slice(0, 5)) report[level](`axe ${id}`, page.path, target, message, mode);
  }
  for (const { id, nodes } of incomplete) {
    for (const message of new Set(nodes.map((node) => node.message))) {
      report.note(`axe could not tell: ${id}`, page.path, '', message, mode);
    }
  }
}

/** Runs in the page. */
async function runAxe(tags) {
  const options = { resultTypes: ['violations', 'incomplete'], preload: false };
  const brief = ({ id, impact, help, nodes }) => ({
    id,
    impact,
    nodes: nodes.map(({ target, any, all, none }) => ({
      target: target.flat().join(' '),
      message: [...none, ...all, ...any][0]?.message ?? help,
    })),
  });
  const rules = { 'target-size': { enabled: true } };
  const first = await axe.run({ ...options, runOnly: { type: 'tag', values: tags }, rules });
  const violations = first.violations.map(brief);
  const incomplete = first.incomplete.map(brief);

  // axe gives up on a background gradient, which an underline often is. Such a line is taken away and axe asked again.
  const contrast = incomplete.find(({ id }) => id === 'color-contrast');
  const underlined = (contrast?.nodes ?? []).flatMap(({ target }) => {
    const element = document.querySelector(target);
    const chain = [];
    for (let e = element; e && e !== document.body; e = e.parentElement) chain.push(e);
    const lined = chain.filter((e) => getComputedStyle(e).backgroundImage !== 'none');
    const thin = ({ backgroundImage, backgroundSize, backgroundRepeat }) => {
      const height = parseFloat(backgroundSize.split(' ')[1]);
      return (
        /gradient/.test(backgroundImage) &&
        height <= 6 &&
        /px$/.test(backgroundSize) &&
        /no-repeat|repeat-x/.test(backgroundRepeat)
      );
    };
    return lined.length > 0 && lined.every((e) => thin(getComputedStyle(e))) ? [{ target, element, lined }] : [];
  });
  if (underlined.length > 0) {
    const before = new Map(underlined.flatMap(({ lined }) => lined.map((e) => [e, e.style.backgroundImage])));
    for (const e of before.keys()) e.style.setProperty('background-image', 'none', 'important');
    const again = await axe.run(
      underlined.map(({ element }) => element),
      { ...options, runOnly: ['color-contrast'] },
    );
    for (const [e, value] of before) e.style.backgroundImage = value;
    violations.push(...again.violations.map(brief));
    const settled = new Set(underlined.map(({ target }) => target));
    contrast.nodes = contrast.nodes.filter(({ target }) => !settled.has(target));
    incomplete.push(...again.incomplete.map(brief));
  }
  return { violations, incomplete };
}

// ---- what a look shows ------------------------------------------------------------------------------------------------------

export async function look(tab, page, mode, width) {
  for (const [rule, where, what] of await tab.evaluate(examine, { width, ...controls })) {
    report.fail(rule, page.path, where, what, mode);
  }
}

/** Runs in the page. */
async function examine({ width, primary, height }) {
  const found = [];
  const selector = (element) => {
    const own = (e) => e.localName + (e.id ? `#${e.id}` : [...e.classList].map((c) => `.${c}`).join(''));
    const parent = element.parentElement?.closest('[id], [class]');
    return element.id || !parent ? own(element) : `${own(parent)} ${own(element)}`;
  };
  const shown = (element) => {
    const { width, height } = element.getBoundingClientRect();
    return (
      width > 2 &&
      height > 2 &&
      !element.closest('[aria-hidden=true]') &&
      element.checkVisibility({ opacityProperty: true, visibilityProperty: true })
    );
  };

  // Does everything fit?
  const { scrollWidth, clientWidth } = document.documentElement;
  if (clientWidth > width)
    found.push(['viewport', 'head', `the page is laid out ${clientWidth} px wide: is there a viewport meta?`]);
  const wide = [];
  for (const element of document.body.querySelectorAll('*')) {
    const { right, left } = element.getBoundingClientRect();
    if ((right <= width + 0.5 && left >= -0.5) || !shown(element) || right <= 0) continue;
    let scrolls = false;
    for (let p = element.parentElement; p && p !== document.body; p = p.parentElement) {
      if (/auto|scroll/.test(getComputedStyle(p).overflowX) && p.getBoundingClientRect().right <= width + 0.5)
        scrolls = true;
    }
    const matters =
      element.matches('a, button, input, select, textarea, img') ||
      [...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!scrolls && matters) wide.push([selector(element), Math.round(right)]);
  }
  for (const [where, right] of wide.slice(0, 4)) found.push(['does not fit', where, `ends at ${right} px of ${width}`]);
  if (scrollWidth > width && wide.length === 0)
    found.push(['does not fit', 'html', `scrolls sideways: ${scrollWidth} px of ${width}`]);

  // Can it be hit?
  for (const control of document.querySelectorAll(primary)) {
    const box = control.getBoundingClientRect();
    if (!shown(control) || box.bottom + scrollY <= 0 || box.height >= height - 0.05) continue;
    found.push(['low control', selector(control), `${box.height.toFixed(1)} px high, not ${height}`]);
  }

  // Is it sound?
  const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);
  for (const id of new Set(ids.filter((id, index) => ids.indexOf(id) < index)))
    found.push(['duplicate id', `#${id}`, `on ${ids.filter((i) => i === id).length} elements`]);
  const headings = document.querySelectorAll('h1');
  if (headings.length !== 1) found.push(['h1', 'h1', `${headings.length} of them`]);
  else if (!shown(headings[0])) found.push(['h1', selector(headings[0]), 'is not shown']);

  for (const image of document.images) {
    const name = `${selector(image)} ${new URL(image.currentSrc || image.src, location).pathname}`;
    const attribute = (key) => /^\d+$/.test(image.getAttribute(key) ?? '');
    if (!attribute('width') || !attribute('height'))
      found.push(['image', name, 'needs the attributes width and height, in pixels']);
    image.loading = 'eager';
    const late = new Promise((done) => setTimeout(done, 5000, new Error('not loaded after 5 s')));
    const error = await Promise.race([
      image.decode().then(
        () => null,
        (error) => error,
      ),
      late,
    ]);
    if (error) found.push(['image', name, `broken: ${error.message}`]);
  }
  return found;
}

/** Runs in the page. */
export function mainText() {
  const text = (document.querySelector('main') ?? document.body).innerText;
  return text
    .split('\n')
    .map((line) => line.replace(/\s+/g, ' ').trim())
    .filter(Boolean)
    .join('\n');
}

// ---- the keyboard -----------------------------------------------------------------------------------------------------------

export async function skipLink(tab, page) {
  const onLoad = await tab.evaluate(() =>
    document.activeElement === document.body ? '' : `${document.activeElement.localName}#${document.activeElement.id}`,
  );
  if (onLoad) report.note('focus', page.path, onLoad, 'has the focus when the page opens');
  await tab.evaluate(toTop);
  await tab.keyboard.press('Tab');
  await settle(tab);
  const wrong = await tab.evaluate(() => {
    const link = document.activeElement;
    const target = link.hash ? document.getElementById(link.hash.slice(1)) : null;
    if (!target?.closest('main'))
      return `the first Tab leads to ${link.localName}.${link.className} "${link.textContent.trim().slice(0, 30)}", not to a link into main`;
    const { left, top, right, bottom } = link.getBoundingClientRect();
    const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
    return link.contains(hit) ? '' : 'the focused link is not to be seen';
  });
  if (wrong) {
    report.fail('skip link', page.path, '', wrong);
    return;
  }
  await tab.keyboard.press('Enter');
  await settle(tab);
  const where = await tab.evaluate(() =>
    document.activeElement.closest('main') ? '' : document.activeElement.localName,
  );
  if (where) report.fail('skip link', page.path, '', `leaves the focus on ${where}: give main tabindex="-1"`);
}

/** Runs in the page: the next Tab starts from its beginning. */
function toTop() {
  document.body.tabIndex = -1;
  document.body.focus();
  document.body.removeAttribute('tabindex');
  document.body.blur();
}

/** Tabs through the whole page: everything is reached, nothing traps, and where the focus is can be seen. */
export async function walk(tab, page, mode) {
  const expected = await tab.evaluate(() => {
    const candidates =
      'a[href], area[href], button, input, select, textarea, summary, iframe, [tabindex], [contenteditable]';
    const names = new Set();
    globalThis.walked = new Set();
    globalThis.toWalk = [...document.querySelectorAll(candidates)].filter((element) => {
      if (
        element.tabIndex < 0 ||
        element.disabled ||
        element.closest('[inert]') ||
        !element.checkVisibility({ visibilityProperty: true })
      )
        return false;
      if (element.type !== 'radio' || !element.name) return true;
      return !names.has(element.name) && names.add(element.name); // a group is one stop
    });
    return globalThis.toWalk.length;
  });
  await tab.evaluate(toTop);
  const limit = Math.min(MOST_TABS, expected * 2 + 10);
  let ended = false;
  for (let presses = 0; presses < limit && !ended; presses += 1) {
    await tab.keyboard.press('Tab');
    const { done, found } = await tab.evaluate(examineFocus);
    for (const [rule, where, what] of found) report.fail(rule, page.path, where, what, mode);
    ended = done;
  }
  const missed = await tab.evaluate(() => {
    const groups = new Set([...globalThis.walked].filter((e) => e.type === 'radio').map((e) => e.name));
    const name = (e) =>
      e.localName +
      (e.id ? `#${e.id}` : [...e.classList].map((c) => `.${c}`).join('')) +
      (e.href ? `[href="${e.getAttribute('href')}"]` : '');
    return globalThis.toWalk
      .filter((e) => e.isConnected) // a preview may have been drawn anew
      .filter((e) => !globalThis.walked.has(e) && !(e.type === 'radio' && groups.has(e.name)))
      .map(name);
  });
  if (expected > MOST_TABS)
    report.note('keyboard', page.path, '', `${expected} stops: only the first ${MOST_TABS} were tried`, mode);
  else
    for (const where of missed.slice(0, 4))
      report.fail(
        'keyboard',
        page.path,
        where,
        `Tab does not reach it (${missed.length} are missed${ended ? '' : ', something keeps the focus'})`,
        mode,
      );
}

/** Runs in the page. */
async function examineFocus() {
  const element = document.activeElement;
  const found = [];
  if (element === document.body || element === document.documentElement || !element)
    return { done: globalThis.walked.size > 0, found };
  if (globalThis.walked.has(element)) {
    // Day, month and year of one field are a stop each.
    if (globalThis.lastFocus === element && /^(date|datetime-local|time|month|week)$/.test(element.type))
      return { done: false, found };
    const stuck = globalThis.lastFocus === element && !/^(iframe|video|audio|input)$/.test(element.localName);
    return { done: !stuck, found };
  }
  globalThis.walked.add(element);
  globalThis.lastFocus = element;
  const where =
    element.localName + (element.id ? `#${element.id}` : [...element.classList].map((c) => `.${c}`).join(''));
  await new Promise((done) => requestAnimationFrame(done));
  for (const animation of document.getAnimations()) {
    try {
      animation.finish();
    } catch {
      // endless
    }
  }

  const rgba = (() => {
    const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
    return (colour) => {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
      return [...canvas.getImageData(0, 0, 1, 1).data];
    };
  })();
  const luminance = (colour) => {
    const [r, g, b] = colour
      .slice(0, 3)
      .map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  // The ring may be drawn by the element, by what wraps it, or by the label after a hidden input.
  const ringed = [element, element.parentElement, element.nextElementSibling].find((e) => {
    if (!e) return false;
    const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(e);
    return (
      outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1 && (outlineStyle === 'auto' || rgba(outlineColor)[3] > 0)
    );
  });
  if (!ringed) found.push(['focus', where, 'has no outline when focused']);
  else if (getComputedStyle(ringed).outlineStyle !== 'auto') {
    let behind = [255, 255, 255, 255];
    for (let p = ringed.parentElement; p; p = p.parentElement) {
      const colour = rgba(getComputedStyle(p).backgroundColor);
      if (colour[3] === 255) {
        behind = colour;
        break;
      }
    }
    const pair = [luminance(rgba(getComputedStyle(ringed).outlineColor)), luminance(behind)].sort((a, b) => b - a);
    const contrast = (pair[0] + 0.05) / (pair[1] + 0.05);
    if (contrast < 3)
      found.push([
        'focus',
        where,
        `its outline has a contrast of ${contrast.toFixed(1)}:1 with what is behind it, not 3:1`,
      ]);
  }

  const boxes = [...element.getClientRects()];
  const points = boxes.flatMap(({ left, top, right, bottom }) => [
    [(left + right) / 2, (top + bottom) / 2],
    [left + 2, top + 2],
    [right - 2, bottom - 2],
  ]);
  const free = points.some(([x, y]) => {
    const hit = document.elementFromPoint(x, y);
    return hit && (element.contains(hit) || hit.contains(element) || hit.closest('label')?.control === element);
  });
  if (!free) found.push(['focus', where, 'is hidden behind something, or outside the window, when focused']);
  return { done: false, found };
}
