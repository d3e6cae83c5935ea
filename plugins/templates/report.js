// Copyright (c) 2026, unblock.updates contributors
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// The table of report.html. Texts of hosts reach the page through textContent only.
"use strict";

(() => {
  const table = document.getElementById("hosts");
  if (!table) {
    return;
  }

  const PAGE = 40; // rows drawn at a time: a browser lays out ten thousand slowly
  const OPEN_ON_PAPER = 200; // up to so many servers, paper shows the evidence of each
  const data = JSON.parse(document.getElementById("data").textContent);
  const rank = Object.fromEntries(data.rank.map((status, place) => [status, place]));

  const textOf = (number) => data.texts[number];

  // These take a host apart, whose texts stand in it as numbers; `of` says what becomes of a number.
  const readRemedy = ([action, outcome, message, time, exitCode, program, facts, log, irreversible], of) => ({
    action, outcome, message: of(message), time: of(time), exitCode, program: of(program),
    facts: facts.map((fact) => fact.map(of)), log: of(log), irreversible,
  });

  const readAssessment = ([advisory, status, action, reason, next, verification, symptom, evidence, expired, fixed, remedies], of) => ({
    advisory: of(advisory), status, action, reason: of(reason), next: of(next), verification,
    symptom: { seen: symptom[0], suspected: symptom[1], first: of(symptom[2]), last: of(symptom[3]), count: symptom[4] },
    evidence: evidence.map((item) => item.map(of)), expired: expired.map(of), fixed: of(fixed),
    remedies: remedies.map((remedy) => readRemedy(remedy, of)),
  });

  const readHost = ([
    name, status, actions, releases, os, reason, next, time, error, assessments, remedies, collected, upstream, others, rules,
    probes, left, clients, warnings,
  ], of) => ({
    name: of(name), status, actions, releases: releases.map(of), os: of(os), reason: of(reason), next: of(next), time: of(time),
    error: error && error.map(of), assessments: assessments.map((item) => readAssessment(item, of)),
    remedies: remedies.map((remedy) => readRemedy(remedy, of)), collected: of(collected), upstream: of(upstream),
    others: others.map(of), rules: rules.map((index) => data.rules[index]), probes: probes.map((probe) => probe.map(of)),
    left: of(left), clients: clients.map((client) => client.map(of)), warnings: warnings.map(of),
  });

  // What sorting and filtering ask of each of ten thousand; the rest is read when a row is drawn.
  const hosts = data.hosts.map((packed) => ({
    packed,
    name: textOf(packed[0]),
    status: packed[1],
    actions: packed[2],
    releases: packed[3].map(textOf),
    reason: textOf(packed[5]),
    next: textOf(packed[6]),
    verdicts: packed[9].map(([advisory, status, action]) => ({ advisory: textOf(advisory), status, actions: [action] })),
  }));

  // Most texts repeat from host to host, so each is searched once.
  let lowered = null;
  const searched = () => {
    if (!lowered) {
      hosts.forEach((host) => {
        const numbers = new Set();
        readHost(host.packed, (number) => numbers.add(number));
        host.numbers = Uint32Array.from(numbers);
      });
      lowered = data.texts.map((words) => words.toLowerCase());
    }
    return lowered;
  };

  const finder = (needle) => {
    const hits = Uint8Array.from(searched(), (words) => words.includes(needle));
    const statuses = data.rank.filter((status) => data.marks[status].label.toLowerCase().includes(needle));
    return (host) => statuses.includes(host.status) || host.numbers.some((number) => hits[number]);
  };

  // --- What is shown -------------------------------------------------------------------------------------------

  const filters = Object.fromEntries(
    ["text", "status", "advisory", "action", "release"].map((name) => [name, document.getElementById(`filter-${name}`)]),
  );
  const order = { column: "status", ascending: true };
  const open = new Set();
  let limit = PAGE;

  const keys = {
    name: (host) => host.name,
    status: (host) => rank[host.status],
    release: (host) => host.releases.join(),
    reason: (host) => host.reason,
    next: (host) => host.next,
  };
  const collator = new Intl.Collator("en", { numeric: true });
  const compare = (a, b) => (typeof a === "number" ? a - b : collator.compare(a, b));

  const sorted = () => {
    const key = keys[order.column];
    const sign = order.ascending ? 1 : -1;
    return [...hosts].sort((a, b) => sign * compare(key(a), key(b))); // equals stay as they came: worst first, by name
  };
  let inOrder = hosts;

  // With an advisory chosen, status and action are those of its verdict; without, those of the host.
  const matching = () => {
    const { text: wanted, status, advisory, action, release } = Object.fromEntries(
      Object.entries(filters).map(([name, field]) => [name, field.value]),
    );
    const finders = wanted.toLowerCase().split(/\s+/).filter(Boolean).map(finder);
    return inOrder.filter((host) => {
      const judged = advisory ? host.verdicts.find((item) => item.advisory === advisory) : host;
      return judged
        && (!status || judged.status === status)
        && (!action || judged.actions.includes(action))
        && (!release || host.releases.includes(release))
        && finders.every((find) => find(host));
    });
  };

  // --- How it is drawn -----------------------------------------------------------------------------------------

  const make = (tag, properties, ...children) => {
    const { dataset, ...rest } = properties;
    const element = Object.assign(document.createElement(tag), rest);
    Object.assign(element.dataset, dataset);
    element.append(...children);
    return element;
  };

  const icon = (name) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    svg.setAttribute("class", "icon");
    svg.setAttribute("aria-hidden", "true");
    use.setAttribute("href", `#icon-${name}`);
    svg.append(use);
    return svg;
  };

  const pill = (status) => {
    const mark = data.marks[status];
    return make("span", { className: `pill ${mark.tone}` }, icon(mark.icon), mark.label);
  };

  // Commands, and what stands between backticks, are shown as code.
  const CODE = /`([^`]+)`|(ansible-playbook \S+(?: --\S+(?: [^\s-]\S*)?)*)/;
  const prose = (text) => text.split(CODE).map((part, index) => (part && index % 3 ? make("code", {}, part) : part || ""));

  const field = (label, ...content) => [make("dt", {}, label), make("dd", {}, ...content)];

  const utc = (time) => time.replace("T", " ").replace(/(\.\d+)?Z$/, " UTC");

  const symptomText = ({ seen, suspected, first, last, count }) => {
    if (!seen && !suspected) {
      return seen === null ? "Unknown" : "Not seen";
    }
    const span = first === last ? utc(first) : `${utc(first)} to ${utc(last)}`;
    const often = count === null ? "count unknown" : count === 1 ? "once" : `${count} times`;
    return `${seen ? "Seen" : "Suspected"}, ${often}, ${span}`;
  };

  const tableHead = (...titles) => make("thead", {}, make("tr", {}, ...titles.map((title) => make("th", { scope: "col" }, title))));

  const evidenceTable = (evidence) => make(
    "table", { className: "evidence" },
    tableHead("Source", "Where", "Expected", "Observed"),
    make("tbody", {}, ...evidence.flatMap(([source, where, expected, observed]) => {
      const isExcerpt = observed.includes("\n"); // too wide for a column
      const row = make(
        "tr", {},
        make("td", { dataset: { label: "Source" } }, source),
        make("td", { dataset: { label: "Where" } }, make("code", {}, where)),
        make("td", { dataset: { label: "Expected" } }, expected),
        make("td", { dataset: { label: "Observed" } }, make("span", { className: "observed" }, isExcerpt ? "these lines" : observed)),
      );
      return isExcerpt ? [row, make("tr", { className: "excerpt" }, make("td", { colSpan: 4 }, make("pre", { tabIndex: 0 }, observed)))] : [row];
    })),
  );

  // A change: what was run, what it said, and the facts that it is about, before and after.
  const change = (remedy) => make(
    "section", { className: "change" },
    make("h4", {}, `${data.actions[remedy.action]}: ${data.outcomes[remedy.outcome]}`),
    make(
      "dl", {},
      ...field("Message", ...prose(remedy.message)),
      ...(remedy.time ? field("Time", `${remedy.time} by the server's clock`) : []),
      ...(remedy.exitCode === null ? [] : field("Exit code", String(remedy.exitCode))),
      ...(remedy.program ? field("Package", remedy.program) : []),
      ...(remedy.irreversible ? field("Undo", "Only by removing the product") : []),
    ),
    ...(remedy.facts.length ? [make(
      "table", { className: "evidence changed" },
      tableHead("Fact", "Before", "After"),
      make("tbody", {}, ...remedy.facts.map(([name, before, after]) => make(
        "tr", {},
        make("td", { dataset: { label: "Fact" } }, make("code", {}, name)),
        make("td", { dataset: { label: "Before" } }, make("span", { className: "observed" }, before)),
        make("td", { dataset: { label: "After" } }, make("span", { className: "observed" }, after)),
      ))),
    )] : []),
    ...(remedy.log ? [make("h4", {}, "End of the log"), make("pre", { tabIndex: 0 }, remedy.log)] : []),
  );

  const verdict = (item, rules) => {
    const [, version, sha256] = rules.find(([id]) => id === item.advisory) || [];
    return make(
      "article", {},
      make("h3", {}, `Advisory ${item.advisory} `, pill(item.status)),
      make(
        "dl", {},
        ...field("Reason", ...prose(item.reason)),
        ...field("Action", data.actions[item.action]),
        ...(item.next ? field("Next step", ...prose(item.next)) : []),
        ...field("Symptom in logs", symptomText(item.symptom)),
        ...field("Verification", data.verifications[item.verification]),
        ...(item.fixed ? field("Time of the fix", utc(item.fixed)) : []),
        ...item.expired.flatMap((note) => field("Waiver", note)),
        ...(version ? field("Rule", `version ${version}, SHA-256 `, make("code", {}, sha256.slice(0, 12))) : []),
      ),
      ...item.remedies.map(change),
      ...(item.evidence.length ? [evidenceTable(item.evidence)] : []),
    );
  };

  const failure = ([layer, observed, message], next, remedies) => make(
    "article", {},
    make("h3", {}, "Why it could not be judged"),
    make("dl", {}, ...field("Message", message), ...field("Layer", layer), ...field("Observed", observed), ...field("Next step", ...prose(next))),
    ...remedies.map(change),
  );

  const clientsTable = (clients) => make(
    "article", {},
    make("h3", {}, "Clients"),
    make(
      "table", { className: "evidence clients" },
      tableHead("Client", "Last search finished", "Symptom in its log"),
      make("tbody", {}, ...clients.map(([name, synced, symptom]) => make(
        "tr", {},
        make("td", { dataset: { label: "Client" } }, name),
        make("td", { dataset: { label: "Last search finished" } }, utc(synced)),
        make("td", { dataset: { label: "Symptom in its log" } }, symptom),
      ))),
    ),
  );

  const probesTable = (probes, left) => make(
    "article", {},
    make("h3", {}, "Asked as a client with Office 2003 would ask"),
    make(
      "table", { className: "evidence" },
      tableHead("Outcome", "Time", "Address", "What was seen"),
      make("tbody", {}, ...probes.map(([outcome, time, url, reason]) => make(
        "tr", {},
        make("td", { dataset: { label: "Outcome" } }, outcome),
        make("td", { dataset: { label: "Time" } }, time),
        make("td", { dataset: { label: "Address" } }, make("code", {}, url)),
        make("td", { dataset: { label: "What was seen" } }, make("span", { className: "observed" }, reason)),
      ))),
    ),
    ...(left ? [make("p", { className: "hint" }, left)] : []),
  );

  const readWhen = ({ time, collected }) => (collected ? `Judged ${utc(time)}; ${collected}` : `Read ${utc(time)}`);

  const details = (host) => make(
    "td", { colSpan: 5 },
    ...(host.error ? [failure(host.error, host.next, host.remedies)] : []),
    ...host.assessments.map((item) => verdict(item, host.rules)),
    ...(host.probes.length ? [probesTable(host.probes, host.left)] : []),
    ...(host.clients.length ? [clientsTable(host.clients)] : []),
    ...host.warnings.map((words) => make("p", { className: "hint" }, `Warning: ${words}`)),
    ...(host.upstream ? [make("p", { className: "hint" }, `Synchronizes from ${host.upstream}.`)] : []),
    ...host.others.map((words) => make("p", { className: "hint" }, `Also ${words}.`)),
    make("p", { className: "hint" }, host.time === "unknown" ? "No result of this run." : `${readWhen(host)}.`),
  );

  const releaseText = (host) => host.releases.map((release) => data.releases[release] || release).join(", ");

  const drawn = (entry, place) => {
    const id = `evidence-${place}`;
    const host = readHost(entry.packed, textOf);
    const button = make("button", { type: "button", className: "open" }, icon("chevron"), make("span", {}, host.name));
    const row = make(
      "tr", { className: "host" },
      make("th", { scope: "row" }, button, make("small", {}, host.os)),
      make("td", { dataset: { label: "Status" } }, pill(host.status)),
      make("td", { dataset: { label: "Release" } }, releaseText(host)),
      make("td", { dataset: { label: "Reason" } }, ...prose(host.reason)),
      make("td", { dataset: { label: "Next step" } }, ...prose(host.next || "None")),
    );
    const body = make("tbody", {}, row);
    const show = (shown) => {
      button.setAttribute("aria-expanded", String(shown));
      body.classList.toggle("opened", shown);
      if (shown && !body.lastElementChild.id) {
        body.append(make("tr", { className: "details", id }, details(host)));
        button.setAttribute("aria-controls", id);
      }
    };
    row.addEventListener("click", (event) => {
      if (!event.target.closest("button") && String(getSelection())) {
        return; // the click ended a selection of text
      }
      open[open.has(entry) ? "delete" : "add"](entry);
      show(open.has(entry));
    });
    show(open.has(entry));
    return body;
  };

  const draw = () => {
    const found = matching();
    const more = document.getElementById("more");
    table.querySelectorAll("tbody").forEach((body) => body.remove());
    table.append(...found.slice(0, limit).map(drawn));
    more.hidden = found.length <= limit;
    more.textContent = `Show ${Math.min(PAGE, found.length - limit)} more`;
    document.getElementById("shown").textContent = found.length === hosts.length
      ? `${hosts.length} servers`
      : `${found.length} of ${hosts.length} servers match`;
    table.querySelectorAll("th[data-column]").forEach((head) => {
      const sort = order.ascending ? "ascending" : "descending";
      head.setAttribute("aria-sort", head.dataset.column === order.column ? sort : "none");
    });
  };

  const restart = () => {
    limit = PAGE;
    draw();
  };

  // --- What a reader does --------------------------------------------------------------------------------------

  const form = filters.text.form;
  form.addEventListener("input", restart);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(restart)); // the fields are emptied after this event

  document.querySelectorAll("button[data-filter]").forEach((button) => button.addEventListener("click", () => {
    form.reset();
    filters[button.dataset.filter].value = button.dataset.value;
    filters.advisory.value = button.dataset.advisory || "";
    restart();
    table.scrollIntoView();
  }));

  table.querySelectorAll("th[data-column] button").forEach((button) => button.addEventListener("click", () => {
    const { column } = button.parentElement.dataset;
    order.ascending = order.column !== column || !order.ascending;
    order.column = column;
    inOrder = sorted();
    restart();
  }));

  document.getElementById("more").addEventListener("click", () => {
    const first = limit;
    limit += PAGE;
    draw();
    table.tBodies[first].querySelector("button").focus();
  });

  // From server to server; Tab goes by way of everything that is open.
  table.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && event.target.classList.contains("open")) {
      const buttons = [...table.querySelectorAll(".open")];
      const next = buttons[buttons.indexOf(event.target) + step];
      if (next) {
        event.preventDefault();
        next.focus();
      }
    }
  });

  let before = null;
  addEventListener("beforeprint", () => {
    before = { limit, open: [...open] };
    limit = hosts.length;
    const found = matching();
    if (found.length <= OPEN_ON_PAPER) {
      found.forEach((host) => open.add(host));
    }
    draw();
  });
  addEventListener("afterprint", () => {
    if (before) {
      ({ limit } = before);
      open.clear();
      before.open.forEach((host) => open.add(host));
      draw();
    }
  });

  draw();
  setTimeout(searched, 200); // ready before anybody types
})();
