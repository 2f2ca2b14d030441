"""Checks of a page as JavaScript expressions: what is cut off, and text without enough contrast (WCAG 2, AA)."""

OVERFLOW = """
[...document.querySelectorAll('body *')].filter((element) => {
  if (element.closest('.scroll, nav, svg, [hidden], script, style, option, figure')) return false;
  const box = element.getBoundingClientRect();
  return box.width > 0 && box.right > document.documentElement.clientWidth + 1;
}).map((element) => element.outerHTML.slice(0, 120))
"""

CONTRAST = """
(() => {
  const parse = (text) => { const n = text.match(/[\\d.]+/g).map(Number); return n.length === 3 ? [...n, 1] : n; };
  const over = (top, below) => top.slice(0, 3).map((value, k) => value * top[3] + below[k] * (1 - top[3]));
  const light = (rgb) => {
    const [r, g, b] = rgb.map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const background = (element) => {
    const layers = [];
    for (let node = element; node; node = node.parentElement) {
      layers.push(parse(getComputedStyle(node).backgroundColor));
    }
    return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255]);
  };
  const failures = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || element.closest('script, style, noscript, option, title')) continue;
    if (!element.getClientRects().length || element.closest(':disabled')) continue;
    if (element.matches('svg.figure text[style*="#"]:not([style*="var("])')) continue;  // on a coloured cell
    const style = getComputedStyle(element), behind = background(element);
    const colour = parse(element.closest('svg') ? style.fill : style.color);
    const [a, b] = [light(over(colour, behind)), light(behind)].sort((x, y) => y - x);
    const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < (large ? 3 : 4.5)) failures.push(`${ratio.toFixed(2)} ${element.outerHTML.slice(0, 100)}`);
  }
  return failures.slice(0, 10);
})()
"""
