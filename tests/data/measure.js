// What one page looks like, measured in the browser. See tests/test_pages.py.
() => {
  const seen = e => e.offsetParent !== null || getComputedStyle(e).position === 'fixed';
  const small = [...document.querySelectorAll('main *')].filter(e => seen(e) &&
    [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) &&
    parseFloat(getComputedStyle(e).fontSize) < 18 && !e.closest('svg, .hidden-text'));
  const inline = e => e.tagName === 'A' && e.parentElement &&
    getComputedStyle(e).display === 'inline' &&
    [...e.parentElement.childNodes].some(n => n.nodeType === 3 && n.data.trim());
  const targets = [...document.querySelectorAll(
    'a[href], button, input:not([type=hidden]), select, textarea, summary')].filter(e => seen(e) && !inline(e) && !e.closest('.skip, .hidden-text'));
  const tiny = targets.filter(e => {
    const box = e.getBoundingClientRect();
    const label = e.labels && e.labels[0] ? e.labels[0].getBoundingClientRect() : box;
    const high = Math.max(box.bottom, label.bottom) - Math.min(box.top, label.top);
    const wide = Math.max(box.right, label.right) - Math.min(box.left, label.left);
    return box.width > 1 && (high < 43.5 || wide < 43.5);
  });
  const clone = document.querySelector('main').cloneNode(true);
  // A date is neither easy nor hard, and would make the same page harder on a Saturday in September.
  clone.querySelectorAll('[data-user-text], table, svg, script, time, .hidden-text')
    .forEach(e => e.remove());
  return {
    small: small.map(e => e.outerHTML.slice(0, 120)),
    tiny: tiny.map(e => e.outerHTML.slice(0, 160)),
    h1: document.querySelectorAll('h1').length,
    sideways: document.documentElement.scrollWidth - innerWidth,
    words: [...clone.querySelectorAll('p, li, h1, h2, h3, legend, label, dd')]
      .map(e => e.textContent.trim().replace(/\\s+/g, ' '))
      .map(t => /[.?!:]$/.test(t) ? t : t + '.').join(' '),
    links: [...document.querySelectorAll('a[href]')].map(e => e.href),
  };
}
