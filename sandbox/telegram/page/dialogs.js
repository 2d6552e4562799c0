// Forms in one modal dialog, small menus, toasts.
import { el } from "./dom.js";
import { current, t } from "./texts.js";

const dialog = document.getElementById("dialog");

// fields: [{name, label, value, type, options, required}] -> values, or null when cancelled
export function ask(title, fields, confirm) {
  return new Promise((resolve) => {
    const inputs = fields.map((field) => field.options
      ? el("select", { name: field.name, testid: `field-${field.name}` }, field.options.map(([value, label]) =>
        el("option", { value, selected: value === field.value }, label)))
      : el("input", { name: field.name, value: field.value || "", type: field.type || "text", required: field.required,
        autocomplete: "off", testid: `field-${field.name}` }));
    const form = el("form", { method: "dialog" }, el("h2", {}, title),
      fields.map((field, index) => el("label", {}, field.label, inputs[index])),
      el("div", { class: "dialog-buttons" },
        el("button", { type: "button", class: "flat", onclick: () => dialog.close() }, t("cancel")),
        el("button", { class: "primary", testid: "dialog-ok" }, confirm)));
    let values = null;
    form.addEventListener("submit", () => { values = Object.fromEntries(new FormData(form)); });
    open(form, () => resolve(values));
  });
}

export function alertBox(text) {
  open(el("form", { method: "dialog" }, el("p", { class: "alert-text", testid: "alert" }, text),
    el("div", { class: "dialog-buttons" }, el("button", { class: "primary", testid: "alert-ok" }, t("ok")))), () => {});
}

function open(content, closed) {
  if (dialog.open) dialog.close();
  dialog.replaceChildren(content);
  dialog.addEventListener("close", closed, { once: true });
  dialog.showModal();
}

dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });

// items: [[label, action, testid]]; the menu closes by itself.
export function popup(anchor, items) {
  document.querySelector(".popup")?.remove();
  const menu = el("div", { class: "popup", role: "menu", testid: "popup" }, items.map(([label, action, testid]) =>
    el("button", { role: "menuitem", testid, onclick: () => { menu.remove(); action(); } }, label)));
  document.body.append(menu);
  const box = anchor.getBoundingClientRect ? anchor.getBoundingClientRect() : anchor;
  const below = box.top < innerHeight / 2 && box.bottom + menu.offsetHeight + 8 < innerHeight;
  menu.style.top = `${Math.max(8, below ? box.bottom + 4 : box.top - menu.offsetHeight - 4)}px`;
  menu.style.left = `${Math.max(8, Math.min(box.left, innerWidth - menu.offsetWidth - 8))}px`;
  setTimeout(() => addEventListener("click", (event) => { if (!menu.contains(event.target)) menu.remove(); }, { once: true }));
}

export function toast(host, text) {
  const node = el("div", { class: "toast", role: "status", testid: "toast" }, text);
  host.append(node);
  setTimeout(() => node.remove(), 4000);
}

export const languages = () => [["ru", "русский"], ["en", "English"]].sort(([code]) => (code === current() ? -1 : 1));
