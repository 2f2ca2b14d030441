// The live panel: the same arithmetic as decouple/pages/live_panel.py, on the scores of decouple/pages/panel_data.py.
(() => {
  "use strict";
  const panel = document.getElementById("live");
  if (!panel) return;
  const data = JSON.parse(document.getElementById("panel-data").textContent);
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer;
  const labels = new Uint16Array(bytes(data.labels));
  const numClasses = data.logShares.length;
  const logShares = Float64Array.from(data.logShares);
  const classifiers = data.classifiers.map((entry) => ({
    name: entry.name,
    kept: entry.kept,
    classes: entry.classes && new Uint16Array(bytes(entry.classes)),
    steps: new Uint16Array(bytes(entry.steps)),
    scale: new Float32Array(bytes(entry.scale)),
    rest: entry.rest && Float64Array.from(new Int16Array(bytes(entry.rest)), (value) => value / data.restSteps),
    logAssumed: Float64Array.from(entry.logAssumed),
  }));
  const order = [...logShares.keys()].sort((a, b) => logShares[b] - logShares[a] || a - b);
  const images = new Float64Array(numClasses);
  labels.forEach((label) => { images[label] += 1; });

  // Linear interpolation between the stops at which the sum of the classes that a row leaves out is stored.
  function restWeights(position) {
    const stops = position.follow ? data.priorStops : data.tauStops;
    const value = position.follow ? position.prior : position.tau;
    const offset = position.follow ? data.tauStops.length : 0;
    const steps = (stops.length - 1) * (value - stops[0]) / (stops[stops.length - 1] - stops[0]);
    const low = Math.min(Math.floor(steps), stops.length - 2);
    return { low: offset + low, share: steps - low, width: data.tauStops.length + data.priorStops.length };
  }

  function predict(classifier, position) {
    const shift = new Float64Array(numClasses);
    for (let j = 0; j < numClasses; j += 1) {
      shift[j] = position.follow ? position.prior * logShares[j] : classifier.logAssumed[j] - position.tau * logShares[j];
    }
    const { kept, classes, steps, scale, rest } = classifier;
    const weights = restWeights(position);
    const predicted = new Uint16Array(labels.length);
    const confidence = new Float64Array(labels.length);
    const scores = new Float64Array(kept);
    for (let i = 0; i < labels.length; i += 1) {
      const start = i * kept;
      let top = -Infinity;
      for (let k = 0; k < kept; k += 1) {
        const label = classes ? classes[start + k] : k;
        const score = shift[label] - steps[start + k] * scale[i];
        scores[k] = score;
        if (score > top) { top = score; predicted[i] = label; }
      }
      let sum = 0;
      for (let k = 0; k < kept; k += 1) sum += Math.exp(scores[k] - top);
      if (rest) {
        const at = i * weights.width + weights.low;
        sum += Math.exp(rest[at] * (1 - weights.share) + rest[at + 1] * weights.share - top);
      }
      confidence[i] = 1 / sum;
    }
    return { predicted, confidence };
  }

  function outcome(classifier, position) {
    const { predicted, confidence } = predict(classifier, position);
    const hits = new Float64Array(numClasses), answers = new Float64Array(numClasses), right = new Float64Array(numClasses);
    for (let i = 0; i < labels.length; i += 1) {
      const label = labels[i], correct = predicted[i] === label;
      if (correct) hits[label] += 1;
      if (confidence[i] >= position.threshold) { answers[label] += 1; if (correct) right[label] += 1; }
    }
    let total = 0, deployed = 0, answered = 0, answeredRight = 0, balanced = 0, present = 0;
    for (let j = 0; j < numClasses; j += 1) {
      if (!images[j]) continue;
      const weight = Math.exp(position.prior * logShares[j]);
      total += weight;
      deployed += weight * hits[j] / images[j];
      answered += weight * answers[j] / images[j];
      answeredRight += weight * right[j] / images[j];
      balanced += hits[j] / images[j];
      present += 1;
    }
    const recalls = Array.from(hits, (count, j) => (images[j] ? 100 * count / images[j] : NaN));
    const mean = (members) => {
      const known = members.map((j) => recalls[j]).filter((value) => !Number.isNaN(value));
      return known.length ? known.reduce((a, b) => a + b, 0) / known.length : NaN;
    };
    const groups = Object.fromEntries(Object.entries(data.groups).map(([name, members]) => [name, mean(members)]));
    return {
      predicted, confidence, recalls,
      values: {
        deployed: 100 * deployed / total, balanced: 100 * balanced / present, ...groups,
        answered: 100 * answered / total, answeredAccuracy: answered ? 100 * answeredRight / answered : NaN,
      },
    };
  }

  const control = (name) => panel.querySelector(`[data-control="${name}"]`);
  const number = (value) => (Number.isNaN(value) ? "–" : value.toFixed(1));
  const signed = (value) => (Number.isNaN(value) ? "–" : `${value >= 0.05 ? "+" : value <= -0.05 ? "−" : ""}${Math.abs(value).toFixed(1)}`);
  const put = (cell, text, value) => { cell.textContent = text; if (value !== undefined) cell.dataset.value = value; };

  function readPosition() {
    return {
      tau: Number(control("tau").value),
      prior: 1 - Number(control("prior").value),
      follow: control("follow").checked,
      threshold: Number(control("threshold").value),
    };
  }

  function priorText(prior) {
    if (Math.abs(prior) < 1e-9) return "uniform: all classes equally often";
    if (prior === 1) return "as in training";
    if (prior === -1) return "reversed: the rarest class most often";
    return prior > 0 ? `between training and uniform (training shares to the power ${prior.toFixed(2)})`
      : `between uniform and reversed (training shares to the power −${Math.abs(prior).toFixed(2)})`;
  }

  function showValues(now, before) {
    for (const row of panel.querySelectorAll("[data-metric]")) {
      const name = row.dataset.metric, value = now.values[name], reference = before.values[name];
      put(row.querySelector(".now"), number(value), value);
      put(row.querySelector(".before"), number(reference), reference);
      const change = row.querySelector(".change");
      put(change, signed(value - reference));
      change.className = `change ${value - reference >= 0.05 ? "gain" : value - reference <= -0.05 ? "loss" : ""}`;
    }
  }

  const SVG = "http://www.w3.org/2000/svg";
  function shape(parent, name, attributes) {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    parent.append(element);
    return element;
  }

  // Classes from many to few training images, in at most 60 bars; a bar of several classes is their mean.
  function bars(recalls) {
    const size = Math.max(1, Math.ceil(numClasses / 60)), result = [];
    for (let start = 0; start < numClasses; start += size) {
      const members = order.slice(start, start + size).filter((j) => images[j]);
      if (members.length) result.push({ members, mean: members.reduce((sum, j) => sum + recalls[j], 0) / members.length });
    }
    return result;
  }

  function draw(now, before) {
    const chart = panel.querySelector("svg.classes");
    const width = 496, base = 165;
    chart.replaceChildren();
    for (const level of [0, 50, 100]) {
      const y = base - 1.5 * level;
      shape(chart, "line", { x1: 34, x2: width, y1: y, y2: y, class: "grid" });
      shape(chart, "text", { x: 28, y: y + 4, "text-anchor": "end" }).textContent = level;
    }
    const current = bars(now.recalls), reference = bars(before.recalls), step = (width - 40) / current.length;
    current.forEach((bar, index) => {
      const x = 38 + index * step, wide = Math.max(1, step * 0.72), old = reference[index].mean;
      const rectangle = shape(chart, "rect", {
        x, width: wide, y: base - 1.5 * bar.mean, height: 1.5 * bar.mean,
        class: bar.mean > old + 0.05 ? "gain" : bar.mean < old - 0.05 ? "loss" : "same",
      });
      const title = bar.members.length === 1 ? data.names[bar.members[0]] : `${bar.members.length} classes from ${data.names[bar.members[0]]} on`;
      shape(rectangle, "title", {}).textContent = `${title}: ${number(bar.mean)} %, stage one ${number(old)} %`;
      shape(chart, "line", { x1: x - 1, x2: x + wide + 1, y1: base - 1.5 * old, y2: base - 1.5 * old, class: "reference" });
    });
    shape(chart, "text", { x: 38, y: 184 }).textContent = "most training images";
    shape(chart, "text", { x: width, y: 184, "text-anchor": "end" }).textContent = "fewest";
    chart.setAttribute("aria-label", `Accuracy of the classes from most to fewest training images: ${current.length} bars, ${
      current.filter((bar, index) => bar.mean > reference[index].mean + 0.05).length} above stage one, ${
      current.filter((bar, index) => bar.mean < reference[index].mean - 0.05).length} below`);
  }

  function listChanges(now, before) {
    const changed = order.filter((j) => images[j] >= 10).map((j) => [now.recalls[j] - before.recalls[j], j]);
    const gains = changed.filter(([change]) => change > 0).sort((a, b) => b[0] - a[0]).slice(0, 5);
    const losses = changed.filter(([change]) => change < 0).sort((a, b) => a[0] - b[0]).slice(0, 5);
    for (const [name, entries] of [["gains", gains], ["losses", losses]]) {
      const list = panel.querySelector(`[data-list="${name}"]`);
      list.replaceChildren(...(entries.length ? entries : [null]).map((entry) => {
        const item = document.createElement("li"), title = document.createElement("bdi");
        if (entry === null) { item.textContent = "none"; return item; }
        title.textContent = data.names[entry[1]];
        item.append(title, ` ${signed(entry[0])} (${number(before.recalls[entry[1]])} → ${number(now.recalls[entry[1]])} %)`);
        return item;
      }));
    }
  }

  function showPair(now, before, position) {
    const pair = [Number(control("first").value), Number(control("second").value)];
    const count = (result, label, column, threshold) => {
      let total = 0;
      for (let i = 0; i < labels.length; i += 1) {
        if (labels[i] !== label) continue;
        const at = result.confidence[i] < threshold ? 3 : pair.indexOf(result.predicted[i]);
        if ((at === -1 ? 2 : at) === column) total += 1;
      }
      return total;
    };
    panel.querySelectorAll("[data-pair-name]").forEach((cell) => { cell.textContent = data.names[pair[Number(cell.dataset.pairName)]]; });
    panel.querySelectorAll("[data-pair]").forEach((cell) => {
      const [row, column] = cell.dataset.pair.split(",").map(Number);
      const value = count(now, pair[row], column, position.threshold);
      put(cell, `${value} (${count(before, pair[row], column, 0)})`, value);
    });
  }

  let waiting = false;
  function update() {
    waiting = false;
    const position = readPosition();
    const chosen = classifiers[control("classifier") ? Number(control("classifier").value) : 0];
    const now = outcome(chosen, position);
    const before = outcome(classifiers[0], { tau: 0, prior: position.prior, follow: false, threshold: 0 });
    control("tau").disabled = position.follow;
    put(panel.querySelector('[data-text="tau"]'), position.follow ? "set by the prior" : position.tau.toFixed(2));
    put(panel.querySelector('[data-text="prior"]'), priorText(position.prior));
    put(panel.querySelector('[data-text="threshold"]'), position.threshold ? position.threshold.toFixed(2) : "off");
    showValues(now, before);
    draw(now, before);
    listChanges(now, before);
    showPair(now, before, position);
    panel.dataset.state = "ready";
  }

  function fillClasses() {
    for (const [name, index] of [["first", 0], ["second", 1]]) {
      const options = order.map((j) => new Option(data.names[j], j));
      control(name).replaceChildren(...options);
      control(name).value = data.pair[index];
    }
  }

  fillClasses();
  panel.addEventListener("input", () => {
    panel.dataset.state = "busy";
    if (!waiting) { waiting = true; requestAnimationFrame(update); }
  });
  panel.querySelector("form").addEventListener("reset", () => setTimeout(() => { fillClasses(); update(); }));
  update();
})();
