"use strict";
// The side panels: sent webhooks, requests that came, and the switches of faults.

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
    const names = ui.state.customFields.includes(value) ? ui.state.customFields : [value, ...ui.state.customFields];
    return el("select", { name, test }, ...names.map((field) => el("option", { value: field, textContent: field, selected: field === value })));
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
  const draft = ui.drafts[kind] || {};
  const params = active ? active.params : Object.fromEntries(Object.entries(defaults).map(([name, value]) => [name, draft[name] ?? value]));
  const form = el("form", { className: "params" }, ...Object.entries(params).map(([name, value]) => {
    const input = paramInput(kind, name, value);
    return input.type === "hidden" ? input : el("label", {}, el("span", { textContent: t().params[name] }), input);
  }));
  if (!["key_revoked", "field_removed"].includes(kind)) {
    form.append(el("label", {}, el("span", { textContent: t().times }),
      el("input", { type: "number", name: "times", min: 1, step: 1, placeholder: "∞", title: t().always, value: (active ? active.left : draft.times) ?? "", test: `fault-${kind}-times` })));
  }
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => { ui.drafts[kind] = readParams(form); });
  form.addEventListener("change", async () => { if (active) await call("POST", "faults", { kind, ...readParams(form) }); });
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
