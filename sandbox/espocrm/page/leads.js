"use strict";
// The list of leads: status and name can be changed as a person of the CRM.

function leadName(lead) {
  return [lead.firstName, lead.lastName].filter(Boolean).join(" ") || lead.accountName || t().noName;
}

function amountText(lead) {
  const { opportunityAmount: amount, opportunityAmountCurrency: currency } = lead;
  if (amount === null || amount === undefined) return "";
  return [Number(amount).toLocaleString(ui.lang), currency].filter(Boolean).join(" ");
}

// The lead that the address names, as EspoCRM's own links do: #Lead/view/<id>.
const wantedLead = () => /^#Lead\/view\/(\w+)$/.exec(location.hash)?.[1] || "";

function scrollToWanted() {
  const card = byId("leads").querySelector(".wanted");
  if (!card || ui.scrolledTo === wantedLead()) return;
  ui.scrolledTo = wantedLead();
  card.scrollIntoView({ block: "center" });
}

function nameForm(lead) {
  const draft = ui.nameDraft || { first: lead.firstName || "", last: lead.lastName || "" };
  const first = el("input", { value: draft.first, placeholder: t().firstName, test: "lead-first" });
  const last = el("input", { value: draft.last, placeholder: t().lastName, test: "lead-last" });
  const keep = () => { ui.nameDraft = { first: first.value, last: last.value }; };
  const done = () => { ui.editing = null; ui.nameDraft = null; renderLeads(); };
  const save = async (event) => {
    event.preventDefault();
    const body = { firstName: first.value, lastName: last.value, user: byId("person").value };
    const answer = await call("POST", `records/Lead/${lead.id}`, body);
    if (!answer.id) return;
    toast(t().saved);
    done();
    await refresh();
  };
  return el("form", { className: "name-form", onsubmit: save, oninput: keep }, first, last,
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
    lead.accountName ? el("span", { test: "lead-company", textContent: lead.accountName }) : null,
    amountText(lead) ? el("span", { test: "lead-amount", textContent: amountText(lead) }) : null,
    lead.source ? el("span", { className: "muted", test: "lead-source", textContent: t().sources[lead.source] || lead.source }) : null);
  const card = el("article", { className: lead.id === wantedLead() ? "card wanted" : "card", test: "lead-card" },
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
  scrollToWanted();
}
