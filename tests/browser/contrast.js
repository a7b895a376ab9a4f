// The text that is seen, with the contrast between its colour and what is behind it, lowest first.
(() => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
  const channels = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = (rgb) => {
    const [red, green, blue] = rgb.map((part) => part / 255)
      .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const ratio = (one, other) => {
    const [dark, bright] = [light(one), light(other)].sort((left, right) => left - right);
    return (bright + 0.05) / (dark + 0.05);
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const [red, green, blue, solid] = channels(getComputedStyle(at).backgroundColor);
      if (solid === 255) return [red, green, blue];
    }
    return [255, 255, 255];
  };
  const seen = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    const plain = !["SCRIPT", "NOSCRIPT", "STYLE"].includes(element.tagName) && !element.closest(".unseen, [hidden]");
    if (!node.data.trim() || !plain || !element.getClientRects().length) continue;
    const colour = channels(getComputedStyle(element).color).slice(0, 3);
    seen.push([Math.round(100 * ratio(colour, behind(element))) / 100, node.data.trim().slice(0, 40)]);
  }
  for (const bar of document.querySelectorAll(".legend i")) {
    const style = getComputedStyle(bar);
    const drawn = style.backgroundImage.match(/rgba?\([^)]*\)/);
    const colour = channels(drawn ? drawn[0] : style.backgroundColor).slice(0, 3);
    for (const under of [document.body, document.querySelector("table")]) {
      // What is drawn needs a contrast of 3, text one of 4.5: told on the scale of text.
      seen.push([Math.round(150 * ratio(colour, behind(under))) / 100, `bar ${bar.className}`]);
    }
  }
  return seen.sort((left, right) => left[0] - right[0]);
})()
