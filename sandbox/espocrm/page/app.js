"use strict";
// Shows the state of the stand-in and turns its switches. Everything is built with textContent: what leads
// and webhooks carry is never read as markup.

const byId = (id) => document.getElementById(id);
const ui = { lang: localStorage.getItem("espo-lang") || "ru", state: null, revision: "", open: new Set(), editing: null };
const t = () => TEXTS[ui.lang];

function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "test") node.dataset.testid = value;
    else if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key in node && key !== "list") node[key] = value;
    else node.setAttribute(key, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

async function call(method, path, body) {
  const answer = await fetch(`/sandbox/${path}`, {
    method,
    headers: { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (answer.status === 204) return null;
  const data = await answer.json();
  if (!answer.ok) toast(data.error || String(answer.status), true);
  return data;
}

let toastTimer = 0;
function toast(text, bad = false) {
  const node = byId("toast");
  node.textContent = text;
  node.classList.toggle("bad", bad);
  node.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { node.hidden = true; }, 2600);
}

const time = (stamp) => (stamp || "").slice(11, 19);
const day = (stamp) => `${stamp.slice(8, 10)}.${stamp.slice(5, 7)}.${stamp.slice(0, 4)} ${stamp.slice(11, 16)}`;

// ---- leads -------------------------------------------------------------------------------------------

function leadName(lead) {
  return [lead.firstName, lead.lastName].filter(Boolean).join(" ") || lead.accountName || lead.name || t().noName;
}

function nameForm(lead) {
  const first = el("input", { value: lead.firstName || "", placeholder: t().firstName, test: "lead-first" });
  const last = el("input", { value: lead.lastName || "", placeholder: t().lastName, test: "lead-last" });
  const done = () => { ui.editing = null; renderLeads(); };
  const save = async (event) => {
    event.preventDefault();
    const body = { firstName: first.value, lastName: last.value, user: byId("person").value };
    const answer = await call("POST", `records/Lead/${lead.id}`, body);
    if (answer && answer.id) toast(t().saved);
    done();
    await refresh();
  };
  return el("form", { className: "name-form", onsubmit: save }, first, last,
    el("button", { className: "primary", test: "lead-save", textContent: t().save }),
    el("button", { type: "button", test: "lead-cancel", textContent: t().cancel, onclick: done }));
}

function statusSelect(lead) {
  const change = async (event) => {
    const body = { status: event.target.value, user: byId("person").value };
    event.target.blur();
    await call("POST", `records/Lead/${lead.id}`, body);
    await refresh();
  };
  const select = el("select", { className: "status", test: "lead-status", onchange: change, ariaLabel: "status" });
  for (const status of ui.state.statuses) {
    select.append(el("option", { value: status, textContent: t().statuses[status] || status, selected: status === lead.status }));
  }
  select.dataset.status = lead.status;
  return select;
}

function customFields(lead) {
  const shown = ui.state.customFields.filter((name) => lead[name] !== null && lead[name] !== undefined && lead[name] !== "" && lead[name] !== false);
  if (!shown.length) return null;
  return el("dl", { className: "fields", test: "lead-fields" }, ...shown.map((name) =>
    el("div", { test: `field-${name}` }, el("dt", { textContent: name }), el("dd", { textContent: String(lead[name]) }))));
}

function activity(item) {
  const state = item.status ? t().states[item.status] || item.status : "";
  const title = item.post || [item.name, item.description].filter(Boolean).join(" — ");
  const when = item.dateStart || item.dateEnd || item.createdAt;
  return el("li", { test: "activity", className: `activity ${item.scope.toLowerCase()}` },
    el("span", { className: "dot", ariaHidden: "true" }),
    el("div", {},
      el("div", { className: "activity-text", textContent: title }),
      el("div", { className: "muted small", textContent: [t().scopes[item.scope] || item.scope, state, day(when), item.createdByName].filter(Boolean).join(" · ") })));
}

function activities(lead) {
  const items = lead.activities;
  if (!items.length) return el("p", { className: "muted small none", textContent: t().noActivities });
  const open = ui.open.has(lead.id);
  const list = el("ul", { className: "activities" }, ...(open ? items : items.slice(0, 3)).map(activity));
  const toggle = () => { if (open) ui.open.delete(lead.id); else ui.open.add(lead.id); renderLeads(); };
  const more = items.length > 3
    ? el("button", { type: "button", className: "link", test: "show-all", onclick: toggle, textContent: open ? t().showLess : t().showAll(items.length) })
    : null;
  return el("div", {}, list, more);
}

function leadCard(lead) {
  const edit = () => { ui.editing = lead.id; renderLeads(); };
  const title = ui.editing === lead.id
    ? nameForm(lead)
    : el("h3", { test: "lead-name" }, leadName(lead),
        el("button", { type: "button", className: "icon", title: t().edit, ariaLabel: t().edit, test: "lead-edit", onclick: edit, textContent: "✎" }));
  const reach = el("div", { className: "reach" },
    lead.phoneNumber ? el("span", { test: "lead-phone", textContent: lead.phoneNumber }) : null,
    lead.emailAddress ? el("span", { test: "lead-email", textContent: lead.emailAddress }) : null,
    lead.accountName ? el("span", { test: "lead-company", textContent: lead.accountName }) : null);
  const card = el("article", { className: "card", test: "lead-card" },
    el("div", { className: "card-head" }, title, statusSelect(lead)), reach,
    lead.description ? el("p", { className: "description", test: "lead-description", textContent: lead.description }) : null,
    customFields(lead), activities(lead),
    el("div", { className: "card-foot muted small" },
      el("span", { textContent: `${t().owner}: ${lead.assignedUserName || t().nobody}` }),
      el("span", { textContent: `${t().created} ${day(lead.createdAt)} · ${lead.createdByName || "—"}` })));
  card.dataset.leadId = lead.id;
  return card;
}

function found(lead, text) {
  const where = [leadName(lead), lead.phoneNumber, lead.emailAddress, lead.accountName];
  return where.some((part) => (part || "").toLowerCase().includes(text));
}

function renderLeads() {
  const text = byId("search").value.trim().toLowerCase();
  const leads = ui.state.leads.filter((lead) => found(lead, text));
  byId("leads-count").textContent = ui.state.totals.Lead;
  const empty = el("p", { className: "empty", test: "leads-empty", textContent: text ? t().nothingFound : t().emptyLeads });
  byId("leads").replaceChildren(...(leads.length ? leads.map(leadCard) : [empty]));
}

// ---- webhooks and requests ----------------------------------------------------------------------------

function delivery(item) {
  const code = item.status ? String(item.status) : t().noAnswer;
  const pretty = JSON.stringify(JSON.parse(item.body), null, 1);
  return el("details", { className: "row", test: "delivery" },
    el("summary", {},
      el("span", { className: `code ${item.outcome.toLowerCase()}`, textContent: code }),
      el("span", { className: "row-main", textContent: item.event }),
      el("span", { className: "muted small", textContent: time(item.at) }),
      el("span", { className: "muted small wide", textContent: `${t().outcomes[item.outcome] || item.outcome} · ${item.url}` })),
    el("pre", { textContent: pretty }));
}

function requestRow(item) {
  const kind = item.status >= 500 || item.status === 0 ? "failed" : item.status >= 400 ? "pending" : "success";
  return el("div", { className: "row plain", test: "request-row" },
    el("span", { className: `code ${kind}`, textContent: item.status || "×" }),
    el("span", { className: "row-main mono", textContent: `${item.method} ${item.path || "/"}` }),
    el("span", { className: "muted small", textContent: time(item.at) }));
}

function renderLogs() {
  byId("hooks-summary").textContent = t().summary(ui.state.hooks.length, ui.state.waiting);
  const opened = [...byId("deliveries").querySelectorAll("details")].some((node) => node.open);
  if (!opened) fill("deliveries", ui.state.deliveries.slice(0, 20).map(delivery), t().emptyDeliveries);
  fill("requests", ui.state.requests.slice(0, 20).map(requestRow), t().emptyRequests);
}

function fill(id, rows, empty) {
  byId(id).replaceChildren(...(rows.length ? rows : [el("p", { className: "muted small", textContent: empty })]));
}

// ---- faults --------------------------------------------------------------------------------------------

function paramInput(kind, name, value) {
  const test = `fault-${kind}-${name}`;
  if (name === "mode") {
    return el("select", { name, test }, ...ui.state.downModes.map((mode) =>
      el("option", { value: mode, textContent: t().modes[mode], selected: mode === value })));
  }
  if (name === "status") {
    return el("select", { name, test }, ...[429, 503].map((code) => el("option", { value: code, textContent: code, selected: code === value })));
  }
  if (name === "field") {
    return el("select", { name, test }, ...ui.state.customFields.map((field) => el("option", { value: field, textContent: field, selected: field === value })));
  }
  if (name === "entity" && kind !== "field_removed") {
    return el("select", { name, test }, ...["", "Lead", "Call", "Task", "Note"].map((entity) =>
      el("option", { value: entity, textContent: entity || t().any, selected: entity === value })));
  }
  if (name === "entity") return el("input", { type: "hidden", name, value });
  return el("input", { type: "number", name, min: 0, step: "any", value, test });
}

function readParams(form) {
  const body = {};
  for (const input of form.elements) {
    if (!input.name || (input.name === "times" && input.value === "")) continue;
    const number = input.type === "number" || input.name === "status";
    body[input.name] = number ? Number(input.value) : input.value;
  }
  return body;
}

function faultRow(kind, defaults, active) {
  const [title, hint] = t().faultNames[kind];
  const params = active ? active.params : defaults;
  const form = el("form", { className: "params" }, ...Object.entries(params).map(([name, value]) => {
    const input = paramInput(kind, name, value);
    return input.type === "hidden" ? input : el("label", {}, el("span", { textContent: t().params[name] }), input);
  }));
  if (!["key_revoked", "field_removed"].includes(kind)) {
    form.append(el("label", {}, el("span", { textContent: t().times }),
      el("input", { type: "number", name: "times", min: 1, step: 1, placeholder: "∞", title: t().always, value: active && active.left ? active.left : "", test: `fault-${kind}-times` })));
  }
  const flip = async (event) => {
    if (event.target.checked) await call("POST", "faults", { kind, ...readParams(form) });
    else await call("DELETE", `faults/${kind}`);
    event.target.blur();
    await refresh();
  };
  const note = active ? ` · ${active.left ? t().left(active.left) : t().on}` : "";
  const row = el("div", { className: active ? "fault on" : "fault", test: `fault-row-${kind}` },
    el("label", { className: "fault-head" },
      el("span", {}, el("strong", { textContent: title }), el("span", { className: "muted small", textContent: hint + note })),
      el("input", { type: "checkbox", className: "switch", checked: Boolean(active), onchange: flip, test: `fault-${kind}` })));
  if (form.elements.length) row.append(form);
  return row;
}

function renderFaults() {
  const active = Object.fromEntries(ui.state.faults.map((fault) => [fault.kind, fault]));
  byId("faults").replaceChildren(...Object.entries(ui.state.faultKinds).map(([kind, defaults]) => faultRow(kind, defaults, active[kind])));
  const names = ui.state.faults.map((fault) => t().faultNames[fault.kind][0]).join(", ");
  byId("alarm").hidden = !names;
  byId("alarm").textContent = t().alarm(names);
}

// ---- the whole page -------------------------------------------------------------------------------------

function busy(id) {
  return byId(id).contains(document.activeElement) && document.activeElement.matches("input, select");
}

function renderHead() {
  document.documentElement.lang = ui.lang;
  document.querySelectorAll("[data-text]").forEach((node) => { node.textContent = t()[node.dataset.text]; });
  document.querySelectorAll("[data-placeholder]").forEach((node) => { node.placeholder = t()[node.dataset.placeholder]; });
  document.querySelectorAll("[data-lang]").forEach((node) => node.setAttribute("aria-pressed", String(node.dataset.lang === ui.lang)));
  byId("version").textContent = ui.state.version;
  if (document.activeElement !== byId("speed")) {
    const speed = String(ui.state.speed);
    if (![...byId("speed").options].some((option) => option.value === speed)) {
      byId("speed").append(el("option", { value: speed, textContent: `×${speed}` }));
    }
    byId("speed").value = speed;
  }
  const person = byId("person");
  if (!person.options.length) {
    person.append(...ui.state.users.map((user) => el("option", { value: user.userName, textContent: user.name })));
    person.value = "anna";
  }
}

function render() {
  renderHead();
  if (!busy("leads")) renderLeads();
  renderLogs();
  if (!busy("faults")) renderFaults();
}

async function refresh() {
  let state = null;
  try {
    state = await call("GET", `state?since=${ui.revision}`);
  } catch {
    return;
  }
  if (!state) return;
  ui.state = state;
  ui.revision = state.revision;
  ui.seenAt = performance.now();
  render();
}

function tick() {
  if (!ui.state) return;
  const base = Date.parse(`${ui.state.now.replace(" ", "T")}Z`);
  const now = new Date(base + (performance.now() - ui.seenAt) * ui.state.speed);
  byId("clock").textContent = `${now.toISOString().slice(11, 19)} UTC`;
}

function setLanguage(lang) {
  ui.lang = lang;
  localStorage.setItem("espo-lang", lang);
  render();
}

document.querySelectorAll("[data-lang]").forEach((node) => node.addEventListener("click", () => setLanguage(node.dataset.lang)));
byId("search").addEventListener("input", renderLeads);
byId("deliver").addEventListener("click", async () => {
  const answer = await call("POST", "deliver", { force: true });
  toast(t().sent(answer.sent));
  await refresh();
});
byId("heal").addEventListener("click", async () => { await call("DELETE", "faults"); await refresh(); });
byId("speed").addEventListener("change", async (event) => {
  await call("POST", "clock", { speed: Number(event.target.value) });
  event.target.blur();
  ui.revision = "";
  await refresh();
});
byId("reset").addEventListener("click", async () => {
  if (!window.confirm(t().resetAsk)) return;
  await call("POST", "reset");
  await refresh();
});
refresh();
setInterval(refresh, 1000);
setInterval(tick, 250);
