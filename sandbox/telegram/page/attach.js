// The attach menu: files, contact, location, sticker, a message written by somebody else.
import { ask, popup } from "./dialogs.js";
import { t } from "./texts.js";

const RED_SQUARE = { latitude: 55.7539, longitude: 37.6208 };
// A sticker is a small WebP picture; the emoji on it is what people see here.
const STICKER = [82, 73, 70, 70, 26, 0, 0, 0, 87, 69, 66, 80, 86, 80, 56, 76, 13, 0, 0, 0, 47, 0, 0, 0, 16, 7, 16, 17, 17, 136, 136, 254, 7, 0];

export function attachMenu(pane, anchor) {
  popup(anchor, [
    [t("file"), () => pick(pane, "document", ""), "attach-document"],
    [t("photo"), () => pick(pane, "photo", "image/*"), "attach-photo"],
    [t("voice"), () => pick(pane, "voice", "audio/*"), "attach-voice"],
    [t("contact"), () => sendContact(pane), "attach-contact"],
    [t("ownContact"), () => pane.act("share-contact", {}), "attach-own-contact"],
    [t("location"), () => pane.act("location", RED_SQUARE), "attach-location"],
    [t("sticker"), () => sendSticker(pane), "attach-sticker"],
    [t("forward"), () => forward(pane), "attach-forward"],
  ]);
}

function pick(pane, kind, accept) {
  pane.file.dataset.kind = kind;
  pane.file.accept = accept;
  pane.file.click();
}

export async function sendFile(pane) {
  const [file] = pane.file.files;
  if (file) await upload(pane, { kind: pane.file.dataset.kind || "document", caption: pane.input.value }, file);
  pane.file.value = "";
  pane.clear();
}

function upload(pane, fields, file) {
  const form = new FormData();
  for (const [name, value] of Object.entries({ ...fields, chat: pane.chatId })) form.append(name, value);
  form.append("file", file, file.name);
  return pane.act("media", form);
}

const sendSticker = (pane) =>
  upload(pane, { kind: "sticker", emoji: "👍" }, new File([new Uint8Array(STICKER)], "sticker.webp", { type: "image/webp" }));

async function sendContact(pane) {
  const values = await ask(t("contact"), [{ name: "first_name", label: t("name"), required: true },
    { name: "phone_number", label: t("phone"), value: "+7", required: true }], t("send"));
  if (values) pane.act("contact", values);
}

async function forward(pane) {
  const values = await ask(t("forward"), [{ name: "from_name", label: t("author"), required: true },
    { name: "text", label: t("text"), required: true }], t("send"));
  if (values) pane.act("forward", values);
}
