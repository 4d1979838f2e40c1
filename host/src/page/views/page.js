'use strict';
// Keeps the page up to date: hears that there is news, loads the page again, and puts what
// is new into the place of what was there. What has the focus stays as it is.

const live = document.getElementById('live');
const pause = document.getElementById('pause');
const ofLetters = location.pathname === '/letters';
const REST = ofLetters ? 3000 : 1000;
const ALONE = 15000;

let paused = false;
let stream = null;
let seen = null;
let waits = null;
let loads = false;

const say = (words) => {
  if (live.textContent !== words) live.textContent = words;
};

const holdsFocus = (node) => node.contains(document.activeElement);

/** Puts `fresh`, a list, into the place of `list`; items that are the same stay. */
const renewList = (list, fresh) => {
  const wanted = [...fresh.children].map((item) => {
    const known = [...list.children].find((old) => old.id === item.id);
    return known && (known.isEqualNode(item) || holdsFocus(known)) ? known : document.adoptNode(item);
  });
  for (const item of [...list.children]) {
    if (!wanted.includes(item) && !holdsFocus(item)) item.remove();
  }
  let next = list.firstElementChild;
  for (const item of wanted) {
    if (item === next) next = next.nextElementSibling;
    else list.insertBefore(item, next);
  }
  if (fresh.start !== undefined) list.start = fresh.start;
};

const renew = (page) => {
  document.title = page.title;
  for (const part of document.querySelectorAll('[data-live], [data-list]')) {
    const fresh = page.getElementById(part.id);
    if (!fresh || part.isEqualNode(fresh)) continue;
    if ('list' in part.dataset) {
      renewList(part, fresh);
    } else if (!holdsFocus(part)) {
      const isOpen = part.querySelector('details')?.open;
      // The part itself stays: readers of the screen tell what changes within one that they know.
      part.replaceChildren(...fresh.childNodes);
      const details = part.querySelector('details');
      if (details && isOpen) details.open = true;
    }
  }
};

const load = async () => {
  if (loads || paused) return;
  loads = true;
  try {
    const answer = await fetch(location.href, { credentials: 'same-origin' });
    // The token is another one, or was shown half a day ago.
    if (answer.status === 401) return location.assign('/enter');
    if (!answer.ok) throw new Error(answer.statusText);
    renew(new DOMParser().parseFromString(await answer.text(), 'text/html'));
    say('Up to date');
  } catch {
    say('No answer; trying again');
  } finally {
    loads = false;
  }
};

/** Loads the page soon, and no more often than it may. */
const soon = (rest = REST) => {
  if (waits !== null || paused) return;
  waits = setTimeout(async () => {
    waits = null;
    await load();
  }, rest);
};

const open = () => {
  stream = new EventSource('/events');
  stream.onopen = () => say('Up to date');
  stream.onmessage = ({ data }) => {
    const [all, letters] = data.split(' ');
    const news = ofLetters ? letters : all;
    if (seen !== news) soon(seen === null ? 0 : REST);
    seen = news;
  };
  stream.onerror = () => {
    say('No answer; trying again');
    // A stream that was refused does not come back by itself.
    if (stream.readyState === EventSource.CLOSED) setTimeout(() => paused || (load(), open()), ALONE);
  };
};

const close = () => {
  stream?.close();
  clearTimeout(waits);
  waits = null;
};

if (live && pause) {
  pause.hidden = false;
  pause.addEventListener('click', () => {
    paused = !paused;
    pause.textContent = paused ? 'Go on with updates' : 'Pause updates';
    if (paused) {
      close();
      say('Paused');
    } else {
      seen = null;
      open();
    }
  });
  open();
  addEventListener('pagehide', close);
  addEventListener('pageshow', ({ persisted }) => persisted && !paused && open());
}
